"""Specks and pinholes of masks (SAM paper, appendix B)."""

import numpy as np
from scipy import ndimage

_WITH_DIAGONALS = np.ones((3, 3), dtype=bool)


def fill_small_holes(mask: np.ndarray, area: int) -> tuple[np.ndarray, bool]:
    """The mask [H, W] with its holes below `area` pixels filled, and whether there were any."""
    labels, sizes = _regions(~mask)
    small = np.flatnonzero(sizes < area) + 1
    return (mask | np.isin(labels, small), True) if small.size else (mask, False)


def drop_small_islands(mask: np.ndarray, area: int) -> tuple[np.ndarray, bool]:
    """The mask [H, W] without its islands below `area` pixels, and whether there were any.

    Where all are small the largest stays, as in the published code; the paper drops the mask.
    """
    labels, sizes = _regions(mask)
    large = np.flatnonzero(sizes >= area) + 1
    if large.size == sizes.size:
        return mask, False
    return np.isin(labels, large if large.size else [sizes.argmax() + 1]), True


def _regions(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers [H, W], from 1, of the regions of True, 0 elsewhere, and the regions' sizes."""
    labels, count = ndimage.label(mask, _WITH_DIAGONALS)
    return labels, np.bincount(labels.ravel(), minlength=count + 1)[1:]
