"""Which image a view is of: every data set by its share, every image of a set as often as its others."""

from collections.abc import Iterable

import numpy as np


class ImageSampler:
    """Draws numbers of images. `sets`: the share and the number of images of each set, in the order of the images."""

    def __init__(self, sets: Iterable[tuple[float, int]]) -> None:
        shares = [np.full(count, share / count) for share, count in sets if count]
        weights = np.concatenate(shares) if shares else np.ones(1)
        self._cumulative = np.cumsum(weights / weights.sum())

    def __call__(self, rng: np.random.Generator) -> int:
        # The sum of the shares may end a little below 1, and the number beyond it.
        return min(int(np.searchsorted(self._cumulative, rng.random())), len(self._cumulative) - 1)
