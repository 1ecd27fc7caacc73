"""The folder of a retraining: what it is told, and what it tells while it goes on. See `retrain`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.sam.training.metrics import read_log

TRAINING, COMPARING, DETECTING, EXPORTING = "training", "comparing", "detecting", "exporting"


@dataclass(frozen=True)
class RetrainSpec:
    """`parent`: artifact folder; `output`: folder of all artifacts; `parts`: empty for what suits the memory."""

    parent: str
    output: str
    parts: str = ""
    device: str = "cpu"
    max_seconds: float = 600.0
    steps: int | None = None
    seed: int = 0


def write_spec(folder: Path, spec: RetrainSpec) -> None:
    """Gives a folder its task."""
    write_json(folder / "spec.json", asdict(spec))


def read_spec(folder: Path) -> RetrainSpec:
    """The folder's task."""
    return RetrainSpec(**json.loads((folder / "spec.json").read_text()))


def tell(folder: Path, phase: str, share: float) -> None:
    """A sign of life: how far, in [0, 1], a phase is."""
    write_json(folder / "progress.json", {"phase": phase, "share": round(share, 4)})


def curve(folder: Path) -> list[dict[str, float]]:
    """The points of a run's curves: `step`, and `loss` or `val`, the agreed figure on a sample of the val images."""
    points = [
        {"step": line["step"], "loss": line["loss"]}
        for line in read_log(folder / "metrics.jsonl")
        if "loss" in line
    ]
    points += [{"step": line["step"], "val": line["val"]} for line in read_log(folder / "validation.jsonl")]
    return sorted(points, key=lambda point: point["step"])


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replaces the file: a reader sees the old content or the new one."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(dict(content)))
    partial.replace(path)
