"""What the tools that work by hand should paint, said once more in NumPy: image pixels, sizes as (height, width)."""

from itertools import pairwise

import numpy as np


def stroke(size: tuple[int, int], radius: float, *path: tuple[float, float]) -> np.ndarray:
    """Boolean [H, W]: pixels whose centre is no further than `radius` from the path."""
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    near = np.zeros(size, bool)
    for a, b in pairwise(path):
        (ax, ay), (bx, by) = a, b
        length2 = (bx - ax) ** 2 + (by - ay) ** 2
        along = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / (length2 or 1), 0, 1)
        near |= np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)) <= radius
    return near


def polygon(size: tuple[int, int], *corners: tuple[float, float]) -> np.ndarray:
    """Boolean [H, W]: pixels whose centre is inside by the even-odd rule, or on an edge left of or above the inside."""
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    inside = np.zeros(size, bool)
    for (ax, ay), (bx, by) in pairwise([*corners, corners[0]]):
        if ax != bx:
            inside ^= ((ax <= x) != (bx <= x)) & (ay + (x - ax) * (by - ay) / (bx - ax) <= y)
    return inside


def rectangle(size: tuple[int, int], start: tuple[int, int], end: tuple[int, int]) -> np.ndarray:
    """Boolean [H, W]: what a drag between the middles of two pixels fills, as its corners are rounded to whole pixels."""
    (left, right), (top, bottom) = (sorted(pair) for pair in zip(start, end, strict=True))
    filled = np.zeros(size, bool)
    filled[top + 1 : bottom + 1, left + 1 : right + 1] = True
    return filled


def bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is true; the last two are outside."""
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
