"""Which boundary pixels of two maps correspond (Martin, Fowlkes and Malik, 2004, section 2; the benchmark of BSDS500).

Two pixels may be a pair if they are no further apart than a tolerance, and each is in one pair at most. The original
asks for the cheapest assignment, where a pixel without a partner costs a hundred times the tolerance: as many pairs as
there can be come first, short ones second. Here the number of pairs is exact; of equally many pairs those of stronger
predictions are taken, as these come first when a threshold falls. That touches one figure, predicted pixels paired in
*any* map.

A soft map is cut at a hundred thresholds, and what one threshold adds is little: so the matching grows with it. On
photographs scipy's `maximum_bipartite_matching` takes from a millisecond to minutes for one threshold and one annotator;
this takes about a second for all of them.

Frame: pixels of maps [H, W], numbered row after row.
"""

from collections.abc import Iterable

import numpy as np

TOLERANCE = 0.0075  # of the image's diagonal


def tolerance_pixels(size: tuple[int, int], share: float = TOLERANCE) -> float:
    """Pixels that `share` of the diagonal of an image of `size` (H, W) is."""
    return share * float(np.hypot(*size))


def matched(predicted: np.ndarray, true: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """The pixels of two bool maps [H, W] that are paired in a largest one-to-one matching: two bool maps [H, W].

    `tolerance` in pixels, inclusive. ValueError for maps of different sizes.
    """
    matching = GrowingMatching(predicted, true, tolerance)
    matching.add(range(matching.is_matched.size))
    in_predicted, in_true = np.zeros(predicted.shape, bool), np.zeros(true.shape, bool)
    in_predicted[predicted] = matching.is_matched
    in_true[true] = matching.true_is_matched
    return in_predicted, in_true


class GrowingMatching:
    """A largest one-to-one matching of true pixels with predicted ones, which come and go one by one.

    Augmenting paths (Berge; Kuhn). A search that finds no free true pixel closes all it has seen: whatever is predicted
    later has no way out of there either, so that each pixel is searched in vain once. `count` pairs; `is_matched` bool
    [n] of the pixels of `predicted` in their order is a view that follows.
    """

    def __init__(self, predicted: np.ndarray, true: np.ndarray, tolerance: float) -> None:
        """Bool maps [H, W]: all pixels that will ever be predicted, and the true ones. `tolerance` in pixels, inclusive.

        ValueError for maps of different sizes.
        """
        firsts, seconds = candidate_pairs(predicted, true, tolerance)
        count, true_count = int(predicted.sum()), int(true.sum())
        self._near_predicted = _grouped(firsts, seconds, count)
        self._near_true = _grouped(seconds, firsts, true_count)
        self._partner = [-1] * count
        self._true_partner = [-1] * true_count
        self._is_there = bytearray(count)
        self._is_closed = bytearray(true_count)
        self._matched = bytearray(count)
        self.is_matched = np.frombuffer(self._matched, bool)
        self.count = 0

    @property
    def true_is_matched(self) -> np.ndarray:
        """Bool [m] of the true pixels in their order."""
        return np.array(self._true_partner, np.int64) >= 0

    def add(self, numbers: Iterable[int]) -> None:
        """Predicted pixels that were not there, the ones to be preferred first."""
        for number in numbers:
            self._is_there[number] = 1
            if self._near_predicted[number] and self._augment(number):
                self._matched[number] = 1
                self.count += 1

    def remove(self, numbers: Iterable[int]) -> None:
        """Predicted pixels that were there."""
        for number in numbers:
            self._is_there[number] = 0
            freed = self._partner[number]
            if freed < 0:
                continue
            self._partner[number] = self._true_partner[freed] = -1
            self._matched[number] = 0
            self.count -= 1
            # No predicted pixel without a partner has a way to a true one that is not closed.
            if self._is_closed[freed]:
                self._replace(freed)

    def _augment(self, start: int) -> bool:
        """Whether a partner was found for the predicted pixel, breadth first."""
        near, true_partner, is_closed = self._near_predicted, self._true_partner, self._is_closed
        came_from: dict[int, int] = {}
        queue = [start]
        for place in queue:
            for other in near[place]:
                if other in came_from or is_closed[other]:
                    continue
                came_from[other] = place
                if true_partner[other] < 0:
                    self._flip(start, other, came_from)
                    return True
                queue.append(true_partner[other])
        for other in came_from:
            is_closed[other] = 1
        return False

    def _flip(self, start: int, other: int, came_from: dict[int, int]) -> None:
        """Pairs along the path from `start` to the true pixel `other`."""
        while True:
            place = came_from[other]
            before = self._partner[place]
            self._partner[place], self._true_partner[other] = other, place
            if place == start:
                return
            other = before

    def _replace(self, freed: int) -> None:
        """Another partner for a closed true pixel that lost its own; if there is none, what leads to it is open again."""
        came_from: dict[int, int] = {}
        queue = [freed]
        for other in queue:
            for place in self._near_true[other]:
                if place in came_from or not self._is_there[place]:
                    continue
                partner = self._partner[place]
                if partner < 0:
                    came_from[place] = other
                    self._matched[place] = 1
                    self.count += 1
                    while True:
                        other = came_from[place]
                        before = self._true_partner[other]
                        self._partner[place], self._true_partner[other] = other, place
                        if other == freed:
                            return
                        place = before
                if self._is_closed[partner]:
                    came_from[place] = other
                    queue.append(partner)
        for other in queue:
            self._is_closed[other] = 0


def candidate_pairs(first: np.ndarray, second: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """Numbers int64 [k], [k] of the pixels of two bool maps [H, W] that are within `tolerance` pixels, nearest first.

    ValueError for maps of different sizes.
    """
    if first.shape != second.shape:
        raise ValueError(f"maps of {list(first.shape)} and {list(second.shape)} cannot be compared")
    reach = int(tolerance)
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    squares = rows**2 + columns**2
    # Whole numbers against the tolerance's square: its root would round where the distance is the tolerance itself.
    within = np.flatnonzero(squares <= tolerance**2)
    within = within[np.argsort(squares[within], kind="stable")]
    numbers = np.full((second.shape[0] + 2 * reach, second.shape[1] + 2 * reach), -1)
    inside = numbers[reach : reach + second.shape[0], reach : reach + second.shape[1]]
    inside[second] = np.arange(second.sum())
    places_y, places_x = np.nonzero(first)
    flat = (places_y + reach) * numbers.shape[1] + places_x + reach
    firsts, seconds = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for step in rows[within] * numbers.shape[1] + columns[within]:
        found = numbers.ravel()[flat + step]
        is_found = np.flatnonzero(found >= 0)
        firsts.append(is_found)
        seconds.append(found[is_found])
    return np.concatenate(firsts), np.concatenate(seconds)


def _grouped(keys: np.ndarray, values: np.ndarray, count: int) -> list[list[int]]:
    """The values of each key of 0 to `count` - 1, in their order."""
    ordered = values[np.argsort(keys, kind="stable")].tolist()
    ends = np.cumsum(np.bincount(keys, minlength=count)).tolist()
    return [ordered[start:end] for start, end in zip([0, *ends], ends, strict=False)]
