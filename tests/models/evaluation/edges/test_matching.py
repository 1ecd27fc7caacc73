"""Which pixels correspond: by hand, against brute force, against scipy, and as pixels come and go."""

from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from models.sam.evaluation.edges.matching import GrowingMatching, candidate_pairs, matched, tolerance_pixels

# Time says nothing on a busy machine.
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SMALL = st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda size: st.tuples(hnp.arrays(bool, size), hnp.arrays(bool, size))
)
TOLERANCES = st.sampled_from([0.0, 1.0, 1.5, 2.0, 3.0])


def drawn(*rows: str) -> np.ndarray:
    return np.array([[sign == "#" for sign in row] for row in rows])


def pairs_found(predicted: np.ndarray, true: np.ndarray, tolerance: float) -> int:
    in_predicted, in_true = matched(predicted, true, tolerance)
    assert in_predicted.sum() == in_true.sum()
    assert not (in_predicted & ~predicted).any()
    assert not (in_true & ~true).any()
    return int(in_predicted.sum())


def most_pairs(predicted: np.ndarray, true: np.ndarray, tolerance: float) -> int:
    """By scipy."""
    firsts, seconds = candidate_pairs(predicted, true, tolerance)
    graph = csr_array((np.ones(len(firsts)), (firsts, seconds)), (int(predicted.sum()), int(true.sum())))
    if 0 in graph.shape:
        return 0
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


def test_the_tolerance_is_a_share_of_the_diagonal() -> None:
    assert tolerance_pixels((321, 481)) == pytest.approx(4.337, abs=1e-3)
    assert tolerance_pixels((3, 4), 0.5) == 2.5


def test_identical_maps_match_pixel_by_pixel_even_without_any_tolerance() -> None:
    lines = drawn("#..#", ".##.", "#...")
    for found in matched(lines, lines, 0):
        np.testing.assert_array_equal(found, lines)


@pytest.mark.parametrize(("shift", "pairs"), [(0, 1), (2, 1), (3, 0)])
def test_a_shifted_pixel_matches_up_to_the_tolerance_and_at_it(shift: int, pairs: int) -> None:
    predicted, true = np.zeros((5, 9), bool), np.zeros((5, 9), bool)
    predicted[2, 2], true[2, 2 + shift] = True, True
    assert pairs_found(predicted, true, 2.0) == pairs


def test_a_diagonal_distance_is_euclidean() -> None:
    predicted, true = drawn("#...", "....", "....", "...."), drawn("....", "....", "....", "...#")
    assert pairs_found(predicted, true, np.sqrt(18) + 1e-9) == 1
    assert pairs_found(predicted, true, 4.2) == 0


def test_of_two_predictions_for_one_true_pixel_the_first_that_came_is_paired() -> None:
    predicted, true = drawn("#.#"), drawn(".#.")
    assert pairs_found(predicted, true, 1) == 1
    for order in ([0, 1], [1, 0]):
        matching = GrowingMatching(predicted, true, 1)
        matching.add(order)
        assert np.flatnonzero(matching.is_matched).tolist() == order[:1]


def test_a_pair_makes_room_where_that_gives_more_of_them() -> None:
    # The left prediction reaches the left true pixel alone, the middle one both.
    predicted, true = drawn("#..#....."), drawn(".#...#...")
    matching = GrowingMatching(predicted, true, 2)
    matching.add([1])
    matching.add([0])
    assert matching.count == 2


def test_nothing_matches_an_empty_map() -> None:
    nothing, lines = np.zeros((3, 4), bool), np.ones((3, 4), bool)
    for pair in product((nothing, lines), repeat=2):
        assert pairs_found(*pair, 5.0) == (12 if pair[0].any() and pair[1].any() else 0)


def test_maps_of_different_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[2, 3\] and \[3, 2\]"):
        matched(np.zeros((2, 3), bool), np.zeros((3, 2), bool), 1)


@given(SMALL, TOLERANCES)
@RELAXED
def test_candidates_are_all_pixels_within_the_tolerance(
    maps: tuple[np.ndarray, np.ndarray], tolerance: float
) -> None:
    places, others = np.argwhere(maps[0]), np.argwhere(maps[1])
    expected = {
        (i, j)
        for i, place in enumerate(places)
        for j, other in enumerate(others)
        if np.hypot(*(place - other)) <= tolerance
    }
    firsts, seconds = candidate_pairs(*maps, tolerance)
    assert len(firsts) == len(expected)
    assert set(zip(firsts.tolist(), seconds.tolist(), strict=True)) == expected


@given(SMALL, TOLERANCES)
@RELAXED
def test_as_many_pairs_as_there_can_be(maps: tuple[np.ndarray, np.ndarray], tolerance: float) -> None:
    assert pairs_found(*maps, tolerance) == most_pairs(*maps, tolerance)


@given(SMALL, TOLERANCES)
@RELAXED
def test_it_does_not_matter_which_map_is_the_true_one(
    maps: tuple[np.ndarray, np.ndarray], tolerance: float
) -> None:
    count = pairs_found(*maps, tolerance)
    assert count == pairs_found(maps[1], maps[0], tolerance)
    assert count <= min(maps[0].sum(), maps[1].sum())


@given(SMALL)
@RELAXED
def test_a_larger_tolerance_never_takes_pairs_away(maps: tuple[np.ndarray, np.ndarray]) -> None:
    counts = [pairs_found(*maps, tolerance) for tolerance in (0, 1, 1.5, 2, 4, 10)]
    assert counts == sorted(counts)
    assert counts[-1] == min(maps[0].sum(), maps[1].sum())


@given(hnp.arrays(bool, (3, 3)), hnp.arrays(bool, (3, 3)), st.sampled_from([1.0, 1.5]))
@RELAXED
def test_brute_force_finds_no_more_pairs(predicted: np.ndarray, true: np.ndarray, tolerance: float) -> None:
    firsts, seconds = candidate_pairs(predicted, true, tolerance)
    pairs = sorted(zip(firsts.tolist(), seconds.tolist(), strict=True))

    @cache
    def most(first: int, taken: frozenset[int]) -> int:
        if first == predicted.sum():
            return 0
        partners = [other for one, other in pairs if one == first and other not in taken]
        return max([most(first + 1, taken), *(1 + most(first + 1, taken | {other}) for other in partners)])

    assert pairs_found(predicted, true, tolerance) == most(0, frozenset())


@given(SMALL, TOLERANCES, st.data())
@RELAXED
def test_the_matching_stays_largest_while_pixels_come_and_go(
    maps: tuple[np.ndarray, np.ndarray], tolerance: float, data: st.DataObject
) -> None:
    predicted, true = maps
    places = np.argwhere(predicted)
    matching = GrowingMatching(predicted, true, tolerance)
    there: set[int] = set()
    for _ in range(data.draw(st.integers(1, 8))):
        wanted = data.draw(st.sets(st.integers(0, max(len(places) - 1, 0)))) if len(places) else set()
        matching.remove(sorted(there - wanted))
        matching.add(data.draw(st.permutations(sorted(wanted - there))))
        there = wanted
        shown = np.zeros_like(predicted)
        shown[tuple(places[sorted(there)].T)] = True
        assert matching.count == matching.is_matched.sum() == most_pairs(shown, true, tolerance)
        assert matching.true_is_matched.sum() == matching.count
        assert set(np.flatnonzero(matching.is_matched).tolist()) <= there
