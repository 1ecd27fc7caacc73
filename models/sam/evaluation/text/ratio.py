"""How many times better one mean is than another, with an interval over images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Ratio:
    """Of two means, and the ends of its interval; None where the second is 0, or there is one image alone."""

    value: float | None
    low: float | None
    high: float | None


def ratio_of_means(
    above: Sequence[Sequence[float]], below: Sequence[Sequence[float]], seed: int = 0
) -> Ratio:
    """Values of each image, above and below the line, as many of both. Cases of one image are no independent ones: the
    interval is the percentile bootstrap's over images (Efron and Tibshirani, 1993, chapter 13)."""
    sums = np.array([[sum(one), sum(other)] for one, other in zip(above, below, strict=True)]).reshape(-1, 2)
    total = sums.sum(axis=0)
    if not len(sums) or total[1] <= 0:
        return Ratio(None, None, None)
    value = round(float(total[0] / total[1]), 3)
    if len(sums) == 1:
        return Ratio(value, None, None)
    drawn = np.random.default_rng(seed).integers(len(sums), size=(RESAMPLES, len(sums)))
    resampled = sums[drawn].sum(axis=1)
    # A resample with nothing below the line is above any bound.
    ratios = np.where(resampled[:, 1] > 0, resampled[:, 0] / np.maximum(resampled[:, 1], 1e-12), np.inf)
    rest = (1 - CONFIDENCE) / 2
    low, high = np.quantile(ratios, [rest, 1 - rest], method="nearest")
    return Ratio(value, round(float(low), 3), round(float(high), 3) if np.isfinite(high) else None)
