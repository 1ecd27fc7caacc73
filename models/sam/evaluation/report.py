"""Evaluation figures as plain dictionaries and as a table."""

from typing import Any

from models.sam.evaluation.protocol import CLICKS, MaskScore, SetScore

SIZE_CLASSES = ("small", "medium", "large")
COLUMNS = ("box_miou", "click1_top_miou", "click1_best_miou", "click3_miou", "click5_miou")


def summarise(scores: list[MaskScore]) -> dict[str, Any]:
    """Mean figures over masks; None where there is no mask."""
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
    return {"masks": len(scores)} | means


def report_of(sets: list[SetScore], facts: dict[str, Any]) -> dict[str, Any]:
    """The JSON report: figures over all masks, `by_size`, `datasets`, and `dataset_mean` (mean over data sets)."""
    scores = [score for one in sets for score in one.scores]
    datasets = {
        one.dataset: {"images": one.images, "seconds": round(one.seconds, 1)}
        | summarise(one.scores)
        | {"by_size": by_size(one.scores)}
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
        | {
            "by_size": by_size(scores),
            "datasets": datasets,
            "dataset_mean": mean,
            "seconds": round(sum(one.seconds for one in sets), 1),
        }
    )


def by_size(scores: list[MaskScore]) -> dict[str, dict[str, Any]]:
    """Figures per COCO size class at the stored size (32 x 32 and 96 x 96 pixels)."""
    return {name: summarise([score for score in scores if score.size_class == name]) for name in SIZE_CLASSES}


def table_of(report: dict[str, Any]) -> str:
    """The report's main figures as aligned text: one line per data set, per size, for all masks and the mean of sets."""
    rows = [(name, entry) for name, entry in report["datasets"].items()]
    rows += [(name, entry) for name, entry in report["by_size"].items() if entry["masks"]]
    rows += [("all masks", report), ("mean of sets", {"images": "", "masks": ""} | report["dataset_mean"])]
    head = f"{'':20}{'images':>8}{'masks':>8}" + "".join(
        f"{name.removesuffix('_miou'):>13}" for name in COLUMNS
    )
    lines = [head]
    for name, entry in rows:
        figures = "".join("-".rjust(13) if entry[key] is None else f"{entry[key]:13.3f}" for key in COLUMNS)
        lines.append(f"{name:20}{entry.get('images', '')!s:>8}{entry['masks']!s:>8}{figures}")
    return "\n".join(lines)
