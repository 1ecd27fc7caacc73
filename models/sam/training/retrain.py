"""A retraining from beginning to end, in one folder, so that a process that was killed goes on where it was.

`data.tar` (a shard with splits train and val) and `spec.json` are what it is given. It trains from the parent's weights,
validates now and then and keeps the best average, measures parent and child on val, draws them side by side, exports the
child as an artifact and says in `result.json` what came of it. `progress.json` is a sign of life; `validation.jsonl` has
the figures along the way.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.sam.artifact import load_artifact, write_artifact
from models.sam.build import sam_from_state_dict, shapes_of
from models.sam.evaluation.protocol import EvaluationConfig, evaluate_set
from models.sam.evaluation.report import summarise
from models.sam.evaluation.side_by_side import draw_comparison
from models.sam.manifest import Manifest, read_manifest, verify_file
from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import DataError
from models.sam.training.export import half_weights, header_of, write_weights
from models.sam.training.metrics import MetricsLog, read_log
from models.sam.training.optimizer import ENCODER
from models.sam.training.retrain_plan import (
    LEARNING,
    PATIENCE,
    Parts,
    capacity_of,
    free_memory,
    parts_by_default,
    retrain_config,
)
from models.sam.training.trainer import Trainer
from models.sam.training.validation import Validation
from models.sam.weights import load_weights

VALIDATIONS = 20  # of a run at most
TRAINING, COMPARING, EXPORTING = "training", "comparing", "exporting"
# What is agreed to tell the better of two models: what people see after a box, one, three and five clicks.
FIGURES = ("box_miou", "click1_top_miou", "click3_miou", "click5_miou")
PICTURES = 6
# The val images of a large project would take hours on a CPU.
MEASURED = EvaluationConfig(limit=200, max_masks_per_image=20)


class Stopped(Exception):
    """The process was told to end in the middle of the training, and saved it."""


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


def mean_miou(summary: Mapping[str, Any]) -> float:
    """The agreed figure of an evaluation's summary: the mean of `FIGURES`. DataError where no mask was measured."""
    if not summary["masks"]:
        raise DataError("no val image has a mask large enough to be measured")
    return round(sum(float(summary[name]) for name in FIGURES) / len(FIGURES), 4)


def retrain(folder: Path) -> dict[str, Any]:
    """Does what `folder/spec.json` asks, or what is left of it; the content of `result.json`.

    Raises Stopped, and ModelError, DataError, CheckpointError, ValueError, FloatingPointError for what cannot be done.
    """
    spec = RetrainSpec(**json.loads((folder / "spec.json").read_text()))
    parent = Path(spec.parent)
    manifest = read_manifest(parent)
    weights = load_weights(verify_file(parent, manifest.weights))
    parts, objects = _chosen(folder, spec, weights)
    if not (folder / "trained.json").is_file():
        _train(folder, spec, manifest, weights, parts, objects)
    trained = json.loads((folder / "trained.json").read_text())
    child_weights = _child_weights(folder / "best.safetensors", weights, parts)
    child = sam_from_state_dict(manifest.architecture, child_weights).to(spec.device).eval()
    old = load_artifact(parent, spec.device)
    metrics = {
        "parent": _measured(folder, "parent", old, (0.0, 0.5)),
        "child": _measured(folder, "child", child, (0.5, 1.0)),
    }
    draw_comparison(
        folder / "data.tar", SamPredictor(old), SamPredictor(child), folder / "pictures.jpg", PICTURES
    )
    _tell(folder, EXPORTING, 0.0)
    file = folder / "child.safetensors"
    origin = f"{manifest.name}@{manifest.version}"
    header = header_of(manifest.architecture, trained["step"], manifest.licence)
    header["metrics"] = json.dumps({"retrained_from": origin, **metrics["child"]})
    # Written once: the header's order is the library's whim, and the file's digest is the version.
    if not file.is_file():
        write_weights(child_weights, file, header)
    artifact = write_artifact(manifest.name, file, Path(spec.output))
    encoder = [name for name in weights if name.startswith(ENCODER)]
    result = {
        "name": artifact.manifest.name,
        "version": artifact.manifest.version,
        "parts": parts,
        "device": spec.device,
        "metrics": metrics,
        "is_same_encoder": all(torch.equal(weights[name], child_weights[name]) for name in encoder),
        **trained,
    }
    _write_json(folder / "result.json", result)
    return result


def curve(folder: Path) -> list[dict[str, float]]:
    """The points of a run's curves: `step`, and `loss` or `val`, the agreed figure on a sample of the val images."""
    points = [
        {"step": line["step"], "loss": line["loss"]}
        for line in read_log(folder / "metrics.jsonl")
        if "loss" in line
    ]
    points += [{"step": line["step"], "val": line["val"]} for line in read_log(folder / "validation.jsonl")]
    return sorted(points, key=lambda point: point["step"])


def _chosen(folder: Path, spec: RetrainSpec, weights: Mapping[str, Tensor]) -> tuple[Parts, int]:
    """Parts and objects of a step. Chosen once: a run that goes on must not learn something else with other memory."""
    file = folder / "chosen.json"
    if not file.is_file():
        parameters = sum(value.numel() for name, value in weights.items() if name.startswith(ENCODER))
        capacity = capacity_of(spec.device, free_memory(spec.device), parameters)
        parts = spec.parts or parts_by_default(spec.device, capacity)
        _write_json(file, {"parts": parts, "objects": capacity.objects, "device": spec.device})
    chosen = json.loads(file.read_text())
    return Parts(chosen["parts"]), int(chosen["objects"])


