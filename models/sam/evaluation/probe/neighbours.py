"""Nearest neighbours of vectors, and how often they are of the same class."""

from collections.abc import Sequence

import numpy as np

COUNTS = (1, 5, 10)


def nearest(vectors: np.ndarray, owners: Sequence[str], count: int) -> np.ndarray:
    """Numbers int64 [n, count] of the unit vectors [n, C] with the largest cosine, the nearest first, among those of
    other owners: masks of one image share its light and its surroundings. -1 where there are fewer."""
    cosines = vectors @ vectors.T
    names = np.asarray(owners)
    cosines[names[:, None] == names[None]] = -np.inf
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
    found = np.where(np.isfinite(np.take_along_axis(cosines, order, axis=1)), order, -1)
    missing = max(0, count - found.shape[1])
    return np.pad(found, ((0, 0), (0, missing)), constant_values=-1)


def precision(classes: Sequence[str], neighbours: np.ndarray, count: int) -> np.ndarray:
    """For each of n vectors the share of its first `count` neighbours that are of its class; NaN without neighbours."""
    names = np.asarray(classes)
    some = neighbours[:, :count]
    is_there = some >= 0
    same = (names[np.maximum(some, 0)] == names[:, None]) & is_there
    with np.errstate(invalid="ignore"):
        return np.asarray(same.sum(axis=1) / is_there.sum(axis=1))


def chance(classes: Sequence[str], owners: Sequence[str]) -> np.ndarray:
    """What drawing at random among the vectors of other owners would give each."""
    names, images = np.asarray(classes), np.asarray(owners)
    others = images[:, None] != images[None]
    with np.errstate(invalid="ignore"):
        same = (names[:, None] == names[None]) & others
        return np.asarray(same.sum(axis=1) / others.sum(axis=1))
