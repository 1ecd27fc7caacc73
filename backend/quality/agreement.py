"""How two sets of masks on one image agree. No rows, no requests: plain values in and out.

Masks of the two sets are matched one to one so that the sum of their IoU is the largest there is (the assignment
problem); pairs below the threshold count as no match. Greedy matching would be cheaper and depends on the order of the
masks.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

import numpy as np
from pycocotools import mask as coco_mask

# Less than half of the pixels in common, and two masks are not of the same object.
THRESHOLD: Final = 0.5


@dataclass(frozen=True)
class Shape:
    """A mask as it is compared: `counts` is COCO's compressed RLE."""

    id: uuid.UUID
    label_id: int | None
    counts: str


@dataclass(frozen=True)
class Match:
    """Places in the two sets, and the IoU of the two masks."""

    first: int
    second: int
    iou: float


@dataclass(frozen=True)
class Agreement:
    """`recall` is the share of the first set that is matched, `precision` that of the second; of two empty sets all is
    matched. `mean_iou` and `label_agreement` are over the matched pairs, None where there are none."""

    matches: list[Match]
    first_count: int
    second_count: int
    mean_iou: float | None
    label_agreement: float | None

    @property
    def matched(self) -> int:
        return len(self.matches)

    @property
    def precision(self) -> float:
        return self.matched / self.second_count if self.second_count else float(not self.first_count)

    @property
    def recall(self) -> float:
        return self.matched / self.first_count if self.first_count else float(not self.second_count)

    @property
    def f1(self) -> float:
        total = self.first_count + self.second_count
        return 2 * self.matched / total if total else 1.0


def agreement(
    first: Sequence[Shape], second: Sequence[Shape], *, height: int, width: int, threshold: float = THRESHOLD
) -> Agreement:
    """The agreement of two sets of masks on an image of height x width pixels."""
    matches = matching(ious(first, second, height=height, width=width), threshold=threshold)
    same = [first[match.first].label_id == second[match.second].label_id for match in matches]
    return Agreement(
        matches=matches,
        first_count=len(first),
        second_count=len(second),
        mean_iou=fmean(match.iou for match in matches) if matches else None,
        label_agreement=fmean(same) if matches else None,
    )


def ious(first: Sequence[Shape], second: Sequence[Shape], *, height: int, width: int) -> np.ndarray:
    """float64 [len(first), len(second)]: intersection over union of each with each."""
    if not first or not second:
        return np.zeros((len(first), len(second)))
    size = [height, width]
    # Neither set is a crowd: the union is that of both masks.
    found = coco_mask.iou(
        [{"size": size, "counts": shape.counts.encode()} for shape in second],
        [{"size": size, "counts": shape.counts.encode()} for shape in first],
        [0] * len(first),
    )
    return np.asarray(found, np.float64).T


def matching(found: np.ndarray, *, threshold: float = THRESHOLD) -> list[Match]:
    """The matched pairs of IoUs [n, m], in the order of the first set."""
    if not found.size:
        return []
    # Scipy takes a while to load, and most processes never match anything.
    from scipy.optimize import linear_sum_assignment

    # What would be no match must not take a mask away from one that is.
    worth = np.where(found >= threshold, found, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [
        Match(int(row), int(column), float(worth[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if worth[row, column] > 0
    ]
