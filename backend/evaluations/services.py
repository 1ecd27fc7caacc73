"""Asking for an evaluation, and keeping what came of it."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from backend.common.errors import Conflict, InvalidInput
from backend.embeddings.selectors import model_version_named
from backend.evaluations.models import EVALUATE, Evaluation
from backend.evaluations.registry import TASKS, EvaluationTask
from backend.jobs.models import Job
from backend.jobs.services import job_enqueue, room_checked
from backend.projects.audit import audit
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.training.selectors import accepted_images
from backend.users.models import User


@transaction.atomic
def evaluation_create(
    *,
    project: Project,
    creator: User,
    job_id: uuid.UUID,
    task: str,
    model: str | None = None,
    settings: Mapping[str, int] | None = None,
) -> tuple[Evaluation, bool]:
    """An evaluation of `model` (name@version; None: the project's), queued, and whether this made it: the same id again
    is the same evaluation. What `settings` leaves out is the task's default.

    Raises InvalidInput `evaluation.task`, `evaluation.model`, `evaluation.setting`, Conflict
    `evaluation.nothing_accepted`, `job.id_taken`, `job.too_many`.
    """
    project = project_locked(project_id=project.pk)
    job = Job.objects.filter(uuid=job_id).first()
    if job is not None:
        made = Evaluation.objects.filter(job=job, project=project, job__created_by=creator).first()
        if made is None:
            raise Conflict("This id belongs to another job.", "job.id_taken")
        return made, False
    chosen = _task(task)
    wanted = settings_checked(chosen, settings or {})
    version = project.model if model is None else model_version_named(model=model)
    if version is None:
        raise InvalidInput("No such model is registered; it is named name@version.", "evaluation.model")
    room_checked(project=project)
    if not accepted_images(projects=[project]).exists():
        raise Conflict(
            "An evaluation measures by masks of accepted images, and there are none yet.",
            "evaluation.nothing_accepted",
        )
    params = {"task": task, "model": str(version), "settings": wanted}
    job = job_enqueue(kind=EVALUATE, params=params, project=project, creator=creator, job_id=job_id)
    made = Evaluation.objects.create(
        job=job, project=project, model_version=version, task=task, settings=wanted
    )
    audit(
        project=project,
        actor=creator,
        action="evaluation.started",
        subject=str(version),
        task=task,
        settings=wanted,
    )
    return made, True


def settings_checked(task: EvaluationTask, wanted: Mapping[str, int]) -> dict[str, int]:
    """All settings of the task, those of `wanted` in place of its defaults. Raises InvalidInput `evaluation.setting`."""
    known = {setting.name: setting for setting in task.settings}
    for name, value in wanted.items():
        setting = known.get(name)
        if setting is None:
            raise InvalidInput(
                f"The task {task.name} has no setting {name!r}.",
                "evaluation.setting",
                {"setting": name, "known": sorted(known)},
            )
        if not setting.least <= value <= setting.most:
            raise InvalidInput(
                f"{name} is from {setting.least} to {setting.most}.",
                "evaluation.setting",
                {"setting": name, "least": setting.least, "most": setting.most},
            )
    return {name: wanted.get(name, setting.default) for name, setting in known.items()}


def evaluation_store(*, evaluation: Evaluation, report: dict[str, Any]) -> None:
    """Keeps the report. Call it in a transaction that holds the evaluation's job."""
    Evaluation.objects.filter(pk=evaluation.pk).update(
        report=report, images=report["images"], images_left_out=report["images_left_out"]
    )


def _task(name: str) -> EvaluationTask:
    if name not in TASKS:
        raise InvalidInput(
            f"There is no task {name!r} to evaluate by.", "evaluation.task", {"known": [*TASKS]}
        )
    return TASKS[name]
