"""Means with 95 % intervals, clustered by image.

Masks of one image are no independent cases: light, sharpness and what is on it are theirs together. So the error is that
of a mean clustered by image (Miller, "Adding Error Bars to Evals", 2024, arXiv:2411.00640), with the correction for few
clusters and Student's t at one degree of freedom less than there are images. `models.sam.evaluation.paired` does the same
for two models; a test compares the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over masks and how far its interval reaches to either side; None where a single image was measured."""

    mean: float
    reach: float | None
    masks: int
    images: int

    @property
    def low(self) -> float | None:
        return None if self.reach is None else self.mean - self.reach

    @property
    def high(self) -> float | None:
        return None if self.reach is None else self.mean + self.reach


def clustered_mean(
    values: Sequence[float] | np.ndarray, images: Sequence[int] | np.ndarray
) -> Interval | None:
    """The mean of masks' values, `images` naming the image of each; None for no mask."""
    numbers = np.asarray(values, np.float64)
    if len(numbers) == 0:
        return None
    mean = float(numbers.mean())
    reach, count = _reach((numbers - mean) / len(numbers), images)
    return Interval(mean, reach, len(numbers), count)


def clustered_difference(
    values: Sequence[float] | np.ndarray, images: Sequence[int] | np.ndarray, is_inside: np.ndarray
) -> Interval | None:
    """Mean of the masks inside (bool, one for each) minus that of all others; None where either side is empty.

    An image with masks on both sides is one cluster, so that what is common to them cancels. The degrees of freedom are
    those of the side with fewer images. `masks` and `images` are those inside.
    """
    numbers, inside = np.asarray(values, np.float64), np.asarray(is_inside, bool)
    keys = np.asarray(images)
    count = int(inside.sum())
    if count in (0, len(numbers)):
        return None
    sides = (inside, ~inside)
    means = [float(numbers[side].mean()) for side in sides]
    # What each mask moves the difference by.
    shares = np.where(inside, (numbers - means[0]) / count, (means[1] - numbers) / (len(numbers) - count))
    clusters = [len(np.unique(keys[side])) for side in sides]
    reach, _ = _reach(shares, keys, min(clusters))
    return Interval(means[0] - means[1], reach, count, clusters[0])


def _reach(
    shares: np.ndarray, images: Sequence[int] | np.ndarray, least: int | None = None
) -> tuple[float | None, int]:
    """Half the width of the interval of a sum of shares, clustered by image, and the number of images; `least`: how many
    images the degrees of freedom are counted by, where not all."""
    from scipy.special import stdtrit

    _, places = np.unique(np.asarray(images), return_inverse=True)
    sums = np.bincount(places, weights=shares)
    count = len(sums)
    degrees = (count if least is None else least) - 1
    if degrees < 1:
        return None, count
    error = sqrt(count / (count - 1) * float((sums**2).sum()))
    return float(stdtrit(degrees, (1 + CONFIDENCE) / 2)) * error, count
