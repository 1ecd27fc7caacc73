"""How well predicted IoUs (spec section 4, item 6) rank masks and how far they can be trusted.

Arrays of predicted and true IoU go in, plain values ready for JSON come out. Not for drawing and not for choosing masks.
"""

from typing import Any

import numpy as np
from scipy.stats import spearmanr

CONFIDENT = 0.88  # filter on the predicted IoU of automatic mask generation (SAM paper, appendix B)
BINS = 10


def rank_correlation(predicted: np.ndarray, true: np.ndarray) -> float | None:
    """Spearman's rank correlation of two arrays [N], ties sharing their mean rank; in [-1, 1].

    None where it is undefined: fewer than two values, or all values of one array equal.
    """
    if len(predicted) < 2 or np.ptp(predicted) == 0 or np.ptp(true) == 0:
        return None
    return round(float(spearmanr(predicted, true).statistic), 4)


def confident_masks(predicted: np.ndarray, true: np.ndarray, threshold: float = CONFIDENT) -> dict[str, Any]:
    """What the filter "predicted IoU > threshold" lets through, of arrays [N].

    `share` of all masks lie above; `true_share` of those have a true IoU above it too, and `mean_true_iou`. The
    last two are None where nothing passes, `share` where there is no mask.
    """
    above = predicted > threshold
    passed = true[above]
    return {
        "threshold": threshold,
        "candidates": len(predicted),
        "share": _mean(above),
        "true_share": _mean(passed > threshold),
        "mean_true_iou": _mean(passed),
    }


def reliability(predicted: np.ndarray, true: np.ndarray, bins: int = BINS) -> list[dict[str, Any]]:
    """Mean predicted and mean true IoU of arrays [N] per bin [low, high) of the predicted one, equally wide in [0, 1].

    The head has no sigmoid: predictions below 0 count in the first bin, those of 1 and more in the last. The
    means of an empty bin are None.
    """
    bin_of = np.clip(np.floor(predicted * bins), 0, bins - 1).astype(int)
    return [
        {
            "low": round(index / bins, 4),
            "high": round((index + 1) / bins, 4),
            "count": int((bin_of == index).sum()),
            "mean_predicted": _mean(predicted[bin_of == index]),
            "mean_true": _mean(true[bin_of == index]),
        }
        for index in range(bins)
    ]


def top_is_best(predicted: np.ndarray, true: np.ndarray) -> float | None:
    """Share of rows of arrays [N, M] whose highest prediction lies on a mask of the highest true IoU.

    By chance 1/M, and more where masks tie (three empty ones, say). None without rows.
    """
    rows = np.arange(len(predicted))
    if not len(rows):
        return None
    return _mean(true[rows, predicted.argmax(axis=1)] == true.max(axis=1))


def _mean(values: np.ndarray) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None
