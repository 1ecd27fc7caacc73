"""Whether of two models, measured by the same masks, one is better: the difference with its interval.

Masks of one image are no independent cases: light, sharpness and what is on it are theirs together. So the error is that
of paired differences clustered by image (Miller, "Adding Error Bars to Evals", 2024, arXiv:2411.00640), with the
correction for few clusters and Student's t at one degree of freedom less than there are images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import t as students_t

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """After minus before: mean over masks, and the ends of its interval, None for a single image."""

    mean: float
    low: float | None
    high: float | None
    images: int


def paired_difference(before: Sequence[Sequence[float]], after: Sequence[Sequence[float]]) -> Difference:
    """The difference of two models' values, given for each image as those of its masks in the same order.

    ValueError where the two are not of the same masks, or there is none.
    """
    if [len(values) for values in before] != [len(values) for values in after]:
        raise ValueError("the two models were not measured by the same masks")
    pairs = zip(before, after, strict=True)
    images = [np.array(new, np.float64) - np.array(old, np.float64) for old, new in pairs if len(old)]
    if not images:
        raise ValueError("there is no mask to compare by")
    count, masks = len(images), sum(len(values) for values in images)
    mean = sum(float(values.sum()) for values in images) / masks
    if count == 1:
        return Difference(round(mean, 5), None, None, 1)
    squares = sum(float((values - mean).sum()) ** 2 for values in images)
    error = sqrt(count / (count - 1) * squares) / masks
    reach = float(students_t.ppf((1 + CONFIDENCE) / 2, count - 1)) * error
    return Difference(round(mean, 5), round(mean - reach, 5), round(mean + reach, 5), count)
