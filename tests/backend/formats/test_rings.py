"""Outlines of masks: nothing is lost on the way to rings and back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from skimage.measure import label

from backend.formats.rings import bridged, mask_parts, rings_fill

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=24), elements=st.booleans())


@given(MASKS)
@settings(deadline=None)
def test_one_bridged_ring_holds_every_pixel(mask: NDArray[np.bool_]) -> None:
    parts = mask_parts(mask)
    assert bool(parts) == mask.any()
    if parts:
        ring = bridged(parts)
        assert (rings_fill([ring.ravel()], height=mask.shape[0], width=mask.shape[1]) == mask).all()


@given(MASKS)
@settings(deadline=None)
def test_each_part_with_its_holes_is_what_hangs_together(mask: NDArray[np.bool_]) -> None:
    height, width = mask.shape
    known = label(mask, connectivity=1)
    parts = mask_parts(mask)
    assert len(parts) == known.max()
    left = mask.copy()
    for part in parts:
        pixels = rings_fill([bridged([part]).ravel()], height=height, width=width)
        assert (pixels == (known == known[pixels][0])).all()
        left &= ~pixels
    assert not left.any()


@given(MASKS)
@settings(deadline=None)
def test_corners_turn_and_stay_on_the_image(mask: NDArray[np.bool_]) -> None:
    for part in mask_parts(mask):
        for ring in (part.outer, *part.holes):
            assert (ring >= 0).all()
            assert (ring <= mask.shape[::-1]).all()
            sides = np.roll(ring, -1, 0) - ring
            # Level and upright by turns: no corner lies in the middle of a side.
            assert (sides[0::2, 1] == 0).all()
            assert (sides[0::2, 0] != 0).all()
            assert (sides[1::2, 0] == 0).all()
            assert (sides[1::2, 1] != 0).all()


def test_a_donut_is_one_part_clockwise_with_one_hole_anticlockwise() -> None:
    mask = np.zeros((5, 6), bool)
    mask[1:4, 1:5] = True
    mask[2, 2:4] = False
    [part] = mask_parts(mask)
    assert part.outer.tolist() == [[1, 1], [5, 1], [5, 4], [1, 4]]
    assert [hole.tolist() for hole in part.holes] == [[[4, 2], [2, 2], [2, 3], [4, 3]]]
