"""Counts of drawn maps, and figures computed by hand."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.sam.evaluation.edges.benchmark import (
    Counts,
    average_precision,
    counts_of,
    figures_of,
    recall_at,
    thresholds,
)
from models.sam.evaluation.edges.matching import matched, tolerance_pixels
from models.sam.evaluation.edges.thinning import thin

# Time says nothing on a busy machine.
RELAXED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

LINE = np.zeros((40, 60), bool)
LINE[20, 5:55] = True


def counts(right: list[int], predicted: list[int], found: list[int], true: int) -> Counts:
    return Counts(*(np.array(column) for column in (right, predicted, found, [true] * len(right))))


# Two images, three thresholds. Added up: precision 20/60, 18/20, 4/4 and recall 20/30, 18/30, 4/30.
FIRST = counts([12, 11, 0], [20, 12, 0], [12, 11, 0], 12)
SECOND = counts([8, 7, 4], [40, 8, 4], [8, 7, 4], 18)


def test_thresholds_are_those_of_the_benchmark() -> None:
    levels = thresholds()
    assert len(levels) == 99
    np.testing.assert_allclose(levels[[0, 49, 98]], [0.01, 0.5, 0.99])
    np.testing.assert_allclose(thresholds(3), [0.25, 0.5, 0.75])


def test_a_perfect_map_has_precision_and_recall_1_at_every_threshold() -> None:
    found = counts_of(LINE.astype(np.float32), [LINE, LINE])
    assert (found.precision == 1).all()
    assert (found.recall == 1).all()
    assert figures_of([found]).ods == figures_of([found]).ois == 1


def test_a_prediction_is_right_by_any_annotator_and_recall_is_over_all() -> None:
    other = np.zeros_like(LINE)
    other[5, 5:55] = True
    predicted = LINE.astype(np.float32)
    found = counts_of(predicted, [LINE, other], thresholds(1))
    assert (found.right[0], found.predicted[0], found.found[0], found.true[0]) == (50, 50, 50, 100)
    assert found.f_measure[0] == pytest.approx(2 / 3)


def test_what_is_weaker_than_a_threshold_does_not_count_there() -> None:
    soft = 0.3 * LINE.astype(np.float32)
    soft[20, 5:30] = 0.8
    found = counts_of(soft, [LINE], np.array([0.2, 0.3, 0.5, 0.9]))
    # 0.3 in single precision is a hair above 0.3, so that it reaches the threshold.
    assert found.predicted.tolist() == [50, 50, 25, 0]
    assert found.found.tolist() == [50, 50, 25, 0]


def test_a_thick_prediction_is_thinned_before_it_is_matched() -> None:
    thick = np.zeros(LINE.shape, np.float32)
    thick[18:23, 5:55] = 1
    found = counts_of(thick, [LINE], np.array([0.5]))
    assert 45 <= found.predicted[0] <= 50
    assert found.precision[0] == 1


def test_a_map_without_edges_and_people_without_lines_give_zeros() -> None:
    nothing = np.zeros(LINE.shape)
    assert figures_of([counts_of(nothing, [LINE])]).ods == 0
    empty = counts_of(LINE.astype(np.float32), [nothing.astype(bool)])
    assert (empty.precision[0], empty.recall[0]) == (0, 0)
    assert figures_of([counts_of(LINE.astype(np.float32), [])]).average_precision == 0


@given(
    hnp.arrays(np.float64, (9, 11), elements=st.sampled_from([0, 0.1, 0.3, 0.6, 0.9])),
    st.lists(hnp.arrays(bool, (9, 11)), min_size=1, max_size=3),
)
@RELAXED
def test_each_threshold_counts_as_if_it_were_alone(soft: np.ndarray, annotators: list[np.ndarray]) -> None:
    levels = np.array([0.05, 0.2, 0.5, 0.8])
    found = counts_of(soft, annotators, levels, tolerance=0.15)
    for index, level in enumerate(levels):
        predicted = thin(soft >= level)
        reach = tolerance_pixels((9, 11), 0.15)
        pairs = [int(matched(predicted, true, reach)[1].sum()) for true in annotators]
        assert found.predicted[index] == predicted.sum()
        assert found.found[index] == sum(pairs)
        assert max(pairs) <= found.right[index] <= min(predicted.sum(), sum(pairs))
    assert (found.true == sum(int(true.sum()) for true in annotators)).all()


def test_figures_of_two_images_by_hand() -> None:
    figures = figures_of([FIRST, SECOND])
    # The second threshold: P .9, R .6. Each image's best is the second, too: F 22/24 and 14/26.
    assert figures.threshold == 1
    assert figures.ods == pytest.approx(2 * 0.9 * 0.6 / 1.5)
    assert figures.ois == pytest.approx(2 * 0.9 * 0.6 / 1.5)


def test_each_image_may_have_a_best_threshold_of_its_own() -> None:
    # F of the first is best at the first threshold, 1, of the second at the last, 2 * 1 * .5 / 1.5.
    first = counts([10, 4, 0], [10, 4, 0], [10, 4, 0], 10)
    second = counts([10, 5, 5], [100, 25, 5], [10, 5, 5], 10)
    figures = figures_of([first, second])
    assert figures.ois == pytest.approx(2 * 1 * 0.75 / 1.75)
    assert figures.ods == pytest.approx(max(2 * 20 / 130, 2 * 9 / 49, 2 * 5 / 25))


def test_average_precision_by_hand() -> None:
    # Recall 4/30 to 20/30 is sampled at .14 to .66; precision falls from 1 over .9 at .6 to 1/3 at 2/3.
    total = Counts.total([FIRST, SECOND])
    at = np.arange(14, 67) / 100
    from_1 = 1 - 0.1 * (at - 4 / 30) / (18 / 30 - 4 / 30)
    from_2 = 0.9 - (0.9 - 1 / 3) * (at - 0.6) / (20 / 30 - 0.6)
    expected = np.where(at <= 0.6, from_1, from_2).sum() / 100
    assert average_precision(total) == pytest.approx(expected)
    assert figures_of([FIRST, SECOND]).average_precision == pytest.approx(expected)


def test_recall_at_half_precision_by_hand() -> None:
    # Between precision .9 at recall .6 and 1/3 at 2/3.
    total = Counts.total([FIRST, SECOND])
    expected = 0.6 + (20 / 30 - 0.6) * (0.9 - 0.5) / (0.9 - 1 / 3)
    assert recall_at(total, 0.5) == pytest.approx(expected)
    assert figures_of([FIRST, SECOND]).recall_at_half == pytest.approx(expected)
    assert recall_at(counts([1, 1], [9, 8], [1, 1], 10), 0.5) == 0
    assert recall_at(counts([9, 8], [10, 8], [9, 8], 10), 0.5) == 0.9


def test_counts_survive_json_and_none_cannot_be_added_up() -> None:
    again = Counts.from_lists(json.loads(json.dumps(FIRST.as_lists())))
    np.testing.assert_array_equal(again.right, FIRST.right)
    np.testing.assert_array_equal(again.true, FIRST.true)
    with pytest.raises(ValueError, match="no counts"):
        figures_of([])
