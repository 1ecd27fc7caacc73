"""Lists, leave, and the state of the queues: in how many queries, and to whom."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backend.embeddings.models import Embedding
from backend.imports.models import ImportUpload
from backend.jobs.context import JobContext
from backend.jobs.models import Job, Worker
from backend.jobs.services import job_enqueue
from backend.jobs.workers import worker_gone, worker_seen
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.projects.permissions import JOB_KINDS
from backend.users.models import User
from tests.backend.jobs.conftest import TEST_KIND, do_one, start
from tests.builders import make_image

Kind = Callable[..., None]
Role = Membership.Role


@pytest.fixture
def known(kind: Kind) -> None:
    def nothing(context: JobContext) -> dict[str, Any]:
        return {}

    kind(nothing)


def fill(project: Project, creator: User, count: int) -> None:
    for _ in range(count):
        job_enqueue(kind=TEST_KIND, params={}, project=project, creator=creator)


@pytest.mark.usefixtures("known")
def test_lists_take_the_same_queries_however_long_they_are(
    api: APIClient,
    project: Project,
    owner: User,
    make_project: Callable[..., Project],
    django_assert_num_queries: Any,
) -> None:
    fill(project, owner, 1)
    url = f"/api/v1/projects/{project.pk}/jobs/"
    api.get(url)
    # Session, person, role; the project; the page; what one may do.
    with django_assert_num_queries(6):
        api.get(url)
    with django_assert_num_queries(4):
        api.get("/api/v1/jobs/")
    fill(project, owner, 20)
    fill(make_project(owner, "Dogs"), owner, 20)
    with django_assert_num_queries(6):
        assert len(api.get(url).json()["results"]) == 21
    with django_assert_num_queries(4):
        assert len(api.get("/api/v1/jobs/").json()["results"]) == 41


@pytest.mark.usefixtures("known")
def test_lists_are_filtered_paged_and_newest_first(api: APIClient, project: Project, owner: User) -> None:
    fill(project, owner, 3)
    do_one()
    export = start(api, project)
    url = f"/api/v1/projects/{project.pk}/jobs/"
    assert api.get(url).json()["results"][0]["id"] == export["id"]
    states = [job["state"] for job in api.get(url, {"kind": TEST_KIND}).json()["results"]]
    assert states == ["queued", "queued", "succeeded"]
    assert len(api.get(url, {"state": "succeeded"}).json()["results"]) == 1
    assert len(api.get(url, {"state": ["succeeded", "queued"]}).json()["results"]) == 4
    assert api.get(url, {"state": "odd"}).status_code == 400
    first = api.get(url, {"page_size": 3}).json()
    assert len(api.get(first["next"]).json()["results"]) == 1


@pytest.mark.usefixtures("known")
def test_one_sees_jobs_of_ones_projects_only(
    api: APIClient, stranger: APIClient, project: Project, owner: User
) -> None:
    fill(project, owner, 1)
    job_id = Job.objects.get().uuid
    assert stranger.get("/api/v1/jobs/").json()["results"] == []
    for path in ("", "file/"):
        answer = stranger.get(f"/api/v1/jobs/{job_id}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "job.not_found")
    assert stranger.post(f"/api/v1/jobs/{job_id}/cancel/").status_code == 404
    assert stranger.get(f"/api/v1/projects/{project.pk}/jobs/").status_code == 404
    assert api.get(f"/api/v1/jobs/{uuid.uuid4()}/").json()["code"] == "job.not_found"


# Of kinds that do nothing unless told what.
UPLOAD: Final = "3b1f3d2e-0000-4000-8000-000000000000"
PARAMS: Final = {
    "export": {"format": "coco"},
    "import.check": {"upload": UPLOAD},
    "import": {"upload": UPLOAD, "format": "coco"},
    "decide_proposals": {"decision": "reject", "filter": {}},
    "release": {"name": "First"},
}
# Who may start these is told where.
STARTED_ELSEWHERE: Final = {
    "train": "training.start_elsewhere",
    "propose": "proposal.start_elsewhere",
    "fairness": "fairness.start_elsewhere",
    "evaluate": "evaluation.start_elsewhere",
}
# What is said to who may: that one is under way is one of the answers, or that there is nothing for it to do.
REFUSED: Final = {
    "mask_vectors": "likeness.under_way",
    "rank_images": "ranking.by_upload",
    "release": "release.nothing",
}


def test_every_kind_is_started_by_those_the_table_names_and_nobody_else(
    client_of: Callable[[User], APIClient], make_user: Callable[[str], User], project: Project, kind: Kind
) -> None:
    kind(lambda context: {})
    ImportUpload.objects.create(uuid=UPLOAD, project=project, file_name="a.zip", byte_size=1, file_key="none")
    kinds = dict(JOB_KINDS) | {TEST_KIND: frozenset({Role.OWNER, Role.MANAGER})}
    for role in Role:
        user = make_user(f"a-{role}")
        membership_set(project=project, user=user, role=role)
        client = client_of(user)
        allowed = client.get(f"/api/v1/projects/{project.pk}/").json()["allowed"]
        for name, roles in kinds.items():
            body = {"id": str(uuid.uuid4()), "kind": name, "params": PARAMS.get(name, {})}
            answer = client.post(f"/api/v1/projects/{project.pk}/jobs/", body)
            let_in = {400} if name in STARTED_ELSEWHERE else {201, 409} if name in REFUSED else {201}
            assert answer.status_code in (let_in if role in roles else {403}), (role, name)
            if answer.status_code == 409:
                assert answer.json()["code"] == REFUSED[name]
            if answer.status_code == 400:
                assert answer.json()["code"] == STARTED_ELSEWHERE[name]
            assert (f"POST projects/{{project_id}}/jobs/ {name}" in allowed) == (role in roles)
            if role not in roles:
                assert answer.json()["code"] == "project.role_forbids"


@pytest.mark.usefixtures("known")
def test_whose_role_no_longer_allows_the_kind_may_not_try_it_again(
    client_of: Callable[[User], APIClient], make_user: Callable[[str], User], project: Project
) -> None:
    mona = make_user("mona")
    membership_set(project=project, user=mona, role=Role.MANAGER)
    fill(project, mona, 1)
    Job.objects.update(state="failed")
    membership_set(project=project, user=mona, role=Role.ANNOTATOR)
    client = client_of(mona)
    job = client.get("/api/v1/jobs/").json()["results"][0]
    assert job["allowed"] == []
    assert client.post(f"/api/v1/jobs/{job['id']}/retry/").json()["code"] == "project.role_forbids"


@pytest.mark.usefixtures("known")
def test_what_is_told_to_be_allowed_is(
    client_of: Callable[[User], APIClient], make_user: Callable[[str], User], project: Project, owner: User
) -> None:
    fill(project, owner, 1)
    for role, told in ((Role.VIEWER, []), (Role.MANAGER, ["cancel"])):
        user = make_user(role)
        membership_set(project=project, user=user, role=role)
        (job,) = client_of(user).get("/api/v1/jobs/").json()["results"]
        assert job["allowed"] == told
    answer = client_of(user).post(f"/api/v1/jobs/{job['id']}/cancel/").json()
    assert (answer["state"], answer["allowed"]) == ("cancelled", ["retry"])


def beat(name: str, **fields: Any) -> None:
    said = {"queues": ["gpu", "default"], "device": "cpu", "model": "tiny@1", "busy_with": ["embeddings"]}
    worker_seen(name=name, started_at=timezone.now(), **(said | fields))


def test_the_state_of_the_queues(
    api: APIClient, stranger: APIClient, project: Project, image: Any, kind: Kind, owner: User
) -> None:
    kind(lambda context: {})
    empty = api.get("/api/v1/queue/").json()
    assert empty["embeddings"] == {
        "queued": 1,
        "running": 0,
        "failed": 0,
        "per_minute": 0.0,
        "eta_seconds": None,
    }
    beat("here:1")
    beat("here:2", queues=["default"], busy_with=[])
    Worker.objects.filter(name="here:2").update(seen_at=timezone.now() - timedelta(minutes=5))
    make_image(project, seed=7, name="b.png")
    ready = Embedding.objects.last()
    assert ready is not None
    Embedding.objects.filter(pk=ready.pk).update(state="ready", ready_at=timezone.now(), seconds=2.0)
    fill(project, owner, 2)
    Job.objects.filter(pk=Job.objects.first().pk).update(  # type: ignore[union-attr]
        state="failed", finished_at=timezone.now()
    )
    told = stranger.get("/api/v1/queue/").json()
    assert [(w["name"], w["is_alive"], w["busy_with"], w["queues"]) for w in told["workers"]] == [
        ("here:1", True, ["embeddings"], ["default", "gpu"]),
        ("here:2", False, [], ["default"]),
    ]
    assert (told["embeddings"]["per_minute"], told["embeddings"]["eta_seconds"]) == (0.1, 2.0)
    assert told["jobs"] == {"queued": 1, "running": 0, "failed_last_day": 1}
    assert "Cats" not in str(told)


def test_the_state_of_the_queues_takes_the_same_queries_however_much_there_is(
    api: APIClient, project: Project, owner: User, kind: Kind, django_assert_num_queries: Any
) -> None:
    kind(lambda context: {})
    api.get("/api/v1/queue/")
    for count in (0, 10):
        for number in range(count):
            beat(f"here:{number}")
            make_image(project, seed=number, name=f"{number}.png")
        fill(project, owner, count)
        # Session and person; workers; embeddings by state and lately; jobs unfinished and failed.
        with django_assert_num_queries(7):
            api.get("/api/v1/queue/")


def test_a_worker_that_ended_is_forgotten_at_once_one_that_was_killed_after_an_hour(db: None) -> None:
    beat("here:1")
    beat("here:2")
    worker_gone(name="here:1")
    assert list(Worker.objects.values_list("name", flat=True)) == ["here:2"]
    Worker.objects.update(seen_at=timezone.now() - timedelta(hours=2))
    beat("here:3")
    beat("here:3", busy_with=[])
    assert list(Worker.objects.values_list("name", "busy_with")) == [("here:3", [])]
