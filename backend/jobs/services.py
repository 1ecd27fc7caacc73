"""What people do with jobs: ask for one, stop it, ask for it again."""

import logging
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.common.errors import Conflict
from backend.jobs.claims import job_move, jobs_ring
from backend.jobs.models import Job
from backend.jobs.registry import kind_get
from backend.jobs.selectors import job_unfinished
from backend.jobs.states import FINISHED, UNFINISHED, JobState
from backend.projects.models import Membership, Project
from backend.projects.permissions import may_start_job
from backend.projects.selectors import project_locked
from backend.projects.standing import role_refused
from backend.users.models import User

logger = logging.getLogger("anymask.jobs")

# Of one project at a time: a script that goes round in circles must not keep everybody else's jobs waiting.
MOST_UNFINISHED: Final = 50


@transaction.atomic
def job_create(
    *, project: Project, creator: User, kind: str, params: Mapping[str, Any], job_id: uuid.UUID
) -> tuple[Job, bool]:
    """The job with this id, queued, and whether this made it: the same id again is the same job, so that a retry is
    safe.

    Raises InvalidInput `job.unknown_kind`, PermissionRefused `project.role_forbids`, Conflict `job.id_taken`,
    `job.too_many`, and what the kind says of `params`.
    """
    chosen = kind_get(kind)
    _leave_checked(project.pk, creator, kind)
    project = project_locked(project_id=project.pk)
    stored = Job.objects.select_related("project", "created_by").filter(uuid=job_id).first()
    if stored is not None:
        if (stored.project_id, stored.created_by_id, stored.kind) != (project.pk, creator.pk, kind):
            raise Conflict("This id belongs to another job.", "job.id_taken")
        return stored, False
    room_checked(project=project)
    checked = chosen.check(project, creator, params)
    try:
        with transaction.atomic():
            job = job_enqueue(kind=kind, params=checked, project=project, creator=creator, job_id=job_id)
    except IntegrityError as error:
        # Made in another project in this very moment.
        raise Conflict("This id belongs to another job.", "job.id_taken") from error
    return job, True


def room_checked(*, project: Project) -> None:
    """Raises Conflict `job.too_many` where too many jobs of the project, which is locked, wait already."""
    if Job.objects.filter(project=project, state__in=UNFINISHED).count() >= MOST_UNFINISHED:
        raise Conflict(
            f"{MOST_UNFINISHED} jobs of this project are not finished yet. Wait for some, or cancel them.",
            "job.too_many",
        )


@transaction.atomic
def job_enqueue(
    *,
    kind: str,
    params: Mapping[str, Any],
    project: Project | None,
    creator: User | None,
    job_id: uuid.UUID | None = None,
) -> Job:
    """A job whose params were checked, for other apps' services: nobody's leave is asked for."""
    chosen = kind_get(kind)
    job = Job.objects.create(
        uuid=job_id or uuid.uuid4(),
        kind=kind,
        queue=chosen.queue,
        unit=chosen.unit,
        project=project,
        created_by=creator,
        params=dict(params),
        queued_at=timezone.now(),
    )
    # The request that asked for it is known by this line: a job may outlive it, and any worker may do it.
    logger.info("job_queued id=%s kind=%s", job.uuid, job.kind)
    transaction.on_commit(lambda: jobs_ring(job.queue))
    return job


@transaction.atomic
def job_ensured(
    *,
    project: Project,
    kind: str,
    params: Mapping[str, Any],
    creator: User | None,
    may_follow: Callable[[Job], bool],
) -> Job | None:
    """The project's job of this kind that is not finished, else a new one: however many ask at once, there is one.

    None where `may_follow` says no of the last one that is finished, or where too many jobs of the project wait.
    Nobody's leave is asked for. Not for a transaction that holds memberships or images already: this holds the project.
    """
    running = job_unfinished(project=project, kind=kind)
    if running is not None:
        return running
    project = project_locked(project_id=project.pk)
    last = Job.objects.filter(project=project, kind=kind).order_by("-pk").first()
    if last is not None and last.state in UNFINISHED:
        return last
    if last is not None and not may_follow(last):
        return None
    try:
        room_checked(project=project)
    except Conflict:
        return None
    return job_enqueue(kind=kind, params=params, project=project, creator=creator)


@transaction.atomic
def job_cancel(*, job: Job) -> None:
    """A job that waits is cancelled at once; one that runs is told, and ends within seconds. Cancelling twice is once.
    Raises Conflict `job.finished`."""
    job = _held(job)
    if job.state == JobState.CANCELLED:
        return
    if job.state in FINISHED:
        raise Conflict("This job is finished already.", "job.finished", {"state": job.state})
    now = timezone.now()
    if job.state == JobState.QUEUED:
        job_move(job, JobState.CANCELLED, cancel_requested_at=now)
    elif job.cancel_requested_at is None:
        Job.objects.filter(pk=job.pk).update(cancel_requested_at=now)


@transaction.atomic
def job_retry(*, job: Job, actor: User) -> None:
    """Queues a failed or cancelled job again with all its attempts; its log goes on. One that is not finished stays as
    it is. Raises Conflict `job.succeeded`, `job.cancelling`, PermissionRefused `project.role_forbids` for who may not
    start such a job."""
    job = _held(job)
    if job.project_id is not None:
        _leave_checked(job.project_id, actor, job.kind)
    if job.state in UNFINISHED and job.cancel_requested_at is None:
        return
    if job.state == JobState.RUNNING:
        raise Conflict("This job is being cancelled. Try again in a moment.", "job.cancelling")
    if job.state == JobState.SUCCEEDED:
        raise Conflict("This job succeeded. Start another one.", "job.succeeded")
    job_move(
        job,
        JobState.QUEUED,
        attempts=0,
        done=0,
        total=None,
        progress_at=None,
        queued_at=timezone.now(),
        started_at=None,
        finished_at=None,
        cancel_requested_at=None,
        error_code="",
        error_message="",
    )
    transaction.on_commit(lambda: jobs_ring(job.queue))


def _leave_checked(project_id: int, user: User, kind: str) -> None:
    """Raises PermissionRefused `project.role_forbids`."""
    role = Membership.Role(Membership.objects.get(project=project_id, user=user).role)
    if not may_start_job(role, kind):
        raise role_refused(role)


def _held(job: Job) -> Job:
    """The job as it is now; nobody else changes it until the transaction ends."""
    return Job.objects.select_for_update(of=("self",), no_key=True).get(pk=job.pk)
