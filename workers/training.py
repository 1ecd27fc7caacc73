"""Retrains a model: accepted masks into a shard, a process of its own that trains, its model registered.

All of a run lies in one folder until its job succeeds or is cancelled, so that a job that is done again goes on where it
was.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings

from backend.embeddings.models import ModelVersion
from backend.embeddings.registration import model_version_register
from backend.jobs.context import JobContext
from backend.jobs.registry import handler_add
from backend.training.models import TrainingRun
from backend.training.services import TRAIN, run_of, run_store
from backend.training.verdicts import difference_text, verdict_of
from workers.job_folders import JobFolders
from workers.training_material import material_store
from workers.training_process import TrainingProcess, curve_shown

FOLDERS: Final = JobFolders(TRAIN, "training")


def train(context: JobContext) -> dict[str, Any]:
    """The job: from accepted masks to a registered model version that no project uses yet."""
    run = run_of(context.job)
    FOLDERS.sweep()
    folder = FOLDERS.of(context.job.uuid)
    folder.mkdir(parents=True, exist_ok=True)
    material_store(context, run, folder)
    if not (folder / "result.json").is_file():
        TrainingProcess(context, run, folder).attend()
    result = json.loads((folder / "result.json").read_text())
    _pictures_keep(context, folder / "pictures.jpg", result)
    return _delivered(context, run, folder, result)


def _pictures_keep(context: JobContext, pictures: Path, result: dict[str, Any]) -> None:
    """Makes the pictures the job's file, whose name people read in the notification of its end."""
    if not pictures.is_file():
        return

    def copy(file: IO[bytes]) -> None:
        file.write(pictures.read_bytes())

    name = f"{result['name']}-{result['version']}-{verdict_of(result['metrics'])}.jpg"
    context.file_make(name=name, media_type="image/jpeg", write=copy)


def _delivered(context: JobContext, run: TrainingRun, folder: Path, result: dict[str, Any]) -> dict[str, Any]:
    """Registers the model, once however often the job is done; what the job tells of it."""
    path = Path(settings.MODELS_DIR) / result["name"] / result["version"] / "manifest.json"
    is_new = not ModelVersion.objects.filter(name=result["name"], version=result["version"]).exists()
    version, _ = model_version_register(manifest_path=path)
    metrics = result["metrics"]
    with context.holding():
        TrainingRun.objects.filter(pk=run.pk).update(curve=curve_shown(folder))
        verdict = run_store(
            run=run,
            version=version,
            is_new=is_new or version.parent_id is None,
            metrics=metrics,
            is_same_encoder=result["is_same_encoder"],
        )
    if result["resumed_at"] is not None:
        context.log(f"It went on from step {result['resumed_at']:,}.")
    context.log(f"{result['step']:,} steps in {result['seconds']:.0f} s.")
    if result["is_early"]:
        context.log("It ended early, as it no longer got better.")
    before, after = (metrics[name]["mean_miou"] for name in ("parent", "child"))
    context.log(f"Mean IoU {before:.3f} before, {after:.3f} after: {verdict}. {difference_text(metrics)}")
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


def subscribe() -> None:
    """Called once, by the workers: who does these jobs."""
    handler_add(TRAIN, train)
    FOLDERS.subscribe()
