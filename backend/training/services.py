"""Starting a retraining, keeping what came of it, giving a project its model and the one of before."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from django.db import transaction

from backend.common.errors import Conflict, NotFound
from backend.embeddings.models import ModelVersion
from backend.jobs.models import Job
from backend.jobs.services import job_enqueue
from backend.jobs.states import UNFINISHED
from backend.projects.audit import audit
from backend.projects.models import Membership, Project
from backend.projects.permissions import MANAGERS
from backend.projects.selectors import project_locked
from backend.projects.services import project_update
from backend.projects.standing import role_refused
from backend.training.models import ModelChange, Parts, TrainingRun, Verdict
from backend.training.selectors import Material, material_of, model_before
from backend.training.verdicts import difference_text, verdict_of
from backend.users.models import User

TRAIN: Final = "train"
# Fewer say nothing.
TRAIN_MASKS_NEEDED: Final = 8
VAL_MASKS_NEEDED: Final = 2
Reason = ModelChange.Reason


@transaction.atomic
def run_create(
    *,
    project: Project,
    creator: User,
    run_uuid: uuid.UUID,
    project_ids: Sequence[int] = (),
    parts: str = Parts.AUTO,
    max_minutes: int,
    steps: int | None = None,
) -> tuple[TrainingRun, bool]:
    """A retraining of the project's model from its accepted masks and those of other projects, queued, and whether this
    made it: the same uuid again is the same run.

    Raises NotFound `project.not_found` and PermissionRefused `project.role_forbids` for a project that `creator` does not
    manage, Conflict `training.too_few`, `training.running`, `job.id_taken`.
    """
    projects = [project, *projects_managed(creator, set(project_ids) - {project.pk})]
    project = project_locked(project_id=project.pk)
    job = Job.objects.filter(uuid=run_uuid).first()
    if job is not None:
        run = TrainingRun.objects.filter(job=job, project=project, job__created_by=creator).first()
        if run is None:
            raise Conflict("This id belongs to another job.", "job.id_taken")
        return run, False
    if Job.objects.filter(project=project, kind=TRAIN, state__in=UNFINISHED).exists():
        raise Conflict(
            "A model of this project is being trained. Wait for it, or cancel it.", "training.running"
        )
    material = material_of(project=project, projects=projects)
    material_checked(material)
    job = job_enqueue(kind=TRAIN, params={}, project=project, creator=creator, job_id=run_uuid)
    run = TrainingRun.objects.create(
        job=job,
        project=project,
        parent=project.model,
        parts=parts,
        max_minutes=max_minutes,
        steps=steps,
        **asdict(material),
    )
    run.projects.set(projects)
    audit(
        project=project,
        actor=creator,
        action="training.started",
        subject=str(project.model),
        projects=sorted(one.pk for one in projects),
        parts=parts,
    )
    return run, True


def material_checked(material: Material) -> None:
    """Raises Conflict `training.too_few`."""
    if material.train_masks < TRAIN_MASKS_NEEDED or material.val_masks < VAL_MASKS_NEEDED:
        raise Conflict(
            f"There are {material.train_masks} accepted masks to train on and {material.val_masks} to measure by; "
            f"{TRAIN_MASKS_NEEDED} and {VAL_MASKS_NEEDED} are needed. Accept more images.",
            "training.too_few",
            {
                **asdict(material),
                "train_masks_needed": TRAIN_MASKS_NEEDED,
                "val_masks_needed": VAL_MASKS_NEEDED,
            },
        )


def run_of(job: Job) -> TrainingRun:
    """The run that the job is for. Raises NotFound `training.not_found`."""
    run = TrainingRun.objects.select_related("parent", "project").filter(job=job).first()
    if run is None:
        raise NotFound("There is no such training run.", "training.not_found")
    return run


def run_store(
    *,
    run: TrainingRun,
    version: ModelVersion,
    is_new: bool,
    metrics: Mapping[str, Mapping[str, Any]],
    is_same_encoder: bool,
) -> Verdict:
    """Keeps what came of a run: a model that is nobody's yet. Call it while the run's job is held."""
    verdict = verdict_of(metrics)
    if is_new:
        parent = run.parent
        ModelVersion.objects.filter(pk=version.pk).update(
            parent=parent,
            encoder_of=(parent.encoder_of_id or parent.pk) if is_same_encoder else None,
            metrics=dict(metrics["child"]),
        )
    TrainingRun.objects.filter(pk=run.pk).update(result=version, metrics=dict(metrics), verdict=verdict)
    return verdict


@transaction.atomic
def run_promote(*, run: TrainingRun, actor: User, even_if_worse: bool) -> Project:
    """Gives the run's project the model that came of it. Embeddings follow in the background.

    Raises Conflict `training.no_result`; unless `even_if_worse`, `training.worse` for a model that is not shown to be
    better than the one it came from, and `training.not_compared` where the project has another than that one now.
    """
    if run.result is None:
        raise Conflict("Nothing came of this training yet.", "training.no_result", {"state": run.job.state})
    is_better = run.verdict == Verdict.BETTER
    if not is_better and not even_if_worse:
        raise worse(run)
    project = project_locked(project_id=run.project_id)
    if project.model_id not in (run.parent_id, run.result_id) and not even_if_worse:
        raise Conflict(
            f"This model was measured against {run.parent}, but the project uses {project.model} now. "
            "Promote it with even_if_worse if that is what you want.",
            "training.not_compared",
            {"run": run.pk, "parent": run.parent_id, "model": project.model_id},
        )
    return project_update(
        project=project,
        changes={"model": run.result},
        actor=actor,
        reason=Reason.PROMOTED if is_better else Reason.PROMOTED_THOUGH_WORSE,
    )


def worse(run: TrainingRun) -> Conflict:
    """What is said of a model that is not shown to be better than its parent."""
    before, after = (run.metrics[name]["mean_miou"] for name in ("parent", "child"))
    return Conflict(
        f"Nothing shows that this model is better than the one it came from: mean IoU {after:.3f}, before {before:.3f}. "
        f"{difference_text(run.metrics)} Promote it with even_if_worse if that is what you want.",
        "training.worse",
        {
            "run": run.pk,
            "parent": before,
            "child": after,
            "verdict": run.verdict,
            "difference": run.metrics["difference"],
        },
    )


@transaction.atomic
def model_roll_back(*, project: Project, actor: User) -> Project:
    """Gives the project the model it had before. Raises Conflict `training.nothing_before`."""
    project = project_locked(project_id=project.pk)
    before = model_before(project=project)
    if before is None:
        raise Conflict("The project never had another model.", "training.nothing_before")
    return project_update(project=project, changes={"model": before}, actor=actor, reason=Reason.ROLLED_BACK)


def projects_managed(user: User, project_ids: set[int]) -> list[Project]:
    """These projects, all of which `user` manages. Raises NotFound `project.not_found`, PermissionRefused
    `project.role_forbids`."""
    rows = Membership.objects.filter(user=user, project__in=project_ids).select_related("project")
    found = {row.project_id: row for row in rows.order_by("project_id")}
    if project_ids - found.keys():
        raise NotFound("There is no such project, or you are not a member of it.", "project.not_found")
    for row in found.values():
        if row.role not in MANAGERS:
            raise role_refused(Membership.Role(row.role))
    return [row.project for row in found.values()]
