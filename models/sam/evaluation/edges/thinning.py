"""Soft edge maps and binary ones made a pixel wide.

Edges of a soft map are ridges, on which its own gradient vanishes: the direction across comes from second derivatives
of the smoothed map, as in the non-maximum suppression that is usual for learnt edges (Dollár and Zitnick, 2015), here
from the Hessian's eigenvector, which has no favourite axes. Where edges come from an image's gradient, as Canny's do,
that gradient is the direction.
"""

import numpy as np
from scipy import ndimage

SMOOTHING = 4  # radius of the triangle filter, pixels
MARGIN = 1.01  # neighbours may be so much stronger: a ridge two pixels wide keeps both, and thinning chooses


def suppress_non_maxima(edges: np.ndarray, across: np.ndarray, margin: float = MARGIN) -> np.ndarray:
    """The map [H, W] with zero wherever it is weaker than a pixel away along `across`, float32.

    `across`: unit vectors (y, x) [2, H, W], the sign of which is of no account. Neighbours are interpolated.
    """
    edges = edges.astype(np.float32)
    places = np.mgrid[: edges.shape[0], : edges.shape[1]].astype(np.float32)
    neighbours = [
        ndimage.map_coordinates(edges, places + sign * across, order=1, mode="nearest") for sign in (-1, 1)
    ]
    return np.where(edges * margin >= np.maximum(*neighbours), edges, 0)


def across_ridges(edges: np.ndarray, smoothing: int = SMOOTHING) -> np.ndarray:
    """Unit vectors (y, x) [2, H, W] across the ridges of a soft map [H, W]: along which its slope changes most.

    That falls on a ridge and rises at its foot, and is across it at both.
    """
    rising = np.arange(1, smoothing + 2)
    triangle = np.concatenate([rising, rising[-2::-1]]) / (smoothing + 1) ** 2
    smooth = edges.astype(np.float64)
    for axis in (0, 1):
        smooth = ndimage.convolve1d(smooth, triangle, axis, mode="reflect")
    by_y, by_x = np.gradient(smooth)
    (yy, yx), xx = np.gradient(by_y), np.gradient(by_x)[1]
    # The eigenvector of the larger eigenvalue, or at right angles to it where the other one is the stronger.
    angle = np.arctan2(2 * yx, xx - yy) / 2 + np.where(yy + xx < 0, np.pi / 2, 0)
    return np.stack([np.sin(angle), np.cos(angle)])


def thin_edges(edges: np.ndarray) -> np.ndarray:
    """A soft map [H, W] without what is beside its ridges, float32 (SAM paper, appendix D.2)."""
    return suppress_non_maxima(edges, across_ridges(edges))


def thin(mask: np.ndarray) -> np.ndarray:
    """A bool map [H, W] thinned to lines that keep their connections, bool.

    Parallel thinning in two passes that take turns until nothing changes (Guo and Hall, 1989, as Lam, Lee and Suen, 1992,
    give it, algorithm A1); the benchmark does so before it matches. Only pixels that are set are looked at.
    """
    width = mask.shape[1] + 2
    padded = np.pad(mask, 1).ravel().astype(np.uint8)
    places = np.flatnonzero(padded)
    steps = [
        1,
        1 - width,
        -width,
        -1 - width,
        -1,
        width - 1,
        width,
        width + 1,
    ]  # x1 (east) to x8, anticlockwise
    is_changing = True
    while is_changing:
        is_changing = False
        for goes in _GOES:
            around = np.zeros(len(places), np.uint8)
            for bit, step in enumerate(steps):
                around |= padded[places + step] << bit
            gone = goes[around]
            if gone.any():
                padded[places[gone]] = 0
                places = places[~gone]
                is_changing = True
    return padded.reshape(-1, width)[1:-1, 1:-1].astype(bool)


def _tables() -> tuple[np.ndarray, np.ndarray]:
    """Whether a pixel goes in the first and in the second pass, bool [256] by its neighbours x1 to x8 as bits 0 to 7."""
    x = [(np.arange(256) >> bit & 1).astype(bool) for bit in range(8)]
    x1, x2, x3, x4, x5, x6, x7, x8 = x
    odd, even, after = x[0::2], x[1::2], [*x[2::2], x1]
    crossings = sum(
        ((~a & (b | c)).astype(int) for a, b, c in zip(odd, even, after, strict=True)), np.zeros(256)
    )
    first = sum(((a | b).astype(int) for a, b in zip(odd, even, strict=True)), np.zeros(256))
    second = sum(((b | c).astype(int) for b, c in zip(even, after, strict=True)), np.zeros(256))
    sides = np.minimum(first, second)
    may_go = (crossings == 1) & (sides >= 2) & (sides <= 3)
    return may_go & ~((x2 | x3 | ~x8) & x1), may_go & ~((x6 | x7 | ~x4) & x5)


_GOES = _tables()
