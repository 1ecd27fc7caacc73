"""Asking for a run."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from backend.annotations.judging import Named
from backend.common.errors import Conflict, InvalidInput
from backend.images.models import Image
from backend.jobs.models import Job
from backend.jobs.services import job_enqueue, room_checked
from backend.projects.audit import audit
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.proposals.models import PROPOSE, ProposalRun, Source
from backend.proposals.presets import settings_of
from backend.proposals.selectors import images_left
from backend.users.models import User


@transaction.atomic
def run_create(
    *,
    project: Project,
    creator: User,
    job_id: uuid.UUID,
    stage: str,
    preset: str,
    source: str = Source.GRID,
    settings: Mapping[str, Any] | None = None,
    label_id: int | None = None,
    image_ids: Sequence[int] | None = None,
    statuses: Sequence[str] | None = None,
    supersede: bool = True,
) -> tuple[ProposalRun, bool]:
    """A run of the project's model over its images, queued, and whether this made it: the same id again is the same run.

    Raises InvalidInput `proposal.settings`, `proposal.images`, `mask.label`, Conflict `proposal.no_detector`,
    `job.id_taken`, `job.too_many`.
    """
    project = project_locked(project_id=project.pk)
    job = Job.objects.filter(uuid=job_id).first()
    if job is not None:
        run = ProposalRun.objects.filter(job=job, project=project, job__created_by=creator).first()
        if run is None:
            raise Conflict("This id belongs to another job.", "job.id_taken")
        return run, False
    room_checked(project=project)
    if source != Source.GRID and not project.model.manifest.get("detector"):
        raise Conflict(
            f"{project.model} has no detector: one is trained with the model, from 50 masks on.",
            "proposal.no_detector",
        )
    run = ProposalRun(
        project=project,
        stage=stage,
        source=source,
        preset=preset,
        settings=settings_of(preset=preset, overrides=settings or {}),
        model_version=project.model,
        label=Named(project.pk).label(label_id),
        image_ids=None if image_ids is None else _images_named(project, image_ids),
        statuses=None if statuses is None else sorted(set(statuses)),
        last_image_id=Image.objects.filter(project=project).aggregate(last=Max("pk"))["last"] or 0,
        supersede=supersede,
    )
    run.images_total = images_left(run=run).count()
    run.job = job_enqueue(
        kind=PROPOSE,
        # For its title; all there is to know stands in the run.
        params={"stage": stage},
        project=project,
        creator=creator,
        job_id=job_id,
    )
    run.save(force_insert=True)
    audit(
        project=project,
        actor=creator,
        action="proposals.started",
        subject=str(run.model_version),
        stage=stage,
        source=source,
        preset=preset,
        images=run.images_total,
    )
    return run, True


def _images_named(project: Project, image_ids: Sequence[int]) -> list[int]:
    wanted = set(image_ids)
    known = set(
        Image.objects.filter(project=project, original=None, pk__in=wanted).values_list("pk", flat=True)
    )
    if wanted != known:
        raise InvalidInput(
            "Some of these are no images of the project.",
            "proposal.images",
            {"image_ids": sorted(wanted - known)},
        )
    return sorted(known)
