"""Non-maximum suppression of boxes."""

import numpy as np


def suppress(boxes_xyxy: np.ndarray, scores: np.ndarray, threshold: float) -> np.ndarray:
    """Numbers int64 [k] of the boxes that stay, best score first; of equal scores the earlier one comes first.

    boxes [n, 4], scores [n]. A box goes if its IoU with a better one that stays is above `threshold`. Width and height
    are differences of corners, and IoUs are float32, as in torchvision: an exact tie with the threshold is decided by
    rounding, which must be the same. Boxes without area suppress nothing.
    """
    boxes = np.asarray(boxes_xyxy, np.float32)
    left, top, right, bottom = boxes.T
    areas = (right - left) * (bottom - top)
    rest = np.argsort(-np.asarray(scores), kind="stable")
    kept = []
    while rest.size:
        best, rest = rest[0], rest[1:]
        kept.append(best)
        widths = np.minimum(right[best], right[rest]) - np.maximum(left[best], left[rest])
        heights = np.minimum(bottom[best], bottom[rest]) - np.maximum(top[best], top[rest])
        shared = np.maximum(widths, 0) * np.maximum(heights, 0)
        union = areas[best] + areas[rest] - shared
        ious = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
        rest = rest[ious.astype(np.float64) <= threshold]
    return np.array(kept, dtype=np.int64)
