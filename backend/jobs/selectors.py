import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.common.errors import Conflict, NotFound
from backend.jobs.models import Job, JobLogLine
from backend.jobs.registry import kinds_done_here
from backend.jobs.states import FINISHED, UNFINISHED, JobState
from backend.projects.models import Membership, Project
from backend.projects.permissions import Relation, may, may_start_job
from backend.projects.standing import Standing
from backend.users.models import User

# What is said to those whose role allows to stop their own jobs only.
REFUSALS: Final = {Relation.OTHER: ("job.of_other", "This job is somebody else's.")}
LINES_AT_ONCE: Final = 200
# Earlier than that a rate says nothing.
_ETA_AFTER: Final = timedelta(seconds=1)


def job_list(*, user: User, project: Project | None = None) -> QuerySet[Job]:
    """Jobs of the project, or of all projects `user` is a member of, with what is shown of them."""
    mine = Membership.objects.filter(user=user).values("project")
    jobs = Job.objects.filter(project__in=mine) if project is None else Job.objects.filter(project=project)
    return jobs.select_related("project", "created_by")


def job_get(*, user: User, job_id: uuid.UUID) -> Job:
    """One job. Raises NotFound `job.not_found`, also for those who are not members of its project."""
    job = job_list(user=user).filter(uuid=job_id).first()
    if job is None:
        raise NotFound("There is no such job.", "job.not_found")
    return job


def job_unfinished(*, project: Project, kind: str) -> Job | None:
    """A job of this kind that waits or runs."""
    return Job.objects.filter(project=project, kind=kind, state__in=UNFINISHED).order_by("-pk").first()


def jobs_expired(*, now: datetime) -> QuerySet[Job]:
    """Running jobs whose worker has not been heard of since the lease ended."""
    lost = Q(lease_expires_at__lt=now) | Q(lease_expires_at__isnull=True)
    return Job.objects.filter(lost, state=JobState.RUNNING)


def job_lines(*, job: Job, after: int) -> list[JobLogLine]:
    """What was logged after line `after`: the next lines, or without one (0) the latest."""
    lines = JobLogLine.objects.filter(job=job)
    if after:
        return list(lines.filter(number__gt=after).order_by("number")[:LINES_AT_ONCE])
    return list(lines.order_by("-number")[:LINES_AT_ONCE])[::-1]


def job_eta_seconds(job: Job) -> float | None:
    """Seconds until it is done at the rate it had since it was started; None while nobody can tell."""
    if job.state != JobState.RUNNING or not job.done or job.total is None:
        return None
    if job.started_at is None or job.progress_at is None:
        return None
    elapsed = job.progress_at - job.started_at
    if elapsed < _ETA_AFTER:
        return None
    left = elapsed.total_seconds() / job.done * max(0, job.total - job.done)
    return round(left, 1)


def job_file_checked(*, job: Job) -> Job:
    """The job, if its file can be had. Raises Conflict `job.no_file`, NotFound `job.file_expired`."""
    if job.is_expired:
        raise NotFound("The file was removed after some days. Start the job again.", "job.file_expired")
    if not job.file_key:
        raise Conflict("This job has made no file.", "job.no_file", {"state": job.state})
    return job


def jobs_allowed(*, user: User, jobs: Iterable[Job]) -> dict[int, list[str]]:
    """By the job's primary key: `cancel`, `retry` and `file`, as far as they make sense and the table lets `user`. One
    query."""
    jobs = list(jobs)
    rows = Membership.objects.filter(user=user, project__in={job.project_id for job in jobs})
    roles = {project: Membership.Role(role) for project, role in rows.values_list("project", "role")}
    allowed: dict[int, list[str]] = {}
    for job in jobs:
        allowed[job.pk] = []
        role = roles.get(job.project_id or 0)
        if role is None:
            continue
        relation = Relation.OWN if job.created_by_id == user.pk else Relation.OTHER
        for word, states in (("cancel", UNFINISHED), ("retry", FINISHED - {JobState.SUCCEEDED})):
            is_let = may(role, "POST", f"jobs/{{job_id}}/{word}/", relation)
            if word == "retry":
                is_let = is_let and may_start_job(role, job.kind)
            if job.state in states and is_let and (word != "cancel" or job.cancel_requested_at is None):
                allowed[job.pk].append(word)
        if job.file_key and not job.is_expired and may(role, "GET", "jobs/{job_id}/file/", relation):
            allowed[job.pk].append("file")
    return allowed


def standing_of_job(user: User, job_id: uuid.UUID) -> Standing:
    """Whether `user` started it. The caller has checked that there is one."""
    row = Job.objects.filter(uuid=job_id).values_list("created_by").first()
    if row is None:
        raise NotFound("There is no such job.", "job.not_found")
    return Standing(is_own=row[0] == user.pk)


def jobs_wait(*, queue: str) -> bool:
    """Whether a job of this queue waits that this process can do."""
    return Job.objects.filter(queue=queue, state=JobState.QUEUED, kind__in=kinds_done_here()).exists()


def failed_since_yesterday() -> QuerySet[Job]:
    return Job.objects.filter(state=JobState.FAILED, finished_at__gte=timezone.now() - timedelta(days=1))
