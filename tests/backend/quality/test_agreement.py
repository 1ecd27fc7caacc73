"""Matching and merging by cases computed by hand, and by what must hold for any masks."""

import uuid

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backend.quality.agreement import Shape, agreement, matching
from backend.quality.merging import groups, is_kept, majority_label, majority_pixels
from tests.builders import encode_mask, rectangle

H, W = 12, 16


def shape(mask: np.ndarray, label: int | None = 1) -> Shape:
    return Shape(uuid.uuid4(), label, encode_mask(mask)["counts"])


def box(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    return rectangle(H, W, top, left, bottom, right)


def test_two_masks_of_one_object() -> None:
    """10 x 4 and 8 x 4 pixels, one inside the other: 32 / 40."""
    found = agreement([shape(box(0, 0, 10, 4))], [shape(box(0, 0, 8, 4))], height=H, width=W)
    assert (found.matched, found.mean_iou, found.f1) == (1, pytest.approx(0.8), 1.0)
    assert (found.precision, found.recall, found.label_agreement) == (1.0, 1.0, 1.0)


def test_what_has_less_than_half_in_common_is_no_match() -> None:
    """4 x 4 and 4 x 4 pixels that share 4 x 2: 8 / 24. At two thirds in common, 4 x 3 of 4 x 5: 12 / 20."""
    assert not agreement([shape(box(0, 0, 4, 4))], [shape(box(0, 2, 4, 6))], height=H, width=W).matches
    assert agreement([shape(box(0, 0, 4, 4))], [shape(box(0, 1, 4, 5))], height=H, width=W).matched == 1


def test_missed_and_invented_masks_count() -> None:
    truth = [shape(box(0, 0, 4, 4)), shape(box(0, 8, 4, 12)), shape(box(8, 0, 12, 4))]
    drawn = [shape(box(0, 0, 4, 4)), shape(box(8, 8, 12, 12))]
    found = agreement(truth, drawn, height=H, width=W)
    assert (found.matched, found.recall, found.precision) == (1, pytest.approx(1 / 3), 0.5)
    assert found.f1 == pytest.approx(2 / 5)
    assert found.mean_iou == 1.0


def test_labels_agree_among_the_matched_only() -> None:
    one = [shape(box(0, 0, 4, 4), 1), shape(box(0, 8, 4, 12), 2), shape(box(8, 0, 12, 4), None)]
    other = [shape(box(0, 0, 4, 4), 1), shape(box(0, 8, 4, 12), 1), shape(box(8, 8, 12, 12), 9)]
    assert agreement(one, other, height=H, width=W).label_agreement == 0.5


@pytest.mark.parametrize(("first", "second", "f1"), [(0, 0, 1.0), (0, 2, 0.0), (1, 0, 0.0)])
def test_of_no_masks_nothing_is_said_but_whether_both_have_none(first: int, second: int, f1: float) -> None:
    masks = [shape(box(0, 0, 2, 2)), shape(box(4, 4, 6, 6))]
    found = agreement(masks[:first], masks[:second], height=H, width=W)
    assert (found.f1, found.mean_iou, found.label_agreement) == (f1, None, None)


def test_the_best_assignment_is_found_where_a_greedy_one_is_worse() -> None:
    """Greedy takes 0.9 and is left with nothing; together 0.8 and 0.7 are more."""
    found = matching(np.array([[0.9, 0.8], [0.7, 0.1]]))
    assert [(match.first, match.second) for match in found] == [(0, 1), (1, 0)]


def test_a_worse_than_half_pair_takes_no_mask_from_a_good_one() -> None:
    """0.6 alone is worth more than 0.45 + 0.45, neither of which is a match."""
    assert [(match.first, match.second) for match in matching(np.array([[0.6, 0.45], [0.45, 0.0]]))] == [
        (0, 0)
    ]


MASKS = st.lists(arrays(bool, (H, W)).filter(lambda mask: bool(mask.any())), max_size=5)


@settings(max_examples=60, deadline=None)
@given(first=MASKS, second=MASKS)
def test_agreement_is_the_same_from_both_sides(first: list[np.ndarray], second: list[np.ndarray]) -> None:
    one, other = [shape(mask) for mask in first], [shape(mask) for mask in second]
    there = agreement(one, other, height=H, width=W)
    back = agreement(other, one, height=H, width=W)
    total = sum(match.iou for match in there.matches)
    assert total == pytest.approx(sum(match.iou for match in back.matches))
    if there.matched == back.matched:
        assert there.f1 == back.f1
        assert (there.precision, there.recall) == (back.recall, back.precision)
    assert len({match.first for match in there.matches}) == there.matched
    assert len({match.second for match in there.matches}) == there.matched


@settings(max_examples=60, deadline=None)
@given(masks=MASKS)
def test_a_set_agrees_with_itself(masks: list[np.ndarray]) -> None:
    shapes = [shape(mask) for mask in masks]
    found = agreement(shapes, list(reversed(shapes)), height=H, width=W)
    assert found.f1 == 1.0
    assert found.mean_iou == (1.0 if masks else None)


def test_matched_masks_are_one_group_and_of_one_person_never_two() -> None:
    a, b, c, d, lone = (uuid.UUID(int=number) for number in range(1, 6))
    authors = {a: 1, b: 2, c: 3, d: 1, lone: 2}
    found = groups(author_of=authors, pairs=[(a, b, 0.9), (b, c, 0.8), (c, d, 0.7)])
    assert [group.members for group in found] == [[a, b, c], [d], [lone]]
    assert found[0].mean_iou == pytest.approx(0.85)
    assert found[0].key == a


def test_what_half_of_the_annotators_drew_is_kept() -> None:
    (pair,) = groups(
        author_of={uuid.UUID(int=1): 1, uuid.UUID(int=2): 2},
        pairs=[(uuid.UUID(int=1), uuid.UUID(int=2), 1.0)],
    )
    assert [is_kept(pair, annotators=count) for count in (2, 3, 4, 5)] == [True, True, True, False]


def test_a_pixel_needs_more_than_half_of_the_masks() -> None:
    """Rows 0..9, 1..10 and 2..11: two of three have rows 1..10; of the first two both have rows 1..9."""
    masks = [box(0, 0, 10, 4), box(1, 0, 11, 4), box(2, 0, 12, 4)]
    counts = [encode_mask(mask)["counts"] for mask in masks]
    three = majority_pixels(counts, height=H, width=W)
    assert three == encode_mask(box(1, 0, 11, 4))["counts"]
    two = majority_pixels(counts[:2], height=H, width=W)
    assert two == encode_mask(box(1, 0, 10, 4))["counts"]
    # A tie of four is none: rows 0..9 twice, rows 2..11 twice.
    four = majority_pixels([counts[0], counts[0], counts[2], counts[2]], height=H, width=W)
    assert four == encode_mask(box(2, 0, 10, 4))["counts"]
    apart = [encode_mask(box(0, 0, 2, 2))["counts"], encode_mask(box(4, 4, 6, 6))["counts"]]
    assert majority_pixels(apart, height=H, width=W) is None


@settings(max_examples=100, deadline=None)
@given(masks=st.lists(arrays(bool, (H, W)).filter(lambda mask: bool(mask.any())), min_size=1, max_size=6))
def test_the_majority_from_runs_is_that_of_the_pixels(masks: list[np.ndarray]) -> None:
    found = majority_pixels([encode_mask(mask)["counts"] for mask in masks], height=H, width=W)
    expected = 2 * np.sum(masks, axis=0) > len(masks)
    assert found == (encode_mask(expected)["counts"] if expected.any() else None)


def test_the_label_of_most_is_taken_and_no_label_is_no_vote() -> None:
    mask = box(0, 0, 2, 2)
    assert majority_label([shape(mask, 1), shape(mask, 2), shape(mask, 2)]) == 2
    assert majority_label([shape(mask, 3), shape(mask, 2)]) == 3
    assert majority_label([shape(mask, None), shape(mask, None), shape(mask, 4)]) == 4
    assert majority_label([shape(mask, None)]) is None
