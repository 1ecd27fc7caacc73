"""Masks that passed the filters of their crop, as arrays side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Candidates:
    """n masks of a photograph, as runs (`rle.mask_to_runs`) of all of it.

    boxes XYXY int64 [n, 4], inclusive; iou_predictions and stability_scores float32 [n]; points [n, 2]; crops XYXY int64
    [n, 4]. All in the photograph's frame.
    """

    runs: list[np.ndarray]
    boxes: np.ndarray
    iou_predictions: np.ndarray
    stability_scores: np.ndarray
    points: np.ndarray
    crops: np.ndarray

    @property
    def count(self) -> int:
        """n."""
        return len(self.runs)

    def chosen(self, numbers: np.ndarray) -> "Candidates":
        """Those with these numbers, in this order."""
        return Candidates(
            [self.runs[number] for number in numbers],
            self.boxes[numbers],
            self.iou_predictions[numbers],
            self.stability_scores[numbers],
            self.points[numbers],
            self.crops[numbers],
        )

    @staticmethod
    def joined(parts: "Sequence[Candidates]") -> "Candidates":
        """All of them, one after the other."""
        parts = [NOTHING, *parts]
        return Candidates(
            [runs for part in parts for runs in part.runs],
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.iou_predictions for part in parts]),
            np.concatenate([part.stability_scores for part in parts]),
            np.concatenate([part.points for part in parts]),
            np.concatenate([part.crops for part in parts]),
        )


NOTHING = Candidates(
    [],
    np.zeros((0, 4), np.int64),
    np.zeros(0, np.float32),
    np.zeros(0, np.float32),
    np.zeros((0, 2)),
    np.zeros((0, 4), np.int64),
)
