"""Figures of clicks: mean IoUs, the number of clicks (NoC), and the promptable model less the baseline.

Histories are the IoUs of a mask after 1, 2, ... clicks; here they come by data set, image and mask. A mean of data sets
counts each one alike, as in the paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from models.sam.evaluation.paired import paired_difference
from models.sam.evaluation.single_point.measuring import (
    BASELINE,
    CLICKS,
    GOOD,
    LEAST,
    MOST,
    ORACLE,
    TOP,
    clicks_to,
)
from models.sam.evaluation.task import Record

# Image by image the histories of its masks.
SetHistories = Sequence[Sequence[Sequence[float]]]


def figures(found: Mapping[str, Mapping[str, SetHistories]]) -> Record:
    """What one kind of first click gave; `found`: by who answered, and then by data set.

    `ways`: of each who answered `miou` by number of clicks and `noc`, as a mean of data sets and in `datasets`. With the
    baseline also `minus_baseline` at the first click and `lead_ends`: after how many clicks the mean of data sets is no
    longer above the baseline's, None if it is above at all counts up to `LEAST`.
    """
    ways = {way: _of_way(sets) for way, sets in found.items()}
    report: Record = {"ways": ways}
    if BASELINE in found:
        sam = [way for way in (TOP, ORACLE) if way in found]
        report["minus_baseline"] = {way: minus(found[way], found[BASELINE]) for way in sam}
        report["lead_ends"] = {way: lead_ends(found[way], found[BASELINE]) for way in sam}
    return report


def _of_way(sets: Mapping[str, SetHistories]) -> Record:
    datasets = {name: figures_of_set(images) for name, images in sets.items()}
    entries = list(datasets.values())
    return {
        "miou": {key: _mean([one["miou"][key] for one in entries]) for key in map(str, CLICKS)},
        "noc": {
            key: {
                name: _mean([one["noc"][key][name] for one in entries]) for name in ("clicks", "not_reached")
            }
            for key in map(percent, GOOD)
        },
        "datasets": datasets,
    }


def figures_of_set(images: SetHistories) -> Record:
    """Of one data set: `masks`; `miou` over masks by number of clicks; `noc` by IoU in per cent: mean `clicks`, `MOST`
    where the IoU was not reached, and the share of those, `not_reached`."""
    masks = [history for image in images for history in image]
    noc: Record = {}
    for good in GOOD:
        counts = [clicks_to(history, good) for history in masks]
        noc[percent(good)] = {
            "clicks": _mean([MOST if count is None else count for count in counts]),
            "not_reached": _mean([count is None for count in counts]),
        }
    return {
        "masks": len(masks),
        "miou": {str(count): _mean([history[count - 1] for history in masks]) for count in CLICKS},
        "noc": noc,
    }


def minus(model: Mapping[str, SetHistories], baseline: Mapping[str, SetHistories]) -> Record:
    """The difference of IoUs after one click: `datasets` with its 95 % interval each (see `paired`), their `mean`, and on
    how many the model is `ahead`."""
    datasets = {}
    for name, images in model.items():
        before, after = (
            [[history[0] for history in image] for image in one] for one in (baseline[name], images)
        )
        datasets[name] = asdict(paired_difference(before, after))
    means = [one["mean"] for one in datasets.values()]
    return {"mean": _mean(means), "ahead": sum(mean > 0 for mean in means), "datasets": datasets}


def lead_ends(model: Mapping[str, SetHistories], baseline: Mapping[str, SetHistories]) -> int | None:
    """The first number of clicks, up to `LEAST`, after which the mean of data sets is not above the baseline's."""
    for count in range(1, LEAST + 1):
        ahead = [
            np.mean([history[count - 1] for image in model[name] for history in image])
            - np.mean([history[count - 1] for image in baseline[name] for history in image])
            for name in model
        ]
        if np.mean(ahead) <= 0:
            return count
    return None


def percent(good: float) -> str:
    """The key of an IoU: "85" of .85."""
    return f"{100 * good:.0f}"


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 5)
