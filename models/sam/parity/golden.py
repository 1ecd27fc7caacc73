"""A file of golden arrays that remembers which of them were compared, and the outcome of comparisons."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.sam.errors import ModelError

RTOL = 1e-4
TINY_ATOL = 2e-5
FULLSIZE_ATOL = 1e-4
IOU_ATOL = 1e-5
EXACT = 0.0
# The sign of a logit nearer to 0 than this is up to the order in which a CPU adds; 10 times tighter than the
# tolerance of the logits. Measured for the 16 masks of vit_b on one machine: with two threads every area equals
# the stored one, with one thread two masks are off by 1 of 540,000 pixels, and in float64 eight are, by 1 or 2.
UNDECIDED_LOGIT = 1e-5


@dataclass(frozen=True)
class Check:
    """One comparison: largest absolute error, absolute tolerance (relative 1e-4 on top), verdict."""

    group: str
    key: str
    max_error: float
    tolerance: float
    passed: bool


class Golden:
    """Arrays of one .npz file; `compare` appends to `checks`, `unused` lists the arrays never read."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ModelError("parity.missing_file", f"there is no golden file {path}.")
        self._arrays = dict(np.load(path))
        self._read: set[str] = set()
        self.checks: list[Check] = []

    def __contains__(self, key: str) -> bool:
        return key in self._arrays

    def __getitem__(self, key: str) -> np.ndarray:
        self._read.add(key)
        return self._arrays[key]

    def find(self, key: str) -> np.ndarray | None:
        """The array, or None where the file has no such key."""
        return self[key] if key in self._arrays else None

    @property
    def keys(self) -> list[str]:
        """Names of all arrays."""
        return list(self._arrays)

    @property
    def cases(self) -> list[str]:
        """First parts of the keys that have a slash, in the file's order."""
        return list(dict.fromkeys(key.split("/")[0] for key in self._arrays if "/" in key))

    @property
    def unused(self) -> list[str]:
        """Arrays that were never read."""
        return sorted(set(self._arrays) - self._read)

    def tensor(self, key: str) -> torch.Tensor:
        """The array as a tensor."""
        return torch.from_numpy(self[key])

    def compare(self, group: str, key: str, actual: Any, tolerance: float) -> None:
        """Record how far `actual` (tensor or array) is from the array `key`.

        Shapes must agree apart from axes of length 1. Tolerance 0 means exact.
        """
        expected = self[key]
        answer = actual.detach().cpu().numpy() if isinstance(actual, torch.Tensor) else np.asarray(actual)
        self.checks.append(compare_arrays(group, key, answer, expected, tolerance))

    def compare_areas(self, group: str, key: str, logits_MHW: np.ndarray) -> None:
        """Record how many pixels the areas of masks `logits_MHW` > 0 are from the array `key`.

        The tolerance of each check is the number of its pixels with logits within `UNDECIDED_LOGIT` of 0.
        """
        for index, (logits, area) in enumerate(zip(logits_MHW, self[key], strict=True)):
            deviation = abs(int((logits > 0).sum()) - int(area))
            undecided = int((np.abs(logits) <= UNDECIDED_LOGIT).sum())
            self.checks.append(Check(group, f"{key}[{index}]", deviation, undecided, deviation <= undecided))

    def compare_packed_masks(self, group: str, key: str, masks: np.ndarray, logits: np.ndarray) -> None:
        """Record how many pixels of bool `masks` differ from the bits of array `key`; `logits` have their shape.

        The tolerance is the number of pixels with logits within `UNDECIDED_LOGIT` of 0, and only those may differ (one
        pixel does on some CPUs).
        """
        expected = np.unpackbits(self[key], count=masks.size).astype(bool).reshape(masks.shape)
        differs = masks != expected
        undecided = np.abs(logits) <= UNDECIDED_LOGIT
        passed = not (differs & ~undecided).any()
        self.checks.append(Check(group, key, float(differs.sum()), float(undecided.sum()), passed))


def compare_arrays(group: str, key: str, actual: np.ndarray, expected: np.ndarray, tolerance: float) -> Check:
    """The check of `actual` against `expected`; other shapes (apart from axes of length 1) never pass."""
    if np.squeeze(actual).shape != np.squeeze(expected).shape:
        return Check(group, key, float("inf"), tolerance, False)
    actual, expected = np.squeeze(actual).astype(np.float64), np.squeeze(expected).astype(np.float64)
    error = np.abs(actual - expected)
    allowed = tolerance + RTOL * np.abs(expected) if tolerance else np.zeros_like(error)
    return Check(group, key, float(error.max(initial=0.0)), tolerance, bool((error <= allowed).all()))
