"""The words a text prompt has learned, and how near another word is to them.

A word that it never saw can work where it means nearly the same as one it saw; of others nothing can be promised, and
who asks is told.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# A cosine of a sentence encoder's embeddings, chosen beforehand: words for one thing should have more.
KNOWN_FROM = 0.6


class Nearness(NamedTuple):
    """The learned name nearest to a word and the cosine of their embeddings. `is_known`: near enough to be trusted."""

    name: str
    similarity: float

    @property
    def is_known(self) -> bool:
        return self.similarity >= KNOWN_FROM


class Vocabulary:
    """Names and their embeddings, float32 [V, D] of length 1. ValueError for none, or not as many of both."""

    def __init__(self, names: Sequence[str], embeddings: np.ndarray) -> None:
        if not names or embeddings.ndim != 2 or len(names) != len(embeddings):
            raise ValueError(f"{len(names)} names with embeddings {list(embeddings.shape)}")
        self.names = tuple(names)
        self.embeddings = embeddings.astype(np.float32)
        self.number = {name: index for index, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def nearest(self, embeddings: np.ndarray) -> list[Nearness]:
        """Of embeddings [N, D] of length 1."""
        cosines = embeddings @ self.embeddings.T
        best = cosines.argmax(axis=1)
        return [
            Nearness(self.names[index], round(float(row[index]), 4))
            for index, row in zip(best.tolist(), cosines, strict=True)
        ]

    def likeness(self) -> np.ndarray:
        """Cosines [V, V] of the names."""
        return self.embeddings @ self.embeddings.T
