"""Every change of a job by those who do it. A worker claims a row with a lease and a claim id; whoever lost the lease can
change nothing any more, since each update asks for the claim id as well."""

import logging
import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from backend.common import jobs
from backend.common.leases import leases_shorten
from backend.common.storage import files_delete
from backend.jobs.context import JobContext
from backend.jobs.events import job_finished
from backend.jobs.models import Job, JobLogLine
from backend.jobs.registry import keeps_file, kinds_done_here, max_attempts
from backend.jobs.selectors import jobs_expired
from backend.jobs.states import FINISHED, JobState, may_follow

logger = logging.getLogger("anymask.jobs")

LINES_KEPT: Final = 1000
EXPIRED_AT_ONCE: Final = 100

Line = tuple[datetime, str, str]


def jobs_ring(queue: str, *, expires: float | None = None) -> None:
    """Wakes the workers of a queue."""
    jobs.enqueue(jobs.JOBS_RUN_GPU if queue == Job.Queue.GPU else jobs.JOBS_RUN_DEFAULT, expires=expires)


@transaction.atomic
def job_claim(*, queue: str, worker: str, lease_seconds: float) -> tuple[str, Job | None]:
    """The job of this queue that waited longest, now running: (claim id, job), None where none waits that this process
    can do.

    No two claims ever hold one job: PostgreSQL passes over rows another transaction has locked; elsewhere the update
    asks for the state again.
    """
    claim = uuid.uuid4().hex
    waiting = Job.objects.filter(queue=queue, state=JobState.QUEUED, kind__in=kinds_done_here())
    waiting = waiting.order_by("queued_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(of=("self",), skip_locked=True, no_key=True)
    job = waiting.first()
    if job is None:
        return claim, None
    now = timezone.now()
    is_mine = job_move(
        job,
        JobState.RUNNING,
        claimed_by=claim,
        worker=worker,
        lease_expires_at=now + timedelta(seconds=lease_seconds),
        attempts=job.attempts + 1,
        started_at=now,
        done=0,
        total=None,
        progress_at=None,
        error_code="",
        error_message="",
    )
    return claim, job if is_mine else None


def job_move(job: Job, after: JobState, *, claim: str | None = None, **fields: Any) -> bool:
    """Takes the job from the state it has in memory to another, if the row is still in that state and, where one is
    named, of that claim. False when it is not; the job in memory is then as it was. Call it in a transaction."""
    assert may_follow(job.state, after), f"{job.state} -> {after}"
    held = Job.objects.filter(pk=job.pk, state=job.state)
    if claim is not None:
        held = held.filter(claimed_by=claim)
    if after in FINISHED:
        fields = {"finished_at": timezone.now(), **fields}
    if after != JobState.RUNNING:
        fields = {"claimed_by": "", "lease_expires_at": None, **fields}
    if not held.update(state=after, **fields):
        return False
    before, job.state = job.state, after
    for name, value in fields.items():
        setattr(job, name, value)
    logger.info(
        "job_moved id=%s kind=%s from=%s to=%s code=%s", job.uuid, job.kind, before, after, job.error_code
    )
    if after in FINISHED:
        job_finished.send(sender=Job, job=job)
    return True


def job_pulse(context: JobContext, *, lease_seconds: float | None) -> None:
    """Carries the attempt's progress and log to its row, extends the lease by `lease_seconds` from now unless that is
    None, and tells the context whether the job was cancelled or is no longer its."""
    held = Job.objects.filter(pk=context.job.pk, claimed_by=context.claim, state=JobState.RUNNING)
    job, now = context.job, timezone.now()
    fields: dict[str, Any] = {}
    if (context.done, context.total) != (job.done, job.total):
        job.done, job.total = context.done, context.total
        fields = {"done": job.done, "total": job.total, "progress_at": now}
    if lease_seconds is not None:
        fields["lease_expires_at"] = now + timedelta(seconds=lease_seconds)
    lines = context.lines_take()
    # A turn in which there is nothing to write must not keep others from writing.
    with transaction.atomic() if fields or lines else nullcontext():
        if fields:
            held.update(**fields)
        row = held.values_list("cancel_requested_at").first()
        if row is not None:
            _lines_write(job, lines)
    context.is_lost = row is None
    context.is_cancelled = row is not None and row[0] is not None


@transaction.atomic
def job_succeed(context: JobContext, *, result: dict[str, Any]) -> bool:
    """Keeps what the handler found out, and its file. False when the claim no longer holds the job: the file goes."""
    fields: dict[str, Any] = {"result": result}
    if context.file is not None:
        file = context.file
        is_kept = keeps_file(context.job.kind)
        expires_at = None if is_kept else timezone.now() + timedelta(days=settings.JOB_FILE_DAYS)
        fields |= {
            "file_key": file.key,
            "file_media_type": file.media_type,
            "file_expires_at": expires_at,
            "result": {
                **result,
                "file_name": file.name,
                "bytes": file.byte_size,
                "sha256": file.sha256,
                "download_url": f"/api/v1/jobs/{context.job.uuid}/file/",
                "expires_at": expires_at and expires_at.isoformat().replace("+00:00", "Z"),
            },
        }
    return _finish(context, JobState.SUCCEEDED, **fields)


@transaction.atomic
def job_fail(context: JobContext, *, code: str, message: str, is_permanent: bool) -> bool:
    """Notes why it could not be done. Queued again while attempts are left, unless trying again cannot help. False when
    the claim no longer holds the job."""
    fields = {"error_code": code, "error_message": _storable(message)}
    if is_permanent or context.job.attempts >= max_attempts(context.job.kind):
        return _finish(context, JobState.FAILED, **fields)
    return _finish(context, JobState.QUEUED, queued_at=timezone.now(), **fields)


@transaction.atomic
def job_cancelled(context: JobContext) -> bool:
    """The handler stopped because somebody cancelled the job."""
    return _finish(context, JobState.CANCELLED)


@transaction.atomic
def job_release(context: JobContext) -> bool:
    """Gives the job back because this process ends; the attempt does not count."""
    job = context.job
    return _finish(context, JobState.QUEUED, attempts=max(0, job.attempts - 1), queued_at=job.queued_at)


def jobs_sweep() -> dict[str, int]:
    """Puts right what messages and workers lost; run every few seconds. How many jobs were requeued, failed, waiting.

    Expired leases go back to the queue, or fail when their attempts are used up; files past their day are removed;
    while jobs wait, their workers are woken.
    """
    requeued = failed = 0
    leases_shorten(Job.objects.filter(state=JobState.RUNNING), settings.JOB_LEASE_SECONDS)
    now = timezone.now()
    for job in jobs_expired(now=now)[:EXPIRED_AT_ONCE]:
        with transaction.atomic():
            # The lease is asked for again, so that one renewed in this very moment is left alone.
            held = jobs_expired(now=now).select_for_update(of=("self",), no_key=True)
            row = held.filter(pk=job.pk, claimed_by=job.claimed_by).first()
            if row is None:
                continue
            # As it is now: somebody may have cancelled it since it was looked for.
            ended = _lost(row)
        requeued, failed = requeued + (not ended), failed + ended
    job_files_expire()
    waiting = Job.objects.filter(state=JobState.QUEUED)
    queues = set(waiting.order_by().values_list("queue", flat=True).distinct())
    for queue in queues:
        jobs_ring(queue, expires=settings.SWEEP_SECONDS)
    if requeued or failed:
        logger.warning("jobs_sweep requeued=%s failed=%s", requeued, failed)
    return {"requeued": requeued, "failed": failed, "waiting": waiting.count() if queues else 0}


def job_files_expire() -> int:
    """Removes files past their day, rows first; how many these were."""
    old = Job.objects.exclude(file_key="").filter(file_expires_at__lt=timezone.now())
    keys = dict(old.values_list("pk", "file_key")[:EXPIRED_AT_ONCE])
    Job.objects.filter(pk__in=keys).update(file_key="")
    files_delete(list(keys.values()))
    return len(keys)


def _lost(job: Job) -> bool:
    """What becomes of a job whose worker is gone; whether that is its end."""
    text = "The worker that did it was lost."
    _lines_write(job, [(timezone.now(), JobLogLine.Level.WARNING, text)])
    if job.cancel_requested_at is not None:
        job_move(job, JobState.CANCELLED)
    elif job.attempts >= max_attempts(job.kind):
        message = f"{text} It was tried {job.attempts} times."
        job_move(job, JobState.FAILED, error_code="job.worker_lost", error_message=message)
    else:
        # It keeps its place in the queue.
        job_move(job, JobState.QUEUED)
    return job.state in FINISHED


def _finish(context: JobContext, after: JobState, **fields: Any) -> bool:
    """The attempt's end. A file it made stays only if it becomes the job's."""
    job = context.job
    progress = {"done": context.done, "total": context.total, "progress_at": timezone.now()}
    is_mine = job_move(job, after, claim=context.claim, **progress, **fields)
    if is_mine:
        _lines_write(job, context.lines_take())
    else:
        logger.warning("job_late id=%s kind=%s", job.uuid, job.kind)
    if context.file is not None and not (is_mine and after == JobState.SUCCEEDED):
        files_delete([context.file.key])
    return is_mine


def _storable(text: str) -> str:
    """As much as the column holds; PostgreSQL stores no NUL."""
    return text.replace("\0", "")[:500]


def _lines_write(job: Job, lines: Sequence[Line]) -> None:
    """Adds the lines to the job's log and forgets the oldest beyond what is kept. The row is held meanwhile."""
    if not lines:
        return
    row = Job.objects.select_for_update(no_key=True).filter(pk=job.pk).values_list("line_count").first()
    if row is None:
        return
    first = row[0] + 1
    JobLogLine.objects.bulk_create(
        JobLogLine(job=job, number=number, at=at, level=level, text=_storable(text))
        for number, (at, level, text) in enumerate(lines, start=first)
    )
    job.line_count = row[0] + len(lines)
    Job.objects.filter(pk=job.pk).update(line_count=job.line_count)
    JobLogLine.objects.filter(job=job, number__lte=job.line_count - LINES_KEPT).delete()
