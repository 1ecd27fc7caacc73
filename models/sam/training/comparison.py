"""Parent and child measured by the same val images: the figures of both, and what lies between them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

from models.sam.evaluation.paired import paired_difference
from models.sam.evaluation.protocol import EvaluationConfig, MaskScore, evaluate_set
from models.sam.evaluation.report import summarise
from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import DataError
from models.sam.training.retrain_folder import COMPARING, tell, write_json
from models.sam.training.validation import picking_only

# What is agreed to tell the better of two models: what people see after a box, one, three and five clicks.
FIGURES = ("box_miou", "click1_top_miou", "click3_miou", "click5_miou")
# The val images of a large project would take hours on a CPU.
MEASURED = EvaluationConfig(limit=200, max_masks_per_image=20)


def mean_miou(summary: Mapping[str, Any]) -> float:
    """The agreed figure of an evaluation's summary: the mean of `FIGURES`. DataError where no mask was measured."""
    if not summary["masks"]:
        raise DataError("no val image has a mask large enough to be measured")
    return round(sum(float(summary[name]) for name in FIGURES) / len(FIGURES), 4)


def compared(folder: Path, parent: Sam, child: Sam) -> dict[str, Any]:
    """Figures of `parent` and `child` on the folder's val images, `MEASURED` at most, each measured once; `difference`
    of the agreed figure with its interval by image, and whether its images had no say in which average was kept."""
    data = folder / "data.tar"
    picking = picking_only(data)
    config = replace(MEASURED, passed_over=picking)
    before = _measured(folder, "parent", parent, config, (0.0, 0.5))
    after = _measured(folder, "child", child, config, (0.5, 1.0))
    difference = paired_difference(before["values"], after["values"])
    return {
        "parent": before["figures"],
        "child": after["figures"],
        "difference": asdict(difference) | {"is_held_out": bool(picking)},
    }


def _measured(
    folder: Path, name: str, sam: Sam, config: EvaluationConfig, share: tuple[float, float]
) -> dict[str, Any]:
    """`figures` of the protocol, and `values`: the agreed figure of each mask, image by image."""
    file = folder / f"{name}.json"
    if not file.is_file():
        score = evaluate_set(SamPredictor(sam), folder / "data.tar", config, _told(folder, share))
        summary = summarise(score.scores)
        plain = {key: value for key, value in summary.items() if not isinstance(value, dict)}
        scores = iter(score.scores)
        content = {
            "figures": {"images": score.images, **plain, "mean_miou": mean_miou(summary)}
            | {"seconds_per_image": round(score.seconds / score.images, 3)},
            "values": [[_agreed(one) for one in islice(scores, count)] for count in score.masks],
        }
        write_json(file, content)
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _agreed(score: MaskScore) -> float:
    """`FIGURES` of one mask, their mean."""
    return (score.box + score.clicks[0] + score.clicks[2] + score.clicks[4]) / len(FIGURES)


def _told(folder: Path, share: tuple[float, float]) -> Callable[[int, int], None]:
    low, high = share
    return lambda done, total: tell(folder, COMPARING, low + (high - low) * done / total)
