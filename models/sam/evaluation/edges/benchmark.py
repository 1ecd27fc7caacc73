"""The boundary benchmark of BSDS500 (Arbeláez, Maire, Fowlkes and Malik, 2011): counts of an image, figures of a set.

A predicted pixel is right if it corresponds to one in *any* annotator's map; recall is over the pixels of all annotators.
See `matching` for what corresponds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.sam.evaluation.edges.matching import TOLERANCE, GrowingMatching, tolerance_pixels
from models.sam.evaluation.edges.thinning import thin

THRESHOLDS = 99
AP_STEPS = 101  # recall 0, 0.01, ... 1
R50_PRECISION = 0.5


@dataclass(frozen=True)
class Counts:
    """Pixels of one or more images at thresholds in ascending order, int64 [T] each.

    `predicted`, of which `right` correspond to some annotator's; `true` of all annotators together, of which `found`.
    """

    right: np.ndarray
    predicted: np.ndarray
    found: np.ndarray
    true: np.ndarray

    @property
    def precision(self) -> np.ndarray:
        """Float64 [T]; 0 where nothing is predicted, as in the benchmark."""
        return _quotient(self.right, self.predicted)

    @property
    def recall(self) -> np.ndarray:
        """Float64 [T]; 0 where nothing is true."""
        return _quotient(self.found, self.true)

    @property
    def f_measure(self) -> np.ndarray:
        """Harmonic mean of precision and recall, float64 [T]."""
        return _quotient(2 * self.precision * self.recall, self.precision + self.recall)

    def at(self, threshold: int) -> "Counts":
        """Those at the threshold of this number, T = 1."""
        place = slice(threshold, threshold + 1)
        return Counts(self.right[place], self.predicted[place], self.found[place], self.true[place])

    @staticmethod
    def total(parts: "Sequence[Counts]") -> "Counts":
        """Sums over images. ValueError for none."""
        if not parts:
            raise ValueError("no counts to add up")
        fields = [[part.right, part.predicted, part.found, part.true] for part in parts]
        return Counts(*np.sum(fields, axis=0))

    def as_lists(self) -> dict[str, list[int]]:
        """For JSON."""
        return {name: getattr(self, name).tolist() for name in ("right", "predicted", "found", "true")}

    @staticmethod
    def from_lists(lists: dict[str, list[int]]) -> "Counts":
        """What `as_lists` gave."""
        return Counts(*(np.array(lists[name], np.int64) for name in ("right", "predicted", "found", "true")))


@dataclass(frozen=True)
class Figures:
    """Of a set of images. `ods`: the best F with one threshold for all, number `threshold`; `ois`: F with each image's
    best; `average_precision`; `recall_at_half`: recall where precision is 50 %."""

    ods: float
    ois: float
    average_precision: float
    recall_at_half: float
    threshold: int


def thresholds(count: int = THRESHOLDS) -> np.ndarray:
    """`count` levels between 0 and 1, neither included, float64."""
    return np.arange(1, count + 1) / (count + 1)


def counts_of(
    soft: np.ndarray,
    annotators: Sequence[np.ndarray],
    levels: np.ndarray | None = None,
    tolerance: float = TOLERANCE,
) -> Counts:
    """Counts of a soft map [H, W] in 0..1 against the bool maps [H, W] of the annotators.

    Pixels that reach a level are predicted there, once their map is thinned. `levels` ascend (default: the benchmark's
    99); `tolerance` is a share of the diagonal. ValueError for maps of different sizes.
    """
    levels = thresholds() if levels is None else levels
    ever = soft >= levels[0]
    reach = tolerance_pixels((soft.shape[0], soft.shape[1]), tolerance)
    matchings = [GrowingMatching(ever, true, reach) for true in annotators]
    # The strongest first, so that where not all can be paired they are: then what is there hangs on no order of pixels.
    order = np.argsort(-soft[ever], kind="stable")
    is_there = np.zeros(len(order), bool)
    right, predicted, found = (np.zeros(len(levels), np.int64) for _ in range(3))
    for index in range(len(levels) - 1, -1, -1):
        will_be_there = thin(soft >= levels[index])[ever]
        added = order[(will_be_there & ~is_there)[order]].tolist()
        removed = np.flatnonzero(is_there & ~will_be_there).tolist()
        is_right = np.zeros(len(order), bool)
        for matching in matchings:
            matching.remove(removed)
            matching.add(added)
            is_right |= matching.is_matched
            found[index] += matching.count
        is_there = will_be_there
        right[index], predicted[index] = is_right.sum(), is_there.sum()
    true_pixels = sum(int(true.sum()) for true in annotators)
    return Counts(right, predicted, found, np.full(len(levels), true_pixels))


def figures_of(images: Sequence[Counts]) -> Figures:
    """Figures of the counts of images at the same thresholds. ValueError for none."""
    total = Counts.total(images)
    best = Counts.total([image.at(int(image.f_measure.argmax())) for image in images])
    return Figures(
        ods=float(total.f_measure.max()),
        ois=float(best.f_measure[0]),
        average_precision=average_precision(total),
        recall_at_half=recall_at(total, R50_PRECISION),
        threshold=int(total.f_measure.argmax()),
    )


def average_precision(total: Counts) -> float:
    """Area under the curve of precision over recall, which is interpolated at recalls 0, 0.01, ... 1; nothing is made up
    beyond the recalls there are."""
    is_there = total.predicted > 0
    recall, first = np.unique(total.recall[is_there], return_index=True)
    if len(recall) < 2:
        return 0.0
    at = np.linspace(0, 1, AP_STEPS)
    precision = np.interp(at, recall, total.precision[is_there][first], left=0, right=0)
    return float(precision.sum() / (AP_STEPS - 1))


def recall_at(total: Counts, precision: float) -> float:
    """The recall where the interpolated curve has this precision; where it never falls so low, that of the lowest. 0
    where it never gets so high."""
    is_there = total.predicted > 0
    levels, first = np.unique(total.precision[is_there], return_index=True)
    if not len(levels) or levels[-1] < precision:
        return 0.0
    return float(np.interp(precision, levels, total.recall[is_there][first]))


def _quotient(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """0 where `below` is."""
    return np.divide(above, below, out=np.zeros(len(below)), where=below > 0)
