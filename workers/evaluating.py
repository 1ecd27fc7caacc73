"""One of the paper's experiments on a project's accepted masks: they go into a shard, the model looks at image by image,
a page with figures and examples comes of it.

All of an evaluation lies in one folder until its job succeeds or is cancelled, so that a job that is done again goes on
with the images that are left. The model is taken for one image at a time, so that pictures that wait for their
embeddings get their turn between.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.conf import settings

from backend.common.errors import Conflict, Unavailable
from backend.evaluations.models import EVALUATE, Evaluation
from backend.evaluations.registry import DATASET, MAX_IMAGES, MAX_MASKS
from backend.evaluations.selectors import evaluation_of, images_chosen, key_figures, places_chosen
from backend.evaluations.services import evaluation_store
from backend.images.models import Image
from backend.jobs.context import JobContext
from backend.jobs.registry import handler_add
from models.sam.errors import ModelError
from workers.accepted_masks import StoredMask, annotated, images_with_masks
from workers.image_failures import looked
from workers.job_folders import JobFolders
from workers.runtime import runtime

if TYPE_CHECKING:
    from models.sam.evaluation.task import Item, Task
    from models.sam.training.data_sources import AnnotatedImage

FOLDERS: Final = JobFolders(EVALUATE, "evaluations")
# Long side of the stored pictures, pixels: the same for all models, which are compared by them.
SIDE: Final = 2048
_SPLIT: Final = "val"
# Options of a task that are nobody's to set here: the ablation doubles the time and says nothing of a project.
_FIXED: Final = {"no_single_output": True}

Found = TypeVar("Found")


def evaluate(context: JobContext) -> dict[str, Any]:
    """The job. Images that an earlier attempt measured are passed over."""
    from models.sam.evaluation.run import PAGE, run_task
    from models.sam.training.data_sources import DataError

    evaluation = evaluation_of(job=context.job)
    version = evaluation.model_version
    FOLDERS.sweep()
    folder = FOLDERS.of(context.job.uuid)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        runtime().prepare(version.name, version.version)
        task = task_of(evaluation)
    except ModelError as error:
        raise Unavailable(f"{version}: {error.message}", "embedding.model_unavailable") from error
    lost = material_store(context, evaluation, folder)

    def attempt(item: Item, look: Callable[[], Found], /) -> Found | None:
        context.check()
        return looked(context, "evaluation", item.image.file_name, look)[0]

    try:
        report = run_task(
            task,
            lambda: runtime().turn(version.name, version.version),
            [folder / f"{DATASET}.tar"],
            {"model": str(version)},
            folder,
            context.progress,
            attempt,
            lost,
        )
    except DataError as error:
        raise Conflict(f"Nothing was measured: {error}.", "evaluation.nothing_measured") from error
    page = (folder / PAGE).read_bytes()
    name = f"{evaluation.task}-{version.name}-{version.version}.html"
    context.file_store(name=name, media_type="text/html", pieces=[page])
    # A number that is none is nothing that every database keeps.
    report = json.loads(json.dumps(report), parse_constant=lambda _: None)
    with context.holding():
        evaluation_store(evaluation=evaluation, report=report)
    evaluation.report = report
    return _told(context, evaluation, report)


def _told(context: JobContext, evaluation: Evaluation, report: dict[str, Any]) -> dict[str, Any]:
    """What the job says of itself."""
    figures = key_figures(evaluation)
    context.log(
        f"{report['images']:,} images measured; {report['images_left_out']:,} images could not be looked at."
    )
    if figures:
        context.log("; ".join(f"{one['name']} {one['value']:.3f}" for one in figures) + ".")
    return {"evaluation": evaluation.pk, "images": report["images"], "figures": figures}


def task_of(evaluation: Evaluation) -> Task:
    """The experiment with its settings, made as the command makes it from its options. Raises ModelError."""
    from models.sam.evaluation.protocol import EvaluationConfig
    from models.sam.evaluation.tasks import TASKS

    kind = TASKS[evaluation.task]
    parser = argparse.ArgumentParser()
    kind.add_options(parser.add_argument_group())
    options = parser.parse_args([])
    version = evaluation.model_version
    artifact = Path(settings.MODELS_DIR) / version.name / version.version
    said: dict[str, Any] = {**_FIXED, **evaluation.settings, "detector": _detector(artifact)}
    for name, value in said.items():
        if hasattr(options, name):
            setattr(options, name, value)
    options.device = settings.DEVICE
    config = EvaluationConfig(
        split=_SPLIT, max_masks_per_image=evaluation.settings.get(MAX_MASKS.name), seed=0
    )
    return kind.from_options(config, options)


def _detector(artifact: Path) -> Path | None:
    """The artifact's file of one, where it has one. Raises ModelError for one that is damaged."""
    from models.sam.manifest import read_manifest, verify_file

    entry = read_manifest(artifact).detector
    return None if entry is None else verify_file(artifact, entry)


def material_store(context: JobContext, evaluation: Evaluation, folder: Path) -> int:
    """Writes the accepted masks, as they are now, to the folder's shard, unless they are there; how many images could not
    be read. Raises JobStopped."""
    from models.sam.training.shard import write_images

    shard, lost = folder / f"{DATASET}.tar", folder / "lost.json"
    if not shard.is_file():
        names: list[str] = []
        images, masks = write_images(_readable(context, evaluation, names), folder / "new.tar", SIDE)
        context.log(f"{masks:,} masks of {images:,} images to measure by.")
        lost.write_text(json.dumps(names))
        (folder / "new.tar").replace(shard)
    return len(json.loads(lost.read_text()))


def _readable(context: JobContext, evaluation: Evaluation, lost: list[str]) -> Iterator[AnnotatedImage]:
    """The images with their masks; names of those that cannot be read are added to `lost`."""
    chosen = images_chosen(project=evaluation.project, most=evaluation.settings[MAX_IMAGES.name])
    most = evaluation.settings.get(MAX_MASKS.name)
    for image, masks in images_with_masks(context, chosen):
        if most is not None:
            masks = [masks[at] for at in places_chosen(mask_ids=[mask.id for mask in masks], most=most)]
        found, _ = looked(context, "evaluation", image.file_name, partial(_read, image, masks))
        if found is None:
            lost.append(image.file_name)
        else:
            yield found


def _read(image: Image, masks: Sequence[StoredMask]) -> AnnotatedImage:
    """The image, once it is known that it can be read, under a name that people know it by."""
    made = annotated(image, masks, _SPLIT)
    made.file_name = f"{image.pk} {Path(image.file_name).name}"
    made.pixels()
    return made


def subscribe() -> None:
    """Called once, where jobs are done."""
    handler_add(EVALUATE, evaluate)
    FOLDERS.subscribe()
