"""COCO run-length encoding in numpy: column-major runs, the first one of zeros; compressed form as in
pycocotools.

An RLE is `{"size": [h, w], "counts": ...}` with counts a list of runs or COCO's compressed string. The string
holds each run as the difference to the run two before it (from the fourth run on), in little-endian groups of
five bits with a continuation bit, plus 48 to be printable.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import numpy as np


class Rle(TypedDict):
    """A compressed RLE: size [h, w] and COCO's string."""

    size: list[int]
    counts: str


def encode(mask: np.ndarray) -> Rle:
    """Compressed RLE of a mask [H, W]; everything non-zero is foreground."""
    return {"size": [int(side) for side in mask.shape], "counts": runs_to_string(mask_to_runs(mask))}


def decode(rle: Mapping[str, Any]) -> np.ndarray:
    """Mask [H, W], bool, in column-major memory. Accepts strings, bytes and lists of runs.

    ValueError if the counts are malformed or do not fill the size.
    """
    height, width = rle["size"]
    return runs_to_mask(runs_of(rle), (int(height), int(width)))


def compressed(rle: Mapping[str, Any]) -> Rle:
    """The same mask with COCO's string, however its counts are given. ValueError if they are malformed."""
    return {"size": [int(side) for side in rle["size"]], "counts": runs_to_string(runs_of(rle))}


def area(rle: Mapping[str, Any]) -> int:
    """Number of foreground pixels, without decoding."""
    return int(runs_of(rle)[1::2].sum())


def mask_to_runs(mask: np.ndarray) -> np.ndarray:
    """Runs int64 [n] of a mask [H, W], column-major, starting with zeros (that run may be 0 long)."""
    if mask.ndim != 2:
        raise ValueError(f"a mask must be [H, W], not {list(mask.shape)}")
    pixels = np.asarray(mask, dtype=bool).ravel(order="F")
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    edges = np.concatenate([[0], changes, [pixels.size]])
    runs = np.diff(edges)
    return np.concatenate([[0], runs]) if pixels.size and pixels[0] else runs


def runs_to_mask(runs: Sequence[int] | np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Mask [H, W] of `size`, bool, in column-major memory; ValueError if the runs do not fill it."""
    runs = np.asarray(runs, dtype=np.int64)
    height, width = size
    if (runs < 0).any() or int(runs.sum()) != height * width:
        raise ValueError(f"the runs cover {int(runs.sum())} pixels, the mask has {height} x {width}")
    values = np.arange(runs.size) % 2 == 1
    return np.repeat(values, runs).reshape(width, height).T


def runs_to_string(runs: Sequence[int] | np.ndarray) -> str:
    """COCO's compressed string of runs [n]."""
    values = np.array(runs, dtype=np.int64)
    values[3:] -= np.asarray(runs, dtype=np.int64)[1:-2]
    groups: list[np.ndarray] = []
    used: list[np.ndarray] = []
    open_ = np.ones(values.size, dtype=bool)
    while open_.any():
        low = values & 31
        values = values >> 5
        # A group is the last when the rest is only its sign bit repeated.
        more = np.where(low & 16, values != -1, values != 0)
        groups.append(low + 32 * more + 48)
        used.append(open_)
        open_ = open_ & more
    if not groups:
        return ""
    characters = np.stack(groups, axis=1)[np.stack(used, axis=1)]
    return characters.astype(np.uint8).tobytes().decode("ascii")


def string_to_runs(counts: str | bytes) -> np.ndarray:
    """Runs int64 [n] of COCO's compressed string; ValueError if it is cut off or holds other characters."""
    raw = counts.encode() if isinstance(counts, str) else counts
    codes = np.frombuffer(raw, dtype=np.uint8).astype(np.int64) - 48
    if codes.size == 0:
        return np.zeros(0, dtype=np.int64)
    if codes.min() < 0 or codes.max() > 63:
        raise ValueError("an RLE string holds only the characters '0' to 'o'")
    last = codes & 32 == 0
    if not last[-1]:
        raise ValueError("the RLE string is cut off within a number")
    ends = np.flatnonzero(last)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > 12:
        raise ValueError("the RLE string holds a number above 60 bits")
    shift = 5 * (np.arange(codes.size) - np.repeat(starts, lengths))
    values = np.add.reduceat((codes & 31) << shift, starts)
    values -= ((codes[ends] & 16) > 0).astype(np.int64) << (5 * lengths)
    # Runs 1, 3, 5... and 2, 4, 6... are each a chain of differences; run 0 stands alone.
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    if (values < 0).any():
        raise ValueError("the RLE string holds a negative run")
    return values


def runs_of(rle: Mapping[str, Any]) -> np.ndarray:
    """Runs int64 [n] of an RLE in either form; ValueError if its string is malformed."""
    counts = rle["counts"]
    if isinstance(counts, (str, bytes)):
        return string_to_runs(counts)
    return np.asarray(counts, dtype=np.int64)
