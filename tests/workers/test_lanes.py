"""One worker process: a long job keeps no picture waiting, its progress is seen, it stops when it is told to."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.jobs.registry import JobKind, kind_add
from backend.jobs.services import job_cancel, job_enqueue
from backend.projects.models import Project
from tests.builders import make_image
from workers.lanes import busy_with, lane
from workers.lease import JobKeeper
from workers.tasks import jobs
from workers.tasks.embeddings import embed_queued

KIND = "test.long"


class Long:
    """A job that goes on until the test lets it end."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.thread = threading.Thread(target=self.run)
        kind_add(JobKind(name=KIND, title="Long", unit="steps", check=lambda project, params: {}), self.work)

    def work(self, context: JobContext) -> dict[str, Any]:
        for step in range(1, 2000):
            context.progress(step, 2000)
            if self.may_end.wait(0.02):
                break
        return {"steps": step}

    def run(self) -> None:
        try:
            jobs.run_default()
        finally:
            connection.close()


@pytest.fixture
def long(transactional_db: None, project: Project, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("backend.jobs.registry._KINDS", {})
    monkeypatch.setattr("backend.jobs.registry._HANDLERS", {})
    made = Long()
    yield made
    made.may_end.set()
    if made.thread.is_alive():
        made.thread.join(20)


def wait(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_long_job_keeps_no_picture_waiting_and_is_seen(long: Long, project: Project) -> None:
    for seed in range(2):
        make_image(project, seed=seed)
    job = job_enqueue(kind=KIND, params={}, project=project, creator=None)
    job_enqueue(kind=KIND, params={}, project=project, creator=None)
    long.thread.start()
    wait(lambda: Job.objects.get(pk=job.pk).done > 0)
    assert busy_with() == [KIND]
    assert jobs.run_default() is False, "its lane is taken: the other job waits"
    assert jobs.run_gpu() is False
    assert embed_queued() == 2
    first = Job.objects.get(pk=job.pk)
    assert (first.state, first.total, first.attempts) == ("running", 2000, 1)
    long.may_end.set()
    long.thread.join(20)
    first.refresh_from_db()
    assert (first.state, first.done) == ("succeeded", first.result["steps"])
    assert busy_with() == []
    assert jobs.run_default() is True, "the other one's turn"


def test_a_job_that_is_cancelled_in_the_middle_stops_within_seconds(long: Long, project: Project) -> None:
    job = job_enqueue(kind=KIND, params={}, project=project, creator=None)
    long.thread.start()
    wait(lambda: Job.objects.get(pk=job.pk).done > 0)
    job_cancel(job=job)
    asked_at = time.monotonic()
    long.thread.join(20)
    print(f"\nstopped {time.monotonic() - asked_at:.1f} s after it was cancelled")
    job.refresh_from_db()
    assert (job.state, job.result) == ("cancelled", None)


def test_a_handler_that_gives_no_sign_of_life_loses_its_lease(long: Long, project: Project) -> None:
    job = job_enqueue(kind=KIND, params={}, project=project, creator=None)
    claim, claimed = jobs.job_claim(queue="default", worker="w", lease_seconds=0.4)
    assert claimed == job
    context = JobContext(claimed, claim)
    with JobKeeper(context, lease_seconds=0.4, silence_seconds=0.5):
        for _ in range(5):
            time.sleep(0.2)
            context.check()
        time.sleep(1.5)
        assert jobs.sweep()["requeued"] == 1


def test_one_at_a_time_is_on_a_lane() -> None:
    with lane("a") as first, lane("a") as second, lane("b") as other:
        assert (first, second, other) == (True, False, True)
    with lane("a") as again:
        assert again
