"""Records of asked words to figures: over all, by data set, by category."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.sam.evaluation.text.ratio import ratio_of_means

Record = dict[str, Any]
COLUMNS = ("word", "wrong", "best", "clicked", "click_alone")
HEADS = ("right word", "wrong word", "best of 3", "word + click", "click alone")


def figures(records: Sequence[Record], seed: int) -> Record:
    """Mean IoUs over categories of images, and right over wrong with its interval, of those for which there was a
    wrong word; None where nothing was asked."""
    asked = [one for record in records for one in record["asked"]]
    pairs = [[one for one in record["asked"] if one["wrong"] is not None] for record in records]
    pairs = [image for image in pairs if image]
    ratio = ratio_of_means(
        [[one["word"] for one in image] for image in pairs],
        [[one["wrong"] for one in image] for image in pairs],
        seed,
    )
    return {
        "asked": len(asked),
        **{name: _mean([one[name] for one in asked if one[name] is not None]) for name in COLUMNS},
        "ratio": ratio.value,
        "ratio_low": ratio.low,
        "ratio_high": ratio.high,
        "empty": _share(asked, lambda one: one["is_empty"]),
        "unknown": _share(asked, lambda one: not one["is_known"]),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def _share(asked: Sequence[Record], holds: Any) -> float | None:
    return round(sum(bool(holds(one)) for one in asked) / len(asked), 4) if asked else None


def by_category(records: Mapping[str, Sequence[Record]], seed: int) -> dict[str, Record]:
    """`figures` of each word of each data set, "set: word", the most frequent first."""
    found: dict[str, list[Record]] = {}
    for dataset, of_set in records.items():
        for record in of_set:
            for one in record["asked"]:
                found.setdefault(f"{dataset}: {one['name']}", []).append({"asked": [one]})
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return {name: figures(of_name, seed) for name, of_name in ordered}


def row(entry: Record) -> list[str]:
    """How many were asked, the columns, and the ratio with its interval, as text."""
    ratio = "-" if entry["ratio"] is None else f"{entry['ratio']:.2f}"
    if entry["ratio_low"] is not None:
        high = "" if entry["ratio_high"] is None else f"{entry['ratio_high']:.2f}"
        ratio += f" [{entry['ratio_low']:.2f}, {high}]"
    cells = ["-" if entry[name] is None else f"{entry[name]:.3f}" for name in COLUMNS]
    return [str(entry["asked"]), *cells, ratio]
