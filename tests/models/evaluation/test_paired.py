"""The interval of the difference of two models, against figures worked out by hand and by others."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from models.sam.evaluation.paired import Difference, paired_difference


def test_a_mask_an_image_is_the_paired_t_test() -> None:
    rng = np.random.default_rng(3)
    before, after = rng.random(9), rng.random(9)
    found = paired_difference(before[:, None].tolist(), after[:, None].tolist())
    theirs = ttest_rel(after, before).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-5)
    assert (found.mean, found.images) == (pytest.approx((after - before).mean(), abs=1e-5), 9)


def test_masks_of_one_image_are_no_independent_cases() -> None:
    # Differences .1 .1 | .3 .3: mean .2, sums of deviations -.2 and .2, error sqrt(2 / 1 * .08) / 4 = .1; t(1) = 12.706.
    found = paired_difference([[0.5, 0.5], [0.2, 0.6]], [[0.6, 0.6], [0.5, 0.9]])
    assert found == Difference(
        0.2, pytest.approx(0.2 - 1.27062, abs=1e-5), pytest.approx(1.47062, abs=1e-5), 2
    )
    # More masks of the same two images make nobody surer.
    more = paired_difference([[0.5] * 40, [0.2] * 40], [[0.6] * 40, [0.5] * 40])
    assert more.high == found.high


def test_the_mean_is_over_masks_and_images_without_any_do_not_count() -> None:
    found = paired_difference([[0.0], [0.0] * 3, []], [[0.4], [0.2] * 3, []])
    assert (found.mean, found.images) == (0.25, 2)


def test_a_model_compared_with_itself_differs_by_nothing() -> None:
    values = [[0.3, 0.5], [0.7]]
    assert paired_difference(values, values) == Difference(0.0, 0.0, 0.0, 2)


def test_one_image_gives_no_interval() -> None:
    assert paired_difference([[0.3, 0.5]], [[0.4, 0.7]]) == Difference(0.15, None, None, 1)


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        shifts = 0.05 + rng.normal(0, 0.1, 12)
        after = [(shift + rng.normal(0, 0.05, rng.integers(3, 8))).tolist() for shift in shifts]
        found = paired_difference([[0.0] * len(values) for values in after], after)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.05 <= found.high
    assert 0.92 < held / 400 < 0.98


@pytest.mark.parametrize("after", [[[0.1]], [[0.1, 0.2], [0.3]]])
def test_other_masks_are_refused(after: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="same masks"):
        paired_difference([[0.1], [0.2]], after)


def test_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no mask"):
        paired_difference([[]], [[]])
