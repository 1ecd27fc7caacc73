"""Which words are asked about which views: a step's prompts, by chance but the same for a seed and a step.

Shape letters: K masks of one name, L low-res side, D text width.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.sam.text.examples import NamedView, ViewStore
from models.sam.text.vocabulary import Vocabulary

# Rare names are asked for more often than their share, common ones still more often than rare ones.
NAME_POWER = 0.5
# A word that means nearly the same as one that is there is no word for nothing.
APART = 0.5


@dataclass(frozen=True)
class Word:
    """One prompt: view `view` of the step asked about name `name`, with masks bool [K, L, L] of it; none where it is
    absent.

    `shown`: number, in the view, of the mask whose looks are the prompt, None where the name is."""

    view: int
    name: int
    masks: Tensor
    shown: int | None = None


class WordSampler:
    """Draws views by their names and their data set's share, and words for them."""

    def __init__(self, stores: Sequence[tuple[ViewStore, float]], vocabulary: Vocabulary) -> None:
        """`stores` with the share of each. ValueError where no view has a name of the vocabulary."""
        self.vocabulary = vocabulary
        self.is_apart = vocabulary.likeness() < APART
        self.stores: list[ViewStore] = []
        self._views: list[dict[int, list[int]]] = []
        shares: list[float] = []
        self._weights: list[np.ndarray] = []
        for store, share in stores:
            views: dict[int, list[int]] = defaultdict(list)
            for number in store.ready():
                for name in sorted(set(store.names(number)) & set(vocabulary.names)):
                    views[vocabulary.number[name]].append(number)
            if views and share > 0:
                weight = np.array([len(found) for found in views.values()]) ** NAME_POWER
                self.stores.append(store)
                self._views.append(views)
                self._weights.append(weight / weight.sum())
                shares.append(share)
        if not self.stores:
            raise ValueError("no view holds a mask with a name")
        self._shares = np.array(shares) / sum(shares)

    def draw_view(self, rng: np.random.Generator) -> tuple[NamedView, int]:
        """A view with those of its masks whose names are in the vocabulary, and the name it was drawn for."""
        which = int(rng.choice(len(self.stores), p=self._shares))
        views = self._views[which]
        name = list(views)[int(rng.choice(len(views), p=self._weights[which]))]
        view = self.stores[which].load(int(rng.choice(views[name])))
        rows = [row for row, known in enumerate(view.names) if known in self.vocabulary.number]
        shown = None if view.shown is None else view.shown[rows]
        names = tuple(view.names[row] for row in rows)
        return NamedView(view.embedding, view.masks[rows], names, shown), name

    def numbers(self, view: NamedView) -> list[int]:
        """The names of a view's masks as numbers of the vocabulary."""
        return [self.vocabulary.number[name] for name in view.names]

    def words(
        self, view: NamedView, index: int, first: int, count: int, shown: float, rng: np.random.Generator
    ) -> list[Word]:
        """`count` words for the view `index` of a step at most, the name `first` and others of it; each is shown by
        one of its masks with probability `shown`."""
        numbers = self.numbers(view)
        others = [number for number in set(numbers) if number != first]
        drawn = [first, *rng.permutation(sorted(others)).tolist()][:count]
        words = []
        for name in drawn:
            rows = [row for row, number in enumerate(numbers) if number == name]
            row = int(rng.choice(rows)) if rng.random() < shown else None
            words.append(Word(index, name, view.masks[rows], row))
        return words

    def absent(self, view: NamedView, index: int, rng: np.random.Generator) -> Word | None:
        """A word for nothing on the view, as far as its masks tell; None where all words mean something like it."""
        there = sorted(set(self.numbers(view)))
        possible = np.flatnonzero(self.is_apart[there].all(axis=0))
        if not len(possible):
            return None
        return Word(index, int(rng.choice(possible)), torch.zeros(0, *view.masks.shape[1:], dtype=torch.bool))
