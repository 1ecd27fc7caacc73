"""A retraining from beginning to end, in one folder, so that a process that was killed goes on where it was.

`data.tar` (a shard with splits train and val) and `spec.json` are what it is given. It trains from the parent's weights,
validates now and then and keeps the best average, measures parent and child on val, draws them side by side, trains the
child a detector, exports it as an artifact and says in `result.json` what came of it. `progress.json` is a sign of life;
`validation.jsonl` has the figures along the way.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.sam.artifact import load_artifact, write_artifact
from models.sam.build import sam_from_state_dict, shapes_of
from models.sam.evaluation.side_by_side import draw_comparison
from models.sam.manifest import Manifest, read_manifest, sha256_file, verify_file
from models.sam.memory import free_memory
from models.sam.predictor import SamPredictor
from models.sam.training.comparison import compared
from models.sam.training.export import half_weights, header_of, write_weights
from models.sam.training.optimizer import ENCODER
from models.sam.training.retrain_detector import retrained_detector
from models.sam.training.retrain_folder import EXPORTING, RetrainSpec, read_spec, tell, write_json
from models.sam.training.retrain_plan import (
    LEARNING,
    Parts,
    capacity_of,
    parts_by_default,
    retrain_config,
)
from models.sam.training.retrain_watch import TRAINING_SHARE, Watch
from models.sam.training.trainer import Trainer
from models.sam.weights import load_weights

PICTURES = 6


class Stopped(Exception):
    """The process was told to end in the middle of the training, and saved it."""


def retrain(folder: Path) -> dict[str, Any]:
    """Does what `folder/spec.json` asks, or what is left of it; the content of `result.json`.

    Raises Stopped, and ModelError, DataError, CheckpointError, ValueError, FloatingPointError for what cannot be done.
    """
    spec = read_spec(folder)
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
    metrics = compared(folder, old, child)
    draw_comparison(
        folder / "data.tar", SamPredictor(old), SamPredictor(child), folder / "pictures.jpg", PICTURES
    )
    file = folder / "child.safetensors"
    origin = f"{manifest.name}@{manifest.version}"
    header = header_of(manifest.architecture, trained["step"], manifest.licence)
    header["metrics"] = json.dumps({"retrained_from": origin, **metrics["child"]})
    # Written once: the header's order is the library's whim, and the file's digest is the version.
    if not file.is_file():
        write_weights(child_weights, file, header)
    encoder = [name for name in weights if name.startswith(ENCODER)]
    is_same_encoder = all(torch.equal(weights[name], child_weights[name]) for name in encoder)
    detector = retrained_detector(
        folder,
        spec,
        manifest,
        child,
        name=f"{manifest.name}@{sha256_file(file)[:12]}",
        is_same_encoder=is_same_encoder,
    )
    tell(folder, EXPORTING, 0.0)
    artifact = write_artifact(manifest.name, file, Path(spec.output), timed_on=spec.device, detector=detector)
    result = {
        "name": artifact.manifest.name,
        "version": artifact.manifest.version,
        "parts": parts,
        "device": spec.device,
        "metrics": metrics,
        "is_same_encoder": is_same_encoder,
        "detector": artifact.manifest.metrics.get("detector"),
        **trained,
    }
    write_json(folder / "result.json", result)
    return result


def _chosen(folder: Path, spec: RetrainSpec, weights: Mapping[str, Tensor]) -> tuple[Parts, int]:
    """Parts and objects of a step. Chosen once: a run that goes on must not learn something else with other memory."""
    file = folder / "chosen.json"
    if not file.is_file():
        capacity = capacity_of(spec.device, free_memory(spec.device), encoder_parameters(weights))
        parts = spec.parts or parts_by_default(spec.device, capacity)
        write_json(file, {"parts": parts, "objects": capacity.objects, "device": spec.device})
    chosen = json.loads(file.read_text())
    return Parts(chosen["parts"]), int(chosen["objects"])


def encoder_parameters(weights: Mapping[str, Tensor]) -> int:
    """How many of them are the image encoder's."""
    return sum(value.numel() for name, value in weights.items() if name.startswith(ENCODER))


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
        encoder_parameters=encoder_parameters(weights),
        device=spec.device,
        max_seconds=TRAINING_SHARE * spec.max_seconds,
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
    watch = Watch(folder, trainer, spec, manifest.architecture)
    trainer.run(watch.after_step)
    if trainer.stop_asked:
        raise Stopped
    watch.end()
    facts = {
        "step": trainer.step,
        "resumed_at": first_step if is_resumed else None,
        "seconds": round(trainer.seconds, 1),
        "is_early": watch.is_enough,
    }
    write_json(folder / "trained.json", facts)


def _child_weights(best: Path, parent: Mapping[str, Tensor], parts: Parts) -> dict[str, Tensor]:
    """The weights to ship: what learned as float16, what was frozen exactly as the parent has it."""
    learned = half_weights(load_weights(best))
    begin = LEARNING[parts]
    return {
        name: parent[name].contiguous() if begin and not name.startswith(begin) and name in parent else value
        for name, value in learned.items()
    }
