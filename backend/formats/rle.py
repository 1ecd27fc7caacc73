"""COCO's run-length encoding, checked by our own arithmetic before any C code sees it.

Column-major runs, background first. A compressed string is the runs as differences to the run two before (from the
fourth on), each in 5-bit groups, lowest first, offset by 48, with a continuation bit 0x20 and a sign in the last group
(COCO API, maskApi.c, rleToString / rleFrString).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from pycocotools import mask as coco_mask

from backend.common.errors import InvalidInput

# 7 groups carry 35 bits, more than any run of an image the server accepts.
_MAX_GROUPS: Final = 7


@dataclass(frozen=True)
class Region:
    """A checked mask: canonical counts, box (x, y, width, height) and area, in pixels."""

    counts: str
    bbox: tuple[int, int, int, int]
    area: int


def region_parse(counts: str, *, height: int, width: int) -> Region:
    """The mask these compressed counts describe on an image of height x width pixels.

    Raises InvalidInput `mask.rle_invalid` when they are no RLE of exactly that size, `mask.empty` without a pixel.
    """
    runs = _canonical(runs_decode(counts), height * width)
    if len(runs) < 2:
        raise InvalidInput("The mask has no pixel.", "mask.empty")
    packed = coco_mask.frPyObjects({"size": [height, width], "counts": runs.tolist()}, height, width)
    return Region(
        counts=packed["counts"].decode("ascii"), bbox=_bbox(runs, height), area=int(runs[1::2].sum())
    )


def runs_decode(counts: str) -> np.ndarray:
    """Run lengths as int64 [n], not yet checked against a size."""
    try:
        groups = np.frombuffer(counts.encode("ascii"), np.uint8).astype(np.int64) - 48
    except UnicodeEncodeError as error:
        raise _invalid("it holds characters no RLE has") from error
    if not len(groups):
        raise _invalid("it is empty")
    if ((groups < 0) | (groups > 63)).any():
        raise _invalid("it holds characters no RLE has")
    is_last = (groups & 0x20) == 0
    if not is_last[-1]:
        raise _invalid("it ends in the middle of a number")
    ends = np.flatnonzero(is_last)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    if lengths.max() > _MAX_GROUPS:
        raise _invalid("it holds a number that is too large")
    place = np.arange(len(groups)) - np.repeat(starts, lengths)
    numbers = np.add.reduceat((groups & 0x1F) << (5 * place), starts)
    is_negative = (groups[ends] & 0x10) != 0
    numbers[is_negative] -= np.int64(1) << (5 * lengths[is_negative])
    runs = numbers.copy()
    # Each run from the fourth on was stored as the difference to the run two before it.
    runs[1::2] = np.cumsum(numbers[1::2])
    runs[2::2] = np.cumsum(numbers[2::2])
    return runs


def _canonical(runs: np.ndarray, pixels: int) -> np.ndarray:
    """The runs without empty ones inside or at the end. Raises unless they cover exactly `pixels`."""
    if (runs < 0).any() or (runs > pixels).any():
        raise _invalid("it holds a run that does not fit the image")
    if int(runs.sum()) != pixels:
        raise _invalid(f"it covers {int(runs.sum())} pixels and the image has {pixels}")
    values = np.arange(len(runs)) & 1
    filled = runs > 0
    runs, values = runs[filled], values[filled]
    is_start = np.concatenate(([True], values[1:] != values[:-1]))
    merged: np.ndarray = np.add.reduceat(runs, np.flatnonzero(is_start))
    return np.concatenate(([0], merged)) if values[0] == 1 else merged


def _bbox(runs: np.ndarray, height: int) -> tuple[int, int, int, int]:
    """(x, y, width, height) of the foreground, from the runs alone: no picture is ever unpacked."""
    ends = np.cumsum(runs)
    first, last = ends[0::2][: len(runs) // 2], ends[1::2] - 1
    left, right = int((first // height).min()), int((last // height).max())
    # A run that crosses into the next column touches the bottom of one and the top of the other.
    is_crossing = first // height != last // height
    top = 0 if is_crossing.any() else int((first % height).min())
    bottom = height - 1 if is_crossing.any() else int((last % height).max())
    return left, top, right - left + 1, bottom - top + 1


def _invalid(reason: str) -> InvalidInput:
    return InvalidInput(f"The mask's counts cannot be read: {reason}.", "mask.rle_invalid")
