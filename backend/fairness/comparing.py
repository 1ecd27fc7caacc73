"""What a report says of groups: how well each is segmented, how far from the rest that is, what people are warned of."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from backend.fairness.grouping import Grouping, Members
from backend.fairness.intervals import Interval, clustered_difference, clustered_mean
from backend.fairness.reading import Measured

# Smaller groups are shown and never warned about.
LEAST_MASKS: Final = 30
LEAST_IMAGES: Final = 5
# The widest gaps are told, the others counted.
MOST_WARNINGS: Final = 20
CLICKS: Final = (1, 3)


@dataclass(frozen=True)
class Group:
    key: str
    name: str
    phrase: str
    color: str | None
    score: Interval
    # To all other masks that were asked about; None where there are none.
    difference: Interval | None

    @property
    def is_small(self) -> bool:
        return self.score.masks < LEAST_MASKS or self.score.images < LEAST_IMAGES


@dataclass(frozen=True)
class Warned:
    """Two groups whose intervals do not overlap."""

    worse: Group
    better: Group
    text: str

    @property
    def gap(self) -> float:
        """Between the ends of the two intervals."""
        return (self.better.score.low or 0) - (self.worse.score.high or 0)


@dataclass(frozen=True)
class Comparison:
    clicks: int
    overall: Interval | None
    groups: list[Group]
    # How many pairs of groups were looked at, in how many of them intervals do not overlap, and the widest gaps.
    pairs: int
    differing: int
    warnings: list[Warned]


def compared(*, measured: Measured, grouping: Grouping, clicks: int) -> Comparison:
    """The groups by their masks' IoU after so many clicks, 1 or 3."""
    values = np.array([row.iou_1 if clicks == 1 else row.iou_3 for row in measured.rows], np.float64)
    images = np.array([row.image_id for row in measured.rows], np.int64)
    asked = grouping.is_asked
    groups = [
        group
        for members in grouping.members
        if (group := _group(members, values[asked], images[asked], members.is_member[asked]))
    ]
    pairs, warned = _warned(groups, clicks)
    return Comparison(
        clicks=clicks,
        overall=clustered_mean(values[asked], images[asked]),
        groups=groups,
        pairs=pairs,
        differing=len(warned),
        warnings=sorted(warned, key=lambda one: -one.gap)[:MOST_WARNINGS],
    )


def _group(members: Members, values: np.ndarray, images: np.ndarray, is_member: np.ndarray) -> Group | None:
    score = clustered_mean(values[is_member], images[is_member])
    if score is None:
        return None
    difference = clustered_difference(values, images, is_member)
    return Group(members.key, members.name, members.phrase, members.color, score, difference)


def _warned(groups: Sequence[Group], clicks: int) -> tuple[int, list[Warned]]:
    """(pairs looked at, those that differ)."""
    large = [group for group in groups if not group.is_small]
    found = []
    pairs = 0
    for one, other in combinations(large, 2):
        pairs += 1
        worse, better = sorted((one, other), key=lambda group: group.score.mean)
        high, low = worse.score.high, better.score.low
        if high is not None and low is not None and high < low:
            found.append(Warned(worse, better, _text(worse, better, clicks)))
    return pairs, found


def _text(worse: Group, better: Group, clicks: int) -> str:
    at = "1 click" if clicks == 1 else f"{clicks} clicks"
    return (
        f"Masks {worse.phrase} are segmented worse at {at}: {percent_text(worse.score)} against "
        f"{percent_text(better.score)} for masks {better.phrase}."
    )


def percent_text(interval: Interval) -> str:
    """ "54.4 ± 1.7", as the paper writes mean IoU."""
    mean = f"{100 * interval.mean:.1f}"
    return mean if interval.reach is None else f"{mean} ± {100 * interval.reach:.1f}"
