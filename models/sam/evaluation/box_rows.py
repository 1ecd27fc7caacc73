"""Figures of other ways to a mask from the same boxes: variants of the model's prompt, baselines without a model."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.sam.evaluation.protocol import SetScore

SIZE_CLASSES = ("small", "medium", "large")


def box_rows(sets: list[SetScore]) -> dict[str, dict[str, Any]]:
    """Group -> row -> figures over all masks of the sets; empty where no box measure ran.

    Each row: `masks`, `miou` and its `standard_error`, mIoU `by_size` and in `datasets`, `dataset_mean` (mean over
    data sets), and `minus_box`: mean and standard error of the difference, mask by mask, to the model's plain box
    prompt. Errors are those of sampling masks, as if these were independent.
    """
    names: dict[str, dict[str, None]] = {}
    for one in sets:
        for group, rows in one.boxes.items():
            names.setdefault(group, {}).update(dict.fromkeys(rows))
    return {group: {row: _row(sets, group, row) for row in rows} for group, rows in names.items()}


def _row(sets: list[SetScore], group: str, row: str) -> dict[str, Any]:
    of_set = {one.dataset: one.boxes.get(group, {}).get(row, []) for one in sets}
    values = np.array([value for one in of_set.values() for value in one])
    scores = [score for one in sets for score in one.scores]
    sizes = np.array([score.size_class for score in scores])
    difference = values - [score.box for score in scores]
    means = {name: _mean(one) for name, one in of_set.items()}
    return {
        "masks": len(values),
        "miou": _mean(values),
        "standard_error": _standard_error(values),
        "by_size": {name: _mean(values[sizes == name]) for name in SIZE_CLASSES},
        "datasets": means,
        "dataset_mean": _mean([mean for mean in means.values() if mean is not None]),
        "minus_box": {"mean": _mean(difference), "standard_error": _standard_error(difference)},
    }


def _mean(values: Sequence[float] | np.ndarray) -> float | None:
    return round(float(np.mean(values)), 4) if len(values) else None


def _standard_error(values: np.ndarray) -> float | None:
    """Of the mean of independent values; None for fewer than two."""
    return round(float(values.std(ddof=1) / np.sqrt(len(values))), 4) if len(values) > 1 else None