def _train(
    folder: Path,
    spec: RetrainSpec,
    manifest: Manifest,
    weights: dict[str, Tensor],
    parts: Parts,
    objects: int,
) -> None:
    """To the end, with `best.safetensors` and `trained.json`."""
    config = retrain_config(
        model=manifest.architecture,
        shard=folder / "data.tar",
        parts=parts,
        objects=objects,
        device=spec.device,
        max_seconds=spec.max_seconds,
        steps=spec.steps,
        seed=spec.seed,
    )
    trainer = Trainer(config, folder, spec.device, like=shapes_of(weights))
    is_resumed = (folder / "last.pt").is_file()
    if is_resumed:
        trainer.resume()
    else:
        trainer.start_from({name: value.float() for name, value in weights.items()})
    first_step = trainer.step
    watch = _Watch(folder, trainer, spec, manifest)
    trainer.run(watch.after_step)
    if trainer.stop_asked:
        raise Stopped
    watch.validate(1.0)
    facts = {
        "step": trainer.step,
        "resumed_at": first_step if is_resumed else None,
        "seconds": round(trainer.seconds, 1),
        "is_early": watch.is_enough,
    }
    _write_json(folder / "trained.json", facts)


class _Watch:
    """Validates a run at equal parts of its progress, keeps the best average, ends a run that no longer gets better."""

    def __init__(self, folder: Path, trainer: Trainer, spec: RetrainSpec, manifest: Manifest) -> None:
        self.folder, self.trainer, self.spec = folder, trainer, spec
        self.architecture = manifest.architecture
        # Where nothing of the encoder learns, the val images are embedded once.
        is_frozen = bool(trainer.config.only)
        self.validation = Validation(folder / "data.tar", spec.device, keeps_embeddings=is_frozen)
        self.log = MetricsLog(folder / "validation.jsonl")
        self.log.rewind(trainer.step)
        self.is_enough = False
        self.told = 0.0
        self.started, self.seconds_before = time.monotonic(), trainer.seconds
        if not self.lines:
            self.validate(0.0)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return read_log(self.log.path)

    def after_step(self) -> bool:
        progress = min(1.0, self.trainer.progress)
        if time.monotonic() - self.told > 1:
            _tell(self.folder, TRAINING, progress)
            self.told = time.monotonic()
        if progress < 1 and progress >= self.due:
            self.validate(progress)
        spent = self.seconds_before + time.monotonic() - self.started
        return self.is_enough or spent >= self.spec.max_seconds

    @property
    def due(self) -> float:
        """The progress at which the next validation is due."""
        return float(self.lines[-1]["progress"]) + 1 / VALIDATIONS

    def validate(self, progress: float) -> None:
        """The average on val; kept where none was better. The checkpoint goes along, so that both are of one step."""
        sam = sam_from_state_dict(self.architecture, self.trainer.average.weights).to(self.spec.device).eval()
        value = mean_miou(summarise(self.validation.scores(sam)))
        before = [line["val"] for line in self.lines if line["step"] > 0]
        if self.trainer.step and value >= max(before, default=0.0):
            header = header_of(self.architecture, self.trainer.step)
            write_weights(_on_cpu(self.trainer.average.weights), self.folder / "best.safetensors", header)
        self.log.write({"step": self.trainer.step, "progress": round(progress, 4), "val": value})
        values = [line["val"] for line in self.lines]
        self.is_enough = len(values) - 1 - values.index(max(values)) >= PATIENCE
        self.trainer.save()


def _child_weights(best: Path, parent: Mapping[str, Tensor], parts: Parts) -> dict[str, Tensor]:
    """The weights to ship: what learned as float16, what was frozen exactly as the parent has it."""
    learned = half_weights(load_weights(best))
    begin = LEARNING[parts]
    return {
        name: parent[name].contiguous() if begin and not name.startswith(begin) and name in parent else value
        for name, value in learned.items()
    }


def _measured(folder: Path, name: str, sam: Sam, share: tuple[float, float]) -> dict[str, Any]:
    """The protocol's figures of a model on the val images, `MEASURED` at most, once."""
    file = folder / f"{name}.json"
    if not file.is_file():

        def told(done: int, total: int) -> None:
            low, high = share
            _tell(folder, COMPARING, low + (high - low) * done / total)

        score = evaluate_set(SamPredictor(sam), folder / "data.tar", MEASURED, told)
        summary = summarise(score.scores)
        figures = {key: value for key, value in summary.items() if not isinstance(value, dict)}
        _write_json(
            file,
            {"images": score.images, **figures, "mean_miou": mean_miou(summary)}
            | {"seconds_per_image": round(score.seconds / score.images, 3)},
        )
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _on_cpu(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().cpu().contiguous() for name, value in weights.items()}


def _tell(folder: Path, phase: str, share: float) -> None:
    _write_json(folder / "progress.json", {"phase": phase, "share": round(share, 4)})


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(dict(content)))
    partial.replace(path)


def write_spec(folder: Path, spec: RetrainSpec) -> None:
    """Gives a folder its task."""
    _write_json(folder / "spec.json", asdict(spec))
