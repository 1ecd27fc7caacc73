"""COCO run-length encoding with numpy only: column-major runs that start with background, and the compressed string.

A record is `{"size": [height, width], "counts": str}` (compressed) or with a list of runs (uncompressed).
"""

from typing import Any

import numpy as np


def string_to_runs(counts: str | bytes) -> np.ndarray:
    """Run lengths (int64) of a compressed COCO string: 5 bits a character, sign extended, differences from the third on."""
    data = np.frombuffer(counts.encode("ascii") if isinstance(counts, str) else counts, np.uint8).astype(np.int64) - 48
    if data.size == 0:
        return np.zeros(0, np.int64)
    if data.min() < 0 or data.max() > 63 or data[-1] & 32:
        raise ValueError("not a compressed COCO run-length string")
    ends = np.flatnonzero((data & 32) == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    place = np.arange(data.size) - np.repeat(starts, ends - starts + 1)
    values = np.add.reduceat((data & 31) << (5 * place), starts)
    values -= np.where(data[ends] & 16, np.int64(1) << (5 * (ends - starts + 1)), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def runs_to_mask(runs: np.ndarray, height: int, width: int) -> np.ndarray:
    """Boolean mask [height, width] of column-major runs; ValueError if they do not fill it."""
    if (runs < 0).any() or int(runs.sum()) != height * width:
        raise ValueError(f"runs do not add up to {height} x {width} pixels")
    values = np.zeros(len(runs), bool)
    values[1::2] = True
    return np.repeat(values, runs).reshape(width, height).T


def record_runs(record: dict[str, Any]) -> np.ndarray:
    """Run lengths of a COCO record, compressed or not."""
    counts = record["counts"]
    return np.asarray(counts, np.int64) if isinstance(counts, list) else string_to_runs(counts)


def decode(record: dict[str, Any]) -> np.ndarray:
    """Boolean mask [height, width] of a COCO record."""
    height, width = record["size"]
    return runs_to_mask(record_runs(record), height, width)
