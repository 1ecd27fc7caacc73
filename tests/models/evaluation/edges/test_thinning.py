"""Ridges a pixel wide: against scikit-image, and on shapes whose skeleton is plain."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from skimage.morphology import thin as thin_of_scikit_image

from models.sam.evaluation.edges.thinning import across_ridges, suppress_non_maxima, thin, thin_edges

# Time says nothing on a busy machine.
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MAPS = st.tuples(st.integers(1, 14), st.integers(1, 14)).flatmap(lambda size: hnp.arrays(bool, size))


def ridge(angle: float, width: float = 2.0, side: int = 61) -> np.ndarray:
    """A straight soft line through the middle, as wide, at `angle` from the columns' direction."""
    y, x = np.mgrid[:side, :side] - side // 2
    return np.exp(-(((x * np.cos(angle) + y * np.sin(angle)) / width) ** 2)).astype(np.float32)


@given(MAPS)
@RELAXED
def test_thinning_is_that_of_scikit_image(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(thin(mask), thin_of_scikit_image(mask))


@given(MAPS)
@RELAXED
def test_thinning_keeps_what_hangs_together_and_changes_nothing_the_second_time(mask: np.ndarray) -> None:
    thinned = thin(mask)
    assert not (thinned & ~mask).any()
    eight = np.ones((3, 3))
    assert ndimage.label(thinned, eight)[1] == ndimage.label(mask, eight)[1]
    np.testing.assert_array_equal(thin(thinned), thinned)


def test_a_bar_becomes_its_middle_line() -> None:
    bar = np.zeros((9, 30), bool)
    bar[3:6, 4:26] = True
    thinned = thin(bar)
    assert set(np.nonzero(thinned)[0]) == {4}
    assert thinned.sum() >= 20


@pytest.mark.parametrize("degrees", [0, 20, 45, 70, 90, 110, 135, 160])
def test_across_is_at_right_angles_to_a_line_in_any_direction(degrees: int) -> None:
    angle = np.radians(degrees)
    y, x = across_ridges(ridge(angle))[:, 30, 30]
    assert abs(x * np.cos(angle) + y * np.sin(angle)) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("degrees", [0, 20, 45, 70, 90, 135])
def test_a_soft_line_keeps_its_height_and_gets_a_pixel_wide(degrees: int) -> None:
    soft = ridge(np.radians(degrees))
    thinned = thin_edges(soft)
    inner = np.s_[10:-10, 10:-10]
    lines = thin(thinned > 0)[inner]
    # A line is as many pixels long as it crosses rows or columns, whichever are more.
    assert lines.any(axis=0 if degrees >= 45 else 1).all()
    assert lines.sum() <= 41 * 1.1
    assert soft[inner][lines].min() > 0.8
    np.testing.assert_array_equal(thinned[thinned > 0], soft[thinned > 0])


def test_a_flat_map_of_nothing_stays_one() -> None:
    assert not thin_edges(np.zeros((12, 9), np.float32)).any()


def test_suppression_looks_along_the_given_direction_alone() -> None:
    edges = np.tile(np.array([1, 3, 2, 5, 4], np.float32), (4, 1))
    down, right = np.zeros((2, 4, 5), np.float32), np.zeros((2, 4, 5), np.float32)
    down[0], right[1] = 1, 1
    np.testing.assert_array_equal(suppress_non_maxima(edges, down), edges)
    np.testing.assert_array_equal(suppress_non_maxima(edges, right)[2], [0, 3, 0, 5, 0])
    np.testing.assert_array_equal(suppress_non_maxima(edges, -right), suppress_non_maxima(edges, right))
