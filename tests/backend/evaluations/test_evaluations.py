"""Evaluations asked for, what they look at, and what is told of them."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from backend.evaluations.models import Evaluation
from backend.evaluations.registry import TASKS, KeyFigure
from backend.evaluations.selectors import images_chosen, places_chosen
from backend.evaluations.services import evaluation_create, evaluation_store, settings_checked
from backend.images.models import Image
from backend.jobs.models import Job
from backend.jobs.registry import job_title
from backend.projects.audit import audit_list
from backend.projects.models import Project
from backend.users.models import User
from backend.work.models import Status, WorkItem

Accepted = Callable[..., list[Image]]
REPORT = {
    "task": "instances",
    "images": 4,
    "images_left_out": 1,
    "ap": {"truth": {"refined": {"ap": 0.5, "ap_50": 0.75, "ap_small": None}}},
}


@pytest.fixture
def begin(project: Project, owner: User) -> Callable[..., Evaluation]:
    """begin("probe"): an evaluation, asked for and not done."""

    def make(task: str = "instances", **fields: Any) -> Evaluation:
        return evaluation_create(project=project, creator=owner, job_id=uuid.uuid4(), task=task, **fields)[0]

    return make


def test_an_evaluation_is_asked_for_once(api: APIClient, project: Project, accepted: Accepted) -> None:
    url = f"/api/v1/projects/{project.pk}/evaluations/"
    body = {"id": str(uuid.uuid4()), "task": "proposals", "settings": {"points_per_side": 8}}
    refused = api.post(url, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "evaluation.nothing_accepted")
    accepted(range(1))
    first, again = api.post(url, body), api.post(url, body)
    assert (first.status_code, again.status_code) == (201, 200)
    made = first.json()
    assert made == again.json()
    assert (made["state"], made["model"], made["task"]) == ("queued", str(project.model), "proposals")
    assert made["settings"] == {"max_images": 50, "points_per_side": 8}
    assert (made["figures"], made["file_url"], made["images"]) == ([], None, 0)
    job = Job.objects.get()
    assert (job.queue, job_title(job)) == ("gpu", "Evaluation: Object proposals")
    assert [one["id"] for one in api.get(url).json()["results"]] == [made["id"]]
    assert api.get(f"/api/v1/evaluations/{made['id']}/").json() == made | {"report": None}
    entry = audit_list(project=project)[0]
    assert (entry.action, entry.data["task"]) == ("evaluation.started", "proposals")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"task": "nothing"}, "evaluation.task"),
        ({"task": None}, "input.invalid"),
        ({"model": "nobody@1"}, "evaluation.model"),
        # The grid is no matter of boxes.
        ({"settings": {"points_per_side": 8}}, "evaluation.setting"),
        ({"settings": {"max_images": 0}}, "evaluation.setting"),
        ({"settings": {"max_images": 1001}}, "evaluation.setting"),
        ({"settings": {"max_images": "many"}}, "input.invalid"),
        ({"id": None}, "input.invalid"),
    ],
)
def test_bad_wishes(
    api: APIClient, project: Project, accepted: Accepted, body: dict[str, Any], code: str
) -> None:
    accepted(range(1))
    sent = {"id": str(uuid.uuid4()), "task": "instances"} | body
    answer = api.post(f"/api/v1/projects/{project.pk}/evaluations/", sent)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Job.objects.exists()


def test_another_version_is_measured_by_its_name(
    api: APIClient, project: Project, accepted: Accepted, other_model: Any
) -> None:
    accepted(range(1))
    body = {"id": str(uuid.uuid4()), "task": "probe", "model": str(other_model)}
    made = api.post(f"/api/v1/projects/{project.pk}/evaluations/", body)
    assert made.json()["model"] == str(other_model)


def test_tasks_are_told_with_what_may_be_set(api: APIClient) -> None:
    told = api.get("/api/v1/evaluation-tasks/").json()
    assert [one["name"] for one in told] == [*TASKS]
    for one in told:
        assert one["about"].endswith((".", "?"))
        assert one["settings"][0]["name"] == "max_images"
        for setting in one["settings"]:
            assert setting["least"] <= setting["default"] <= setting["most"]
        # Defaults are what may be asked for.
        wanted = {setting["name"]: setting["default"] for setting in one["settings"]}
        assert (
            settings_checked(TASKS[one["name"]], wanted) == wanted == settings_checked(TASKS[one["name"]], {})
        )


def test_what_came_of_it_is_told(
    api: APIClient, accepted: Accepted, begin: Callable[..., Evaluation]
) -> None:
    accepted(range(1))
    made = begin()
    evaluation_store(evaluation=made, report=REPORT)
    Job.objects.update(state="succeeded", file_key="jobs/a/b")
    shown = api.get(f"/api/v1/evaluations/{made.pk}/").json()
    assert (shown["report"], shown["images"], shown["images_left_out"]) == (REPORT, 4, 1)
    assert shown["file_url"] == f"/api/v1/jobs/{made.job.uuid}/file/"
    # What has no value is none; the order is the task's.
    assert [(one["name"], one["value"]) for one in shown["figures"]] == [
        ("AP, true boxes", 0.5),
        ("AP50, true boxes", 0.75),
    ]
    (listed,) = api.get(f"/api/v1/projects/{made.project_id}/evaluations/").json()["results"]
    assert listed == {key: value for key, value in shown.items() if key != "report"}


def test_an_evaluation_by_a_task_that_is_no_longer_known_is_shown(
    api: APIClient, accepted: Accepted, begin: Callable[..., Evaluation]
) -> None:
    accepted(range(1))
    made = begin()
    evaluation_store(evaluation=made, report=REPORT)
    Evaluation.objects.update(task="of_before")
    shown = api.get(f"/api/v1/evaluations/{made.pk}/").json()
    assert (shown["figures"], shown["report"]) == ([], REPORT)


@given(
    path=st.lists(st.text(max_size=3), min_size=1, max_size=3),
    value=st.one_of(st.floats(allow_nan=False), st.integers(-1000, 1000), st.none(), st.text()),
)
def test_a_figure_is_found_where_it_stands_and_nowhere_else(path: list[str], value: Any) -> None:
    report: Any = value
    for step in reversed(path):
        report = {step: report}
    figure = KeyFigure("x", tuple(path))
    expected = float(value) if isinstance(value, int | float) else None
    assert figure.value(report) == expected
    assert KeyFigure("x", (*path, "further")).value(report) is None
    assert figure.value({}) is None


def test_the_images_follow_from_the_pictures_alone(project: Project, accepted: Accepted) -> None:
    accepted(range(6))
    waiting = accepted(range(6, 7))
    WorkItem.objects.filter(image__in=waiting).update(status=Status.SUBMITTED)
    everything = images_chosen(project=project, most=100)
    assert everything == list(
        Image.objects.exclude(pk=waiting[0].pk).order_by("pk").values_list("pk", flat=True)
    )
    some = images_chosen(project=project, most=3)
    assert len(some) == 3
    assert some == images_chosen(project=project, most=3)
    # Fewer are of those; what comes later takes the place of one at most.
    assert set(images_chosen(project=project, most=2)) < set(some)
    WorkItem.objects.filter(image__in=waiting).update(status=Status.ACCEPTED)
    assert len(set(some) & set(images_chosen(project=project, most=3))) >= 2


@given(ids=st.lists(st.uuids(), unique=True, max_size=12), most=st.integers(1, 12))
def test_masks_are_drawn_by_their_ids_and_keep_their_order(ids: list[uuid.UUID], most: int) -> None:
    chosen = places_chosen(mask_ids=ids, most=most)
    assert len(set(chosen)) == len(chosen) == min(most, len(ids))
    assert chosen == sorted(chosen)
    turned = ids[::-1]
    assert {turned[at] for at in places_chosen(mask_ids=turned, most=most)} == {ids[at] for at in chosen}


def test_what_is_read_does_not_grow_with_evaluations(
    api: APIClient, project: Project, accepted: Accepted, begin: Callable[..., Evaluation]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get(f"/api/v1/projects/{project.pk}/evaluations/").status_code == 200
        return len(captured)

    accepted(range(1))
    begin()
    before = queries()
    for task in TASKS:
        begin(task)
    assert queries() == before


def test_the_page_is_a_download_and_no_page_of_ours(
    api: APIClient,
    stranger: APIClient,
    project: Project,
    files: Any,
    accepted: Accepted,
    begin: Callable[..., Evaluation],
) -> None:
    """Shown by a browser all the same, it runs nothing, asks for nothing and has no origin."""
    accepted(range(1))
    made = begin()
    page = b"<!doctype html><script>alert(1)</script>"
    (files / "jobs").mkdir(parents=True)
    (files / "jobs/page").write_bytes(page)
    result = {"file_name": "instances.html", "bytes": len(page), "sha256": "0" * 64}
    Job.objects.update(state="succeeded", file_key="jobs/page", file_media_type="text/html", result=result)
    url = f"/api/v1/jobs/{made.job.uuid}/file/"
    answer = api.get(url)
    assert (answer.status_code, answer.getvalue()) == (200, page)
    assert answer["Content-Type"].startswith("text/html")
    assert answer["Content-Disposition"] == 'attachment; filename="instances.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    for known in ({}, {"Range": "bytes=0-3"}, {"If-None-Match": answer["ETag"]}):
        policy = api.get(url, headers=known)["Content-Security-Policy"].split("; ")
        assert policy[:2] == ["sandbox", "default-src 'none'"]
        assert not any(part.startswith(("script-src", "sandbox allow")) for part in policy)
    # Anything else has the policy of our pages.
    assert "sandbox" not in api.get(f"/api/v1/evaluations/{made.pk}/")["Content-Security-Policy"]
    assert stranger.get(url).status_code == 404
