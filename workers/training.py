"""Retrains a model: accepted masks into a shard, a process of its own that trains, its model registered.

All of a run lies in one folder until its job succeeds or is cancelled, so that a job that is done again goes on where it
was. The process ends with its worker (it reads from a pipe that only the worker holds open), so that two never train in
one folder; its memory goes with it.
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction

from backend.annotations.models import Mask
from backend.common.errors import Conflict
from backend.common.storage import file_read
from backend.embeddings.models import ModelVersion
from backend.embeddings.registration import model_version_register
from backend.images.models import Image
from backend.jobs.context import JobContext, JobInterrupted
from backend.jobs.events import job_finished
from backend.jobs.models import Job
from backend.jobs.registry import handler_add
from backend.jobs.states import UNFINISHED, JobState
from backend.training.models import Parts, TrainingRun
from backend.training.selectors import Material, accepted_images
from backend.training.services import TRAIN, material_checked, run_of, run_store
from backend.training.splits import sides_assigned

if TYPE_CHECKING:
    from models.sam.training.data_sources import AnnotatedImage

logger = logging.getLogger("anymask.training")

POLL_SECONDS: Final = 0.5
CURVE_SECONDS: Final = 5.0
# A process that says nothing for so long hangs. Loading the largest model takes less than a minute.
STALL_SECONDS: Final = 900.0
# What a process that is told to end needs for the step it is in, and to save it.
ENDING_SECONDS: Final = 20.0
KEPT_SECONDS: Final = 7 * 24 * 3600  # folders of failed jobs, which may be tried again
STOPPED: Final = 75  # `models.cli.retrain.STOPPED`
# Of all percent, where each phase begins and ends (`models.sam.training.retrain`).
PHASES: Final = {"training": (0, 85), "comparing": (85, 98), "exporting": (98, 100)}
# Sides of the stored pictures, in sides of the model's input: crops of them are trained on.
SIDE: Final = 2
_AT_ONCE: Final = 50
_CURVE_POINTS: Final = 400


def train(context: JobContext) -> dict[str, Any]:
    """The job: from accepted masks to a registered model version that no project uses yet."""
    run = run_of(context.job)
    folders_sweep()
    folder = run_folder(context.job.uuid)
    folder.mkdir(parents=True, exist_ok=True)
    _material_store(context, run, folder)
    if not (folder / "result.json").is_file():
        _Process(context, run, folder).attend()
    result = json.loads((folder / "result.json").read_text())
    pictures = folder / "pictures.jpg"
    if pictures.is_file():

        def copy(file: IO[bytes]) -> None:
            file.write(pictures.read_bytes())

        context.file_make(name=f"training-{run.pk}.jpg", media_type="image/jpeg", write=copy)
    return _delivered(context, run, folder, result)


def run_folder(job_id: uuid.UUID) -> Path:
    """Where the run of a job lies on this machine."""
    return folders() / str(job_id)


def folders() -> Path:
    return Path(settings.DATA_DIR) / "training"


def folders_sweep() -> int:
    """Removes the folders of runs that are over and were not tried again for a week; how many these were."""
    kept = Job.objects.filter(kind=TRAIN, state__in=[*UNFINISHED, JobState.FAILED])
    states = {str(uuid): state for uuid, state in kept.values_list("uuid", "state")}
    removed = 0
    for folder in folders().glob("*"):
        state = states.get(folder.name)
        is_old = folder.stat().st_mtime < time.time() - KEPT_SECONDS
        if state is None or (state == JobState.FAILED and is_old):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def on_job_finished(*, job: Job, **_: object) -> None:
    """The folder of a failed job stays: tried again, it goes on there."""
    if job.kind == TRAIN and job.state in (JobState.SUCCEEDED, JobState.CANCELLED):
        transaction.on_commit(lambda: shutil.rmtree(run_folder(job.uuid), ignore_errors=True))


def _material_store(context: JobContext, run: TrainingRun, folder: Path) -> None:
    """Writes the accepted masks, as they are now, to the folder's shard, unless they are there."""
    shard = folder / "data.tar"
    if not shard.is_file():
        from models.sam.training.shard import write_images

        projects = list(run.projects.all())
        images = accepted_images(projects=projects)
        sides = sides_assigned(set(images.values_list("sha256", flat=True)))
        counted = _Counted()
        side = SIDE * int(run.parent.manifest["image_size"])
        write_images(counted.over(_annotated(context, images, sides)), folder / "new.tar", side)
        material_checked(counted.material)
        (folder / "material.json").write_text(json.dumps(vars(counted.material)))
        (folder / "new.tar").replace(shard)
    material = Material(**json.loads((folder / "material.json").read_text()))
    with context.holding():
        TrainingRun.objects.filter(pk=run.pk).update(**vars(material))
    context.log(
        f"{material.train_images:,} images with {material.train_masks:,} masks to train on, "
        f"{material.val_images:,} with {material.val_masks:,} to measure by."
    )


