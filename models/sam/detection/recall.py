"""How many of the things a detector's boxes find: average recall (COCO's AR, without classes)."""

from collections.abc import Sequence

import numpy as np

THRESHOLDS = np.arange(50, 100, 5) / 100


def average_recall(
    found: Sequence[np.ndarray], truths: Sequence[np.ndarray], limit: int, thresholds: np.ndarray = THRESHOLDS
) -> float:
    """Mean over the IoU thresholds of the share of true boxes that are found by the first `limit` boxes of their image.

    found, truths: per image boxes XYXY [n, 4], those found the best first. A box finds the thing it overlaps most of
    those that no better one has found. NaN where there is no thing.
    """
    total = sum(len(boxes) for boxes in truths)
    if total == 0:
        return float("nan")
    hits = np.zeros(len(thresholds))
    for boxes, true in zip(found, truths, strict=True):
        ious = box_ious(boxes[:limit], true)
        hits += [_matched(ious, threshold) for threshold in thresholds]
    return float(np.mean(hits / total))


def _matched(ious: np.ndarray, threshold: float) -> int:
    free = np.ones(ious.shape[1], bool)
    for row in ious:
        candidates = np.where(free, row, -1.0)
        if candidates.size and candidates.max() >= threshold:
            free[candidates.argmax()] = False
    return int((~free).sum())


def box_ious(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """IoU [n, m] of boxes XYXY [n, 4] and [m, 4]."""
    first, second = np.asarray(boxes, np.float64)[:, None], np.asarray(others, np.float64)[None]
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared = np.clip(sides, 0, None).prod(axis=2)
    areas = [(one[..., 2:] - one[..., :2]).prod(axis=2) for one in (first, second)]
    return np.asarray(shared / np.maximum(areas[0] + areas[1] - shared, 1e-9))
