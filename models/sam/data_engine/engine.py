"""The loop of the data engine, simulated: label, retrain, label on with the better model (SAM paper, section 4).

Everything is kept in one folder, `round<N>/`, and done once: a run that was killed goes on. Photographs of the data set's
split `train` are labelled, those of `val` are never trained on and measure every model.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from models.sam.artifact import load_artifact
from models.sam.data_engine.annotator import Labelled, Made, Terms, Way, clicked, label
from models.sam.data_engine.selection import Choice, choose
from models.sam.evaluation.protocol import EvaluationConfig, chosen_masks, evaluate_set
from models.sam.evaluation.report import summarise
from models.sam.mask_generator import GeneratorSettings
from models.sam.predictor import SamPredictor
from models.sam.rle import area, decode
from models.sam.training.comparison import mean_miou
from models.sam.training.data_sources import AnnotatedImage, DataError, read_images
from models.sam.training.retrain import retrain
from models.sam.training.retrain_folder import RetrainSpec, write_spec
from models.sam.training.shard import write_images

Tell = Callable[[str], None]
# A fifth of what was labelled measures the retrainings, as in a project.
MEASURED_ONE_IN = 5
# As many as the number of clicks (NoC) is counted to, however soon the person draws by hand.
_MEASURED_CLICKS = 20
_TOGETHER = 16


@dataclass(frozen=True)
class EngineConfig:
    """`data`: folder or shard; `parent`: artifact folder of the model of round 0; `rounds` of labelling, each followed by
    a retraining of `parts` for `max_seconds`; `proposing` from round `proposing_from` on; `held_out`: what of split val
    measures every model."""

    data: str
    parent: str
    rounds: int = 3
    images_per_round: int = 20
    choice: Choice = Choice.RANDOM
    terms: Terms = field(default_factory=Terms)
    proposing: GeneratorSettings | None = None
    proposing_from: int = 0
    parts: str = ""
    max_seconds: float = 600.0
    held_out: EvaluationConfig = field(
        default_factory=lambda: EvaluationConfig(limit=30, max_masks_per_image=10)
    )
    device: str = "cpu"
    seed: int = 0


def run_engine(config: EngineConfig, folder: Path, tell: Tell = print) -> list[dict[str, Any]]:
    """A row for each model, that of round 0 first: what labelling with it took, and how it does on what is held out.

    The last row is the model of the last retraining, with which nothing is labelled. Raises DataError, and what
    `retrain` raises; ValueError where `folder` holds a run of another configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder, config)
    pool = {image.file_name: image for image in read_images(Path(config.data), "train")}
    if len(pool) < config.rounds * config.images_per_round:
        raise DataError(
            f"{config.rounds} rounds of {config.images_per_round} images need more than {len(pool)}"
        )
    rows: list[dict[str, Any]] = []
    model = Path(config.parent)
    labelled: dict[str, dict[str, Any]] = {}
    for number in range(config.rounds + 1):
        place = folder / f"round{number}"
        place.mkdir(exist_ok=True)
        predictor = SamPredictor(load_artifact(model, config.device))
        row = {"round": number, "model": f"{model.parent.name}@{model.name}"}
        row |= _once(place / "held_out.json", partial(_measured, config, predictor))
        if number < config.rounds:
            proposing = config.proposing if number >= config.proposing_from else None
            work = partial(_labelled, config, predictor, proposing, pool, labelled, tell)
            new = _once(place / "labels.json", work)
            labelled |= new
            row |= _figures(new)
        rows.append(row)
        tell(_line(row))
        if number < config.rounds:
            model = _retrained(config, model, place / "retraining", folder / "models", pool, labelled)
    return rows


def _claim(folder: Path, config: EngineConfig) -> None:
    file, wanted = folder / "config.json", json.loads(json.dumps(asdict(config), default=sorted))
    if not file.is_file():
        file.write_text(json.dumps(wanted, indent=2))
    elif json.loads(file.read_text()) != wanted:
        raise ValueError(f"{folder} holds a run of another configuration: name another folder")


