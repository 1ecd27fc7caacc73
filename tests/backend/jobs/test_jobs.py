"""Jobs from being asked for to their end, and that nobody who lost one stores anything of it."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backend.common.errors import Conflict
from backend.jobs.claims import LINES_KEPT, job_move, job_pulse, jobs_sweep
from backend.jobs.context import JobContext, JobLeaseLost, Level
from backend.jobs.events import job_finished
from backend.jobs.models import Job, JobLogLine
from backend.jobs.running import job_run
from backend.jobs.services import job_cancel, job_enqueue, job_retry
from backend.jobs.states import FOLLOWS, JobState, may_follow
from backend.notifications.models import Notification
from backend.projects.members import membership_remove, membership_set
from backend.projects.models import Membership, Project
from backend.users.models import User
from tests.backend.jobs.conftest import TEST_KIND, claim_one, do_one, start
from tests.builders import stored_files

Kind = Callable[..., None]


def make(project: Project | None, owner: User, **params: Any) -> Job:
    return job_enqueue(kind=TEST_KIND, params=params, project=project, creator=owner)


def expire(job: Job) -> None:
    """Its worker was not heard of for long."""
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_a_job_is_done_and_says_how(kind: Kind, api: APIClient, project: Project, owner: User) -> None:
    def steps(context: JobContext) -> dict[str, Any]:
        context.log("half way")
        context.progress(2, 4)
        job_pulse(context, lease_seconds=60)
        return {"found": context.job.params["wanted"]}

    kind(steps)
    body = start(api, project, TEST_KIND, wanted=7)
    assert (body["state"], body["progress"]) == ("queued", {"done": 0, "total": None, "unit": "steps"})
    assert (body["title"], body["allowed"], body["created_by"]["id"]) == ("Steps", ["cancel"], owner.pk)
    job = do_one()
    assert (job.state, job.attempts, job.done, job.total) == ("succeeded", 1, 2, 4)
    shown = api.get(f"/api/v1/jobs/{body['id']}/").json()
    assert (shown["state"], shown["result"], shown["allowed"]) == ("succeeded", {"found": 7}, [])
    assert [line["text"] for line in shown["log"]] == ["Attempt 1 on w.", "half way"]
    later = api.get(f"/api/v1/jobs/{body['id']}/?after=1").json()["log"]
    assert [line["number"] for line in later] == [2]


def test_the_same_id_again_is_the_same_job(
    kind: Kind, api: APIClient, project: Project, owner: User, make_project: Callable[..., Project]
) -> None:
    kind(lambda context: {})
    body = {"id": str(uuid.uuid4()), "kind": TEST_KIND, "params": {"n": 1}}
    url = f"/api/v1/projects/{project.pk}/jobs/"
    assert [api.post(url, body).status_code for _ in range(2)] == [201, 200]
    assert Job.objects.count() == 1
    other = make_project(owner, "Dogs")
    refused = api.post(f"/api/v1/projects/{other.pk}/jobs/", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "job.id_taken")
    unknown = api.post(url, body | {"id": str(uuid.uuid4()), "kind": "no.such"})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "job.unknown_kind")


def test_too_many_unfinished_jobs_are_refused(
    kind: Kind, api: APIClient, project: Project, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.jobs.services.MOST_UNFINISHED", 1)
    kind(lambda context: {})
    start(api, project, TEST_KIND)
    body = {"id": str(uuid.uuid4()), "kind": TEST_KIND}
    refused = api.post(f"/api/v1/projects/{project.pk}/jobs/", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "job.too_many")


def test_only_known_transitions_are_taken(kind: Kind, project: Project, owner: User) -> None:
    assert {(a, b) for a in FOLLOWS for b in JobState if may_follow(a, b)} == {
        ("queued", "running"),
        ("queued", "cancelled"),
        ("running", "succeeded"),
        ("running", "failed"),
        ("running", "cancelled"),
        ("running", "queued"),
        ("failed", "queued"),
        ("cancelled", "queued"),
    }
    kind(lambda context: {})
    job = make(project, owner)
    with pytest.raises(AssertionError, match="queued -> succeeded"):
        job_move(job, JobState.SUCCEEDED)
    Job.objects.update(state=JobState.CANCELLED)
    assert not job_move(job, JobState.RUNNING), "the row is in another state than the one in memory"


def test_a_refusal_fails_for_good_anything_else_is_tried_again(
    kind: Kind, project: Project, owner: User
) -> None:
    def refuse(context: JobContext) -> dict[str, Any]:
        raise Conflict("There is nothing to do.", "test.nothing")

    def crash(context: JobContext) -> dict[str, Any]:
        raise ValueError("oops")

    kind(refuse)
    make(project, owner)
    job = do_one()
    assert (job.state, job.error_code, job.error_message) == (
        "failed",
        "test.nothing",
        "There is nothing to do.",
    )
    kind(crash, max_attempts=2)
    job_retry(job=job, actor=owner)
    assert [do_one().state, do_one().state] == ["queued", "failed"]
    job.refresh_from_db()
    assert (job.attempts, job.error_code, job.error_message) == (2, "job.crashed", "ValueError: oops")


def test_a_retried_job_keeps_its_log_and_gets_all_its_attempts(
    kind: Kind, api: APIClient, project: Project, owner: User
) -> None:
    def refuse(context: JobContext) -> dict[str, Any]:
        raise Conflict("No.", "test.no")

    kind(refuse)
    body = start(api, project, TEST_KIND)
    do_one()
    kind(lambda context: {})
    again = api.post(f"/api/v1/jobs/{body['id']}/retry/").json()
    assert (again["state"], again["attempts"], again["error_code"], again["finished_at"]) == (
        "queued",
        0,
        "",
        None,
    )
    assert api.post(f"/api/v1/jobs/{body['id']}/retry/").status_code == 200, "twice is once"
    do_one()
    shown = api.get(f"/api/v1/jobs/{body['id']}/").json()
    assert [line["text"] for line in shown["log"]] == ["Attempt 1 on w.", "No.", "Attempt 1 on w."]
    refused = api.post(f"/api/v1/jobs/{body['id']}/retry/")
    assert (refused.status_code, refused.json()["code"]) == (409, "job.succeeded")


def test_a_waiting_job_is_cancelled_at_once_a_running_one_stops_itself(
    kind: Kind, api: APIClient, project: Project, owner: User
) -> None:
    def steps(context: JobContext) -> dict[str, Any]:
        context.progress(1, 9)
        assert api.post(f"/api/v1/jobs/{context.job.uuid}/cancel/").json()["is_cancelling"] is True
        job_pulse(context, lease_seconds=60)
        context.progress(2, 9)
        raise AssertionError("it went on")

    kind(steps)
    waiting = start(api, project, TEST_KIND)
    assert api.post(f"/api/v1/jobs/{waiting['id']}/cancel/").json()["state"] == "cancelled"
    assert claim_one() is None
    running = start(api, project, TEST_KIND)
    job = do_one()
    assert (str(job.uuid), job.state, job.done) == (running["id"], "cancelled", 2)
    assert api.post(f"/api/v1/jobs/{running['id']}/cancel/").status_code == 200, "twice is once"
    assert not Notification.objects.exists()


def test_cancelling_what_is_finished_is_refused(kind: Kind, project: Project, owner: User) -> None:
    kind(lambda context: {})
    job = make(project, owner)
    do_one()
    with pytest.raises(Conflict) as refused:
        job_cancel(job=job)
    assert refused.value.code == "job.finished"


def test_a_lost_worker_is_followed_by_another_until_the_attempts_are_used_up(
    kind: Kind, project: Project, owner: User
) -> None:
    kind(lambda context: {}, max_attempts=2)
    job = make(project, owner)
    for _ in range(2):
        assert claim_one() is not None
        assert claim_one() is None
        assert jobs_sweep()["requeued"] == 0, "its lease is not over"
        expire(job)
        jobs_sweep()
    job.refresh_from_db()
    assert (job.state, job.error_code, job.attempts) == ("failed", "job.worker_lost", 2)


def test_a_cancelled_job_of_a_lost_worker_is_cancelled(kind: Kind, project: Project, owner: User) -> None:
    kind(lambda context: {})
    job = make(project, owner)
    claim_one()
    job_cancel(job=job)
    expire(job)
    jobs_sweep()
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_who_lost_the_lease_stops_and_stores_nothing(
    kind: Kind, project: Project, owner: User, files: Any
) -> None:
    def slow(context: JobContext) -> dict[str, Any]:
        context.file_store(name="a.txt", media_type="text/plain", pieces=[b"late"])
        context.log("late")
        expire(context.job)
        jobs_sweep()
        assert claim_one("other") is not None
        with pytest.raises(JobLeaseLost), context.holding():
            raise AssertionError("it holds the job no more")
        job_pulse(context, lease_seconds=60)
        context.progress(1, 1)
        raise AssertionError("it went on")

    kind(slow)
    job = make(project, owner)
    context = claim_one()
    assert context is not None
    assert job_run(context)() is False
    job.refresh_from_db()
    assert (job.state, job.worker, job.attempts, job.result, job.done) == ("running", "other", 2, None, 0)
    assert [line.text for line in job.lines.all()] == ["The worker that did it was lost."]
    assert stored_files(files) == []


def test_a_result_that_comes_after_the_lease_is_not_kept(kind: Kind, project: Project, owner: User) -> None:
    """The handler heard nothing: the row itself refuses."""

    def slow(context: JobContext) -> dict[str, Any]:
        expire(context.job)
        jobs_sweep()
        return {"late": True}

    kind(slow)
    job = make(project, owner)
    context = claim_one()
    assert context is not None
    assert job_run(context)() is False
    job.refresh_from_db()
    assert (job.state, job.result) == ("queued", None)


def test_a_lease_nobody_could_renew_stops_the_handler(kind: Kind, project: Project, owner: User) -> None:
    kind(lambda context: {})
    make(project, owner)
    context = claim_one()
    assert context is not None
    context.check()
    context.holds_until = 0
    with pytest.raises(JobLeaseLost):
        context.check()


def test_a_worker_that_is_shut_down_gives_its_job_back(kind: Kind, project: Project, owner: User) -> None:
    def steps(context: JobContext) -> dict[str, Any]:
        context.shutdown.set()
        context.check()
        raise AssertionError("it went on")

    kind(steps)
    make(project, owner)
    job = do_one()
    assert (job.state, job.attempts, job.claimed_by) == ("queued", 0, "")
    assert job.lines.last().text.startswith("The worker was shut down")  # type: ignore[union-attr]


def test_a_handler_stores_in_the_transaction_that_holds_its_job(
    kind: Kind, project: Project, owner: User
) -> None:
    def steps(context: JobContext) -> dict[str, Any]:
        with context.holding():
            Project.objects.filter(pk=project.pk).update(description="made")
        job_cancel(job=context.job)
        with context.holding():
            Project.objects.filter(pk=project.pk).update(description="not made")
        return {}

    kind(steps)
    make(project, owner)
    assert do_one().state == "cancelled"
    project.refresh_from_db()
    assert project.description == "made"


def test_a_job_of_a_kind_nobody_here_can_do_waits_for_somebody_who_can(
    kind: Kind, project: Project, owner: User
) -> None:
    kind(lambda context: {})
    job = make(project, owner)
    Job.objects.update(kind="of.another.version")
    assert claim_one() is None
    job.refresh_from_db()
    assert job.state == "queued"


def test_the_log_is_bounded(kind: Kind, project: Project, owner: User) -> None:
    def chatter(context: JobContext) -> dict[str, Any]:
        for number in range(LINES_KEPT + 50):
            context.log(f"{number}", Level.WARNING)
            if number % 100 == 99:
                job_pulse(context, lease_seconds=None)
        context.log("x" * 1000)
        return {}

    kind(chatter)
    make(project, owner)
    job = do_one()
    assert (job.lines.count(), job.line_count) == (LINES_KEPT, LINES_KEPT + 52)
    assert len(JobLogLine.objects.get(number=job.line_count).text) == 500


def test_the_time_left_follows_from_the_rate(kind: Kind, api: APIClient, project: Project) -> None:
    kind(lambda context: {})
    body = start(api, project, TEST_KIND)
    url = f"/api/v1/jobs/{body['id']}/"
    claim_one()
    assert api.get(url).json()["eta_seconds"] is None
    now = timezone.now()
    Job.objects.update(done=25, total=100, started_at=now - timedelta(seconds=10), progress_at=now)
    assert api.get(url).json()["eta_seconds"] == pytest.approx(30, abs=0.2)
    Job.objects.update(total=None)
    assert api.get(url).json()["eta_seconds"] is None


def test_the_end_is_announced_once_in_its_transaction_and_told_to_who_asked(
    kind: Kind, api: APIClient, project: Project, owner: User, make_user: Callable[[str], User]
) -> None:
    heard: list[str] = []

    def on_finished(*, job: Job, **_: object) -> None:
        heard.append(job.state)

    kind(lambda context: {})
    job_finished.connect(on_finished)
    try:
        start(api, project, TEST_KIND)
        do_one()
        gone = make_user("gone")
        membership_set(project=project, user=gone, role=Membership.Role.MANAGER)
        make(project, gone)
        membership_remove(project=project, editor=owner, user_id=gone.pk)
        do_one()
    finally:
        job_finished.disconnect(on_finished)
    assert heard == ["succeeded", "succeeded"]
    (told,) = api.get("/api/v1/notifications/").json()["results"]
    assert (told["kind"], told["text"], told["actor"], told["project"]) == (
        "job_finished",
        "Steps",
        None,
        project.pk,
    )
    assert Notification.objects.count() == 1


def test_a_receiver_that_fails_undoes_the_end(kind: Kind, project: Project, owner: User) -> None:
    def on_finished(*, job: Job, **_: object) -> None:
        raise RuntimeError("no")

    kind(lambda context: {})
    job = make(project, owner)
    context = claim_one()
    assert context is not None
    note_end = job_run(context)
    job_finished.connect(on_finished)
    try:
        with pytest.raises(RuntimeError):
            note_end()
    finally:
        job_finished.disconnect(on_finished)
    job.refresh_from_db()
    assert (job.state, job.result) == ("running", None)


def test_a_deleted_project_takes_its_jobs_along(
    kind: Kind, api: APIClient, project: Project, owner: User
) -> None:
    def steps(context: JobContext) -> dict[str, Any]:
        assert api.delete(f"/api/v1/projects/{project.pk}/").status_code == 204
        job_pulse(context, lease_seconds=60)
        context.check()
        raise AssertionError("it went on")

    kind(steps)
    make(project, owner)
    context = claim_one()
    assert context is not None
    assert job_run(context)() is False
    assert not Job.objects.exists()


def test_the_context_is_safe_for_two_threads(kind: Kind, project: Project, owner: User) -> None:
    kind(lambda context: {})
    make(project, owner)
    context = claim_one()
    assert context is not None
    taken: list[Any] = []
    logging = threading.Thread(target=lambda: [context.log(str(n)) for n in range(150)])
    logging.start()
    while logging.is_alive():
        taken += context.lines_take()
    taken += context.lines_take()
    assert [text for _, _, text in taken] == [str(n) for n in range(150)]
