"""Outlines of masks that lose no pixel: rings along the edges of pixels, and back.

Coordinates are corners of pixels, XY, so that the pixel in column x and row y is the square from (x, y) to (x+1, y+1).
An outline through the centres of pixels, as cv2.findContours gives it, loses half a pixel on each side.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

# int64 [n, 2]: corners of a ring, which is closed from the last to the first.
Ring = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """Pixels that hang together by their sides: what is around them, clockwise, and the holes, anticlockwise."""

    outer: Ring
    holes: tuple[Ring, ...] = ()


def mask_parts(mask: NDArray[np.bool_]) -> list[Part]:
    """The parts of a mask [H, W], the uppermost first."""
    outers: list[Ring] = []
    holes: list[Ring] = []
    for ring in _rings(mask):
        (outers if _doubled_area(ring) > 0 else holes).append(ring)
    holes_of: list[list[Ring]] = [[] for _ in outers]
    if holes:
        low = np.array([ring.min(0) for ring in outers])
        high = np.array([ring.max(0) for ring in outers])
        areas = np.array([_doubled_area(ring) for ring in outers])
        for hole in holes:
            holes_of[_owner(hole, outers, low, high, areas)].append(hole)
    return [Part(outer, tuple(own)) for outer, own in zip(outers, holes_of, strict=True)]


def bridged(parts: Sequence[Part]) -> Ring:
    """All parts with their holes as one ring, for formats in which an object is one ring. See `rings_joined`."""
    return rings_joined([ring for part in parts for ring in (part.outer, *part.holes)])


def rings_joined(rings: Sequence[Ring]) -> Ring:
    """One ring of several.

    They are joined by level and upright lines without a width, walked there and back, between their nearest corners.
    Whatever fills by the even-odd rule sees the same pixels.
    """
    joined, waiting = rings[0], list(rings[1:])
    while waiting:
        found = [_nearest(joined, ring) for ring in waiting]
        chosen = min(range(len(waiting)), key=lambda index: found[index][0])
        _, here, there = found[chosen]
        ring = waiting.pop(chosen)
        around = np.concatenate((ring[there:], ring[: there + 1]))
        turn = np.array([[ring[there, 0], joined[here, 1]]])
        joined = np.concatenate((joined[: here + 1], turn, around, turn, joined[here:]))
    return joined


def ring_inset(ring: Ring, *, units: int) -> Ring:
    """The ring in parts of a pixel, `units` to a side, each of its sides moved by one of them into the foreground."""
    sides = np.roll(ring, -1, 0) - ring
    # At each corner one of the two sides is level, the other upright.
    level, upright = np.sign(sides + np.roll(sides, 1, 0)).T
    return ring * units + np.stack((-upright, level), axis=1)


def ring_painted(ring: NDArray[np.float64], *, height: int, width: int) -> NDArray[np.bool_]:
    """The pixels [height, width] that lie under the level and upright sides of a ring [n, 2] within the picture: what
    readers fill besides its inside who round corners down to pixels and draw the outline, as cv2.fillPoly does."""
    x, y = np.floor(ring).astype(np.int64).T
    to_x, to_y = np.roll(x, -1), np.roll(y, -1)
    changes = np.zeros((2, height + 1, width + 1), np.int32)
    is_level = y == to_y
    left, right = np.minimum(x, to_x)[is_level], np.maximum(x, to_x)[is_level]
    np.add.at(changes[0], (y[is_level], left), 1)
    np.add.at(changes[0], (y[is_level], right + 1), -1)
    top, bottom = np.minimum(y, to_y)[~is_level], np.maximum(y, to_y)[~is_level]
    np.add.at(changes[1], (top, x[~is_level]), 1)
    np.add.at(changes[1], (bottom + 1, x[~is_level]), -1)
    painted = (changes[0].cumsum(1) > 0) | (changes[1].cumsum(0) > 0)
    return painted[:height, :width]


def rings_fill(rings: Iterable[Sequence[float]], *, height: int, width: int) -> NDArray[np.bool_]:
    """The pixels [height, width] within any of the rings, each flat [x, y, x, y, ...], as pycocotools fills them."""
    polygons = [list(ring) for ring in rings]
    if not polygons:
        return np.zeros((height, width), bool)
    packed = coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))
    return np.asarray(coco_mask.decode(packed), bool)


def _rings(mask: NDArray[np.bool_]) -> list[Ring]:
    """Every ring with the foreground on its right hand, the uppermost first."""
    padded = np.pad(mask, 1).astype(np.int8)
    # Sides between rows are walked to the right above the foreground (1), to the left below it (-1); those between
    # columns down on its right side (1), up on its left (-1).
    level = _Runs.of(np.diff(padded, axis=0)[:, 1:-1])
    upright = _Runs.of(-np.diff(padded, axis=1)[1:-1, :].T)
    stride = max(mask.shape) + 2
    level_from = level.start + level.line * stride
    level_to = level.end + level.line * stride
    upright_from = upright.line + upright.start * stride
    upright_to = upright.line + upright.end * stride
    # Where two pixels touch by a corner only, turning right stays with the pixel: from right to down, from left to up.
    down = _follow(level_to, level.sign, upright_from, upright.sign)
    across = _follow(upright_to, -upright.sign, level_from, level.sign)
    after = across[down].tolist()
    first = level_from.tolist()
    second = level_to.tolist()
    seen = [False] * len(after)
    rings = []
    for begin in range(len(after)):
        if seen[begin]:
            continue
        corners: list[int] = []
        run = begin
        while not seen[run]:
            seen[run] = True
            corners += (first[run], second[run])
            run = after[run]
        packed = np.array(corners)
        rings.append(np.stack((packed % stride, packed // stride), axis=1))
    return rings


@dataclass(frozen=True)
class _Runs:
    """Straight sides: on which line, from where to where in the direction in which they are walked, and that."""

    line: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    sign: NDArray[np.int64]

    @classmethod
    def of(cls, sides: NDArray[np.int8]) -> "_Runs":
        """Of sides [lines, places], 0 where there is none."""
        framed = np.pad(sides, ((0, 0), (1, 1)))
        changes = framed[:, 1:] != framed[:, :-1]
        begins = np.argwhere(changes & (framed[:, 1:] != 0))
        ends = np.argwhere(changes & (framed[:, :-1] != 0))
        sign = sides[begins[:, 0], begins[:, 1]].astype(np.int64)
        low, high = begins[:, 1], ends[:, 1]
        is_forward = sign > 0
        return cls(begins[:, 0], np.where(is_forward, low, high), np.where(is_forward, high, low), sign)


def _follow(
    arrives: NDArray[np.int64],
    wanted_sign: NDArray[np.int64],
    leaves: NDArray[np.int64],
    sign: NDArray[np.int64],
) -> NDArray[np.int64]:
    """For each side that arrives at a corner the one to go on with: in the wanted direction, else the only one."""
    keys = leaves * 2 + (sign > 0)
    order = np.argsort(keys)
    ordered = keys[order]
    wanted = arrives * 2 + (wanted_sign > 0)
    found = np.searchsorted(ordered, wanted)
    is_there = ordered[np.minimum(found, len(ordered) - 1)] == wanted
    other = np.searchsorted(ordered, wanted ^ 1)
    followed: NDArray[np.int64] = order[np.where(is_there, found, np.minimum(other, len(ordered) - 1))]
    return followed


def _doubled_area(ring: Ring) -> int:
    x, y = ring.T
    return int((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def _owner(
    hole: Ring,
    outers: list[Ring],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    areas: NDArray[np.int64],
) -> int:
    """The number of the smallest outer ring that is around the hole."""
    # The first side is a level one; the foreground is above it where it is walked to the left, below it otherwise.
    (x, y), (next_x, _) = hole[0].tolist(), hole[1].tolist()
    at = np.array([min(x, next_x), y if next_x > x else y - 1])
    around = np.flatnonzero((low <= at).all(1) & (high > at).all(1))
    for candidate in around[np.argsort(areas[around])]:
        xs, ys = outers[candidate].T
        to = np.roll(ys, -1)
        is_crossed = (xs > at[0]) & (np.minimum(ys, to) <= at[1]) & (at[1] < np.maximum(ys, to))
        if is_crossed.sum() % 2:
            return int(candidate)
    raise AssertionError("a hole without a part around it")


def _nearest(ring: Ring, other: Ring) -> tuple[int, int, int]:
    """(squared distance, corner of the ring, corner of the other) of the two that are nearest."""
    best = (np.iinfo(np.int64).max, 0, 0)
    # In pieces, so that two long outlines need no table of all their pairs.
    for begin in range(0, len(ring), 1024):
        apart = ((ring[begin : begin + 1024, None] - other[None]) ** 2).sum(2)
        place = int(apart.argmin())
        here, there = divmod(place, len(other))
        best = min(best, (int(apart[here, there]), begin + here, there))
    return best
