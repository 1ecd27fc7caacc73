import threading
import time
from typing import Final

from celery.signals import worker_shutting_down
from django.conf import settings

from backend.common import jobs
from backend.config.celery import app
from backend.jobs.claims import job_claim, jobs_ring, jobs_sweep
from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.jobs.running import job_run
from backend.jobs.selectors import jobs_wait
from backend.jobs.workers import worker_name
from workers.lanes import lane, lane_says
from workers.lease import JobKeeper

shutdown: Final = threading.Event()


@worker_shutting_down.connect
def on_shutdown(**_: object) -> None:
    """A job that runs goes back to the queue at its handler's next sign of life."""
    shutdown.set()


@app.task(name=jobs.JOBS_RUN_DEFAULT)
def run_default() -> bool:
    """Does one job of any worker's; whether there was one."""
    return run_one(Job.Queue.DEFAULT)


@app.task(name=jobs.JOBS_RUN_GPU)
def run_gpu() -> bool:
    """Does one job that needs the models' device; whether there was one."""
    return run_one(Job.Queue.GPU)


@app.task(name=jobs.JOBS_SWEEP)
def sweep() -> dict[str, int]:
    """The periodic repair; see `jobs_sweep`."""
    return jobs_sweep()


def run_one(queue: Job.Queue) -> bool:
    """Claims a job of the queue and does it, then rings again while jobs wait."""
    if shutdown.is_set():
        return False
    name = f"jobs {queue}"
    with lane(name) as is_free:
        if not is_free:
            return False
        lease_seconds = settings.JOB_LEASE_SECONDS
        asked_at = time.monotonic()
        claim, job = job_claim(queue=queue, worker=worker_name(), lease_seconds=lease_seconds)
        if job is None:
            return False
        lane_says(name, job.kind)
        context = JobContext(job, claim, shutdown=shutdown, holds_until=asked_at + lease_seconds)
        with JobKeeper(context, lease_seconds, settings.JOB_SILENCE_SECONDS):
            note_end = job_run(context)
        note_end()
    # After the lane is free: a message that came before found it taken.
    if jobs_wait(queue=queue) and not shutdown.is_set():
        jobs_ring(queue)
    return True