class _Counted:
    """Counts what goes into a shard by side."""

    def __init__(self) -> None:
        self.material = Material(0, 0, 0, 0)

    def over(self, images: Iterator[AnnotatedImage]) -> Iterator[AnnotatedImage]:
        counts = dict.fromkeys(vars(self.material), 0)
        for image in images:
            counts[f"{image.split}_images"] += 1
            counts[f"{image.split}_masks"] += len(image.segmentations)
            yield image
        self.material = Material(**counts)


def _annotated(context: JobContext, images: Any, sides: dict[str, Any]) -> Iterator[AnnotatedImage]:
    """The images with all their masks, a few at a time."""
    from models.sam.training.data_sources import AnnotatedImage

    pks = list(images.values_list("pk", flat=True))
    for start in range(0, len(pks), _AT_ONCE):
        chunk = list(Image.objects.filter(pk__in=pks[start : start + _AT_ONCE]).order_by("pk"))
        masks: dict[int, list[str]] = {}
        rows = Mask.objects.filter(image__in=chunk).order_by("created_at", "pk")
        for image_id, counts in rows.values_list("image_id", "counts"):
            masks.setdefault(image_id, []).append(counts)
        for image in chunk:
            context.check()
            if image.pk in masks and image.sha256 in sides:
                yield AnnotatedImage(
                    dataset=str(image.project_id),
                    file_name=f"{image.pk}{Path(image.display_key).suffix}",
                    height=image.height,
                    width=image.width,
                    split=str(sides[image.sha256]),
                    data=file_read(image.display_key),
                    segmentations=[
                        {"size": [image.height, image.width], "counts": counts} for counts in masks[image.pk]
                    ],
                )