def _once(file: Path, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    if not file.is_file():
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(work()))
        partial.replace(file)
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _measured(config: EngineConfig, predictor: SamPredictor) -> dict[str, Any]:
    """The protocol's figures on the photographs held out, and the clicks a mask takes there until it is good enough."""
    score = evaluate_set(predictor, Path(config.data), config.held_out)
    made: list[Made] = []
    asked = Terms(config.terms.good_enough, _MEASURED_CLICKS)
    for image, segmentations in chosen_masks(read_images(Path(config.data), "val"), config.held_out):
        predictor.set_image(image.pixels())
        targets = [decode(segmentation) for segmentation in segmentations]
        for start in range(0, len(targets), _TOGETHER):
            made += clicked(predictor, targets[start : start + _TOGETHER], asked)
    reached = [one for one in made if one.way == Way.CLICKS]
    summary = summarise(score.scores)
    return {
        "held_out_images": score.images,
        "held_out_masks": len(made),
        "clicks_per_mask": round(float(np.mean([one.clicks for one in made])), 3),
        "reached_share": round(len(reached) / len(made), 4),
        "mean_miou": mean_miou(summary),
        **{name: summary[name] for name in ("box_miou", "click1_top_miou", "click3_miou", "click5_miou")},
    }


def _labelled(
    config: EngineConfig,
    predictor: SamPredictor,
    proposing: GeneratorSettings | None,
    pool: Mapping[str, AnnotatedImage],
    done: Mapping[str, Any],
    tell: Tell,
) -> dict[str, Any]:
    """The next photographs with what the person made, by file name."""
    rng = np.random.default_rng([config.seed, len(done)])
    open_images = [image for name, image in sorted(pool.items()) if name not in done]
    chosen = choose(config.choice, predictor, open_images, config.images_per_round, rng)
    found: dict[str, Any] = {}
    for number, image in enumerate(chosen, start=1):
        segmentations = [rle for rle in image.segmentations if area(rle) >= config.held_out.min_area]
        targets = [decode(segmentation) for segmentation in segmentations]
        result = label(predictor, image.pixels(), targets, config.terms, proposing)
        found[image.file_name] = _as_json(result, len(targets))
        tell(
            f"  {number} of {len(chosen)}: {len(result.made)} of {len(targets)} objects, {result.actions} actions"
        )
    return found


def _as_json(result: Labelled, objects: int) -> dict[str, Any]:
    return {
        "objects": objects,
        "proposals": result.proposals,
        "actions": result.actions,
        "made": [asdict(one) for one in result.made],
    }


def _figures(labels: Mapping[str, Any]) -> dict[str, Any]:
    """What a round's labelling took."""
    made = [one for entry in labels.values() for one in entry["made"]]
    proposals = sum(entry["proposals"] for entry in labels.values())
    untouched = sum(one["way"] == Way.UNTOUCHED for one in made)
    return {
        "images": len(labels),
        "masks": len(made),
        "masks_per_image": round(len(made) / len(labels), 2),
        "actions_per_mask": round(sum(entry["actions"] for entry in labels.values()) / max(1, len(made)), 3),
        "proposals": proposals,
        "untouched_share": round(untouched / proposals, 4) if proposals else None,
        "prefilled_share": round(untouched / max(1, len(made)), 4),
        "by_hand": sum(one["way"] == Way.BY_HAND for one in made),
    }


def _retrained(
    config: EngineConfig,
    parent: Path,
    folder: Path,
    models: Path,
    pool: Mapping[str, AnnotatedImage],
    labelled: Mapping[str, Any],
) -> Path:
    """The artifact folder of the model retrained on all that was labelled so far."""
    folder.mkdir(exist_ok=True)
    if not (folder / "data.tar").is_file():
        images = []
        for number, (name, entry) in enumerate(labelled.items()):
            split = "val" if number % MEASURED_ONE_IN == MEASURED_ONE_IN - 1 else "train"
            segmentations = [one["segmentation"] for one in entry["made"]]
            images.append(replace(pool[name], split=split, segmentations=segmentations, categories=[]))
        write_images(images, folder / "data.tar")
    spec = RetrainSpec(
        str(parent), str(models), config.parts, config.device, config.max_seconds, seed=config.seed
    )
    write_spec(folder, spec)
    result = _once(folder / "done.json", lambda: retrain(folder))
    return models / str(result["name"]) / str(result["version"])


def _line(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items())
