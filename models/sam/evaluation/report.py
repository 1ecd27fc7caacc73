"""Evaluation figures as plain dictionaries, ready for JSON. Not for printing: see `table`."""

from typing import Any

import numpy as np

from models.sam.evaluation.box_rows import SIZE_CLASSES, box_rows
from models.sam.evaluation.protocol import CLICKS, MaskScore, SetScore
from models.sam.evaluation.ranking import confident_masks, rank_correlation, reliability, top_is_best

COLUMNS = ("box_miou", "click1_top_miou", "click1_best_miou", "click3_miou", "click5_miou")


def summarise(scores: list[MaskScore]) -> dict[str, Any]:
    """Mean figures over masks, and how the predicted IoUs of the first click rank; None where there is no mask."""
    values: dict[str, list[float]] = {
        "box_miou": [score.box for score in scores],
        "box_best_miou": [score.box_best for score in scores],
        "click1_top_miou": [score.clicks[0] for score in scores],
        "click1_best_miou": [score.click1_best for score in scores],
        "click1_iou_error": [score.iou_error for score in scores],
    }
    for count in range(2, CLICKS + 1):
        values[f"click{count}_miou"] = [score.clicks[count - 1] for score in scores]
    means = {name: round(sum(column) / len(column), 4) if column else None for name, column in values.items()}
    return {"masks": len(scores)} | means | _ranking_of(scores)


def _ranking_of(scores: list[MaskScore]) -> dict[str, Any]:
    """Quality of the IoU head on the first click: on all three candidates, and (`_top`) on the top-ranked ones."""
    predicted, true = candidates(scores)
    top = np.arange(len(scores)), predicted.argmax(axis=1) if len(scores) else np.zeros(0, int)
    return {
        "iou_rank_correlation": rank_correlation(predicted.ravel(), true.ravel()),
        "iou_rank_correlation_top": rank_correlation(predicted[top], true[top]),
        "click1_top_is_best": top_is_best(predicted, true),
        "confident": confident_masks(predicted.ravel(), true.ravel()),
    }


def candidates(scores: list[MaskScore]) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and true IoUs [N, M] of the M candidates of each mask's first click; [0, 1] without masks."""
    if not scores:
        return np.zeros((0, 1)), np.zeros((0, 1))
    return np.array([score.predicted for score in scores]), np.array([score.true for score in scores])


def report_of(sets: list[SetScore], facts: dict[str, Any]) -> dict[str, Any]:
    """The JSON report: figures over all masks, `by_size`, `datasets`, and `dataset_mean` (mean over data sets).

    With the grey control, `grey_*` stand beside the figures they control; each group of box measures is a key of its
    own (see `box_rows`).
    """
    scores = [score for one in sets for score in one.scores]
    grey = [score for one in sets for score in one.grey]
    predicted, true = candidates(scores)
    datasets = {
        one.dataset: {"images": one.images, "seconds": round(one.seconds, 1)}
        | summarise(one.scores)
        | grey_figures(one.grey)
        | {"by_size": by_size(one.scores, one.grey)}
        for one in sets
    }
    filled = [entry for entry in datasets.values() if entry["masks"]]
    mean = {
        name: round(sum(entry[name] for entry in filled) / len(filled), 4) if filled else None
        for name in COLUMNS
    }
    return (
        facts
        | {"images": sum(one.images for one in sets)}
        | summarise(scores)
        | grey_figures(grey)
        | {
            "reliability": reliability(predicted.ravel(), true.ravel()),
            "by_size": by_size(scores, grey),
            "datasets": datasets,
            "dataset_mean": mean,
            "seconds": round(sum(one.seconds for one in sets), 1),
        }
        | box_rows(sets)
    )


def by_size(scores: list[MaskScore], grey: list[MaskScore]) -> dict[str, dict[str, Any]]:
    """Figures per COCO size class at the stored size (32 x 32 and 96 x 96 pixels)."""
    return {
        name: summarise([score for score in scores if score.size_class == name])
        | grey_figures([score for score in grey if score.size_class == name])
        for name in SIZE_CLASSES
    }


def grey_figures(grey: list[MaskScore]) -> dict[str, Any]:
    """The mIoUs of the grey-image control, each under its name with `grey_` in front; empty if it was not run."""
    if not grey:
        return {}
    return {f"grey_{name}": value for name, value in summarise(grey).items() if name.endswith("_miou")}