class _Process:
    """The process that trains, and what is told of it while it does."""

    def __init__(self, context: JobContext, run: TrainingRun, folder: Path) -> None:
        self.context, self.run, self.folder = context, run, folder
        self.curve_at = 0.0
        self.curve_length = -1
        self.is_chosen = False

    def attend(self) -> None:
        """Until it is done. Raises JobStopped, Conflict `training.failed`, RuntimeError for what may pass."""
        from models.sam.training.retrain import RetrainSpec, write_spec

        run, models = self.run, Path(settings.MODELS_DIR)
        spec = RetrainSpec(
            parent=str(models / run.parent.name / run.parent.version),
            output=str(models),
            parts="" if run.parts == Parts.AUTO else run.parts,
            device=settings.DEVICE,
            max_seconds=60.0 * run.max_minutes,
            steps=run.steps,
            seed=run.pk,
        )
        write_spec(self.folder, spec)
        (self.folder / "progress.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "models.cli.retrain", str(self.folder), "--with-parent"]
        with (self.folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        try:
            self._wait(process)
        except JobInterrupted:
            process.terminate()
            try:
                process.wait(ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                logger.warning("training_killed job=%s", self.context.job.uuid)
            raise
        finally:
            process.kill()
            process.communicate()
        self._tell()
        if process.returncode == 0:
            return
        if process.returncode == 1:
            raise Conflict(f"The training failed: {self._last_words()}", "training.failed")
        raise RuntimeError(f"the training process ended with {process.returncode}: {self._last_words()}")

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        heard, said = time.monotonic(), ""
        while process.poll() is None:
            time.sleep(POLL_SECONDS)
            self._tell()
            words = _text(self.folder / "progress.json")
            if words != said:
                heard, said = time.monotonic(), words
            elif time.monotonic() - heard > STALL_SECONDS:
                raise RuntimeError(f"the training said nothing for {STALL_SECONDS:.0f} s")

    def _tell(self) -> None:
        """Progress into the context, now and then the curve into the run's row."""
        content = _text(self.folder / "progress.json")
        percent = 0
        if content:
            progress = json.loads(content)
            low, high = PHASES[progress["phase"]]
            percent = int(low + (high - low) * progress["share"])
        self.context.progress(percent, 100)
        chosen = _text(self.folder / "chosen.json")
        if chosen and not self.is_chosen:
            self.is_chosen = True
            facts = json.loads(chosen)
            self.context.log(
                f"Training {facts['parts']} on {facts['device']}, {facts['objects']} objects a step."
            )
            self._update(parts_chosen=facts["parts"], device=facts["device"])
        if time.monotonic() - self.curve_at >= CURVE_SECONDS:
            self.curve_at = time.monotonic()
            points = _curve(self.folder)
            if len(points) != self.curve_length:
                self.curve_length = len(points)
                self._update(curve=points)

    def _update(self, **fields: Any) -> None:
        with self.context.holding():
            TrainingRun.objects.filter(pk=self.run.pk).update(**fields)

    def _last_words(self) -> str:
        lines = _text(self.folder / "log.txt").strip().splitlines()
        return lines[-1].removeprefix("retrain: ") if lines else "it said nothing"


def _delivered(context: JobContext, run: TrainingRun, folder: Path, result: dict[str, Any]) -> dict[str, Any]:
    """Registers the model, once however often the job is done; what the job tells of it."""
    path = Path(settings.MODELS_DIR) / result["name"] / result["version"] / "manifest.json"
    is_new = not ModelVersion.objects.filter(name=result["name"], version=result["version"]).exists()
    version, _ = model_version_register(manifest_path=path)
    with context.holding():
        TrainingRun.objects.filter(pk=run.pk).update(curve=_curve(folder))
        verdict = run_store(
            run=run,
            version=version,
            is_new=is_new or version.parent_id is None,
            metrics=result["metrics"],
            is_same_encoder=result["is_same_encoder"],
        )
    if result["resumed_at"] is not None:
        context.log(f"It went on from step {result['resumed_at']:,}.")
    before, after = (result["metrics"][name]["mean_miou"] for name in ("parent", "child"))
    context.log(f"{result['step']:,} steps in {result['seconds']:.0f} s.")
    context.log(f"Mean IoU {before:.3f} before, {after:.3f} after: {verdict}.")
    context.progress(100, 100)
    return {
        "run": run.pk,
        "model": str(version),
        "steps": result["step"],
        "resumed_at": result["resumed_at"],
        "verdict": str(verdict),
        "parent": before,
        "child": after,
    }


def _curve(folder: Path) -> list[dict[str, float]]:
    """The run's curve, all figures of val and as many of the losses as a plot shows."""
    from models.sam.training.retrain import curve

    points = curve(folder)
    losses = [point for point in points if "loss" in point]
    step = -(-len(losses) // _CURVE_POINTS) or 1
    kept = {point["step"] for point in losses[::step]} | {losses[-1]["step"] if losses else -1}
    return [point for point in points if "val" in point or point["step"] in kept]


def _text(path: Path) -> str:
    """The file's text, empty where there is none yet."""
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""


def subscribe() -> None:
    """Called once, by the workers: who does these jobs."""
    handler_add(TRAIN, train)
    job_finished.connect(on_job_finished, dispatch_uid="workers.training.job_finished")
