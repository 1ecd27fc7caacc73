"""In which order people are given images, who chooses it, and what is ranked when."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.embeddings import services as embeddings
from backend.images.models import Image
from backend.jobs.models import Job
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.projects.services import project_update
from backend.ranking.models import RANK_IMAGES, Order, ProjectOrder
from backend.ranking.services import Rank, ranks_store
from backend.users.models import User
from backend.work.models import WorkItem
from backend.work.pulling import work_next
from tests.builders import make_image


@pytest.fixture
def images(project: Project) -> list[Image]:
    """Four images whose embeddings are there."""
    made = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(1, 5)]
    claim, rows = embeddings.embedding_claim_batch(limit=9, lease_seconds=60)
    for row in rows:
        embeddings.embedding_store(embedding=row, claim=claim, content=b"..", seconds=1)
    return made


@pytest.fixture
def person(project: Project, make_user: Callable[[str], User]) -> Callable[..., User]:
    def make(name: str, role: str = "annotator") -> User:
        user = make_user(name)
        membership_set(project=project, user=user, role=Membership.Role(role))
        return user

    return make


def choose(client: APIClient, project: Project, order: str) -> Any:
    return client.patch(f"/api/v1/projects/{project.pk}/work/order/", {"order": order})


def figures(client: APIClient, project: Project) -> dict[str, Any]:
    body: dict[str, Any] = client.get(f"/api/v1/projects/{project.pk}/work/order/").json()
    return body


def rank(project: Project, images: list[Image], *ranks: float | None) -> None:
    version = ProjectOrder.objects.get(project=project).version
    wanted = zip(images, ranks, strict=True)
    given = {image.pk: Rank(rank, -rank) for image, rank in wanted if rank is not None}
    assert ranks_store(project=project, version=version, ranks=given)


@pytest.mark.parametrize("order", [one for one in Order if one != Order.DISAGREEMENT])
def test_the_next_image_is_the_one_of_the_lowest_rank_and_then_the_oldest(
    api: APIClient,
    project: Project,
    owner: User,
    images: list[Image],
    person: Callable[..., User],
    order: str,
) -> None:
    if order == Order.UPLOAD:
        expected = images
    else:
        assert choose(api, project, order).status_code == 200
        rank(project, images, None, -0.2, None, -0.7)
        expected = [images[3], images[1], images[0], images[2]]
    people = [owner, *(person(f"p{number}") for number in range(3))]
    # Each has one in hand and is given no second one.
    pulled = [work_next(project=project, user=user) for user in (*people, people[0])]
    assert [item and item.pk for item in pulled] == [image.pk for image in (*expected, expected[0])]


def test_what_is_assigned_comes_by_rank_too_and_before_the_rest(
    api: APIClient, project: Project, images: list[Image], person: Callable[..., User]
) -> None:
    choose(api, project, "random")
    rank(project, images, 0.1, 0.9, 0.5, None)
    user = person("carl")
    WorkItem.objects.filter(pk__in=[images[1].pk, images[2].pk]).update(assignee=user)
    item = work_next(project=project, user=user)
    assert item is not None
    assert item.pk == images[2].pk


def test_the_first_so_many_are_assigned_by_rank(
    api: APIClient, project: Project, images: list[Image], person: Callable[..., User]
) -> None:
    choose(api, project, "random")
    rank(project, images, None, 0.9, 0.5, None)
    user = person("carl")
    body = {"user_ids": [user.pk], "limit": 3}
    assert api.post(f"/api/v1/projects/{project.pk}/work/assign/", body).json()["assigned"] == 3
    given = WorkItem.objects.filter(assignee=user).order_by("pk").values_list("pk", flat=True)
    assert list(given) == [images[0].pk, images[1].pk, images[2].pk]


def test_another_order_forgets_the_ranks_and_starts_a_job(
    api: APIClient, project: Project, images: list[Image]
) -> None:
    assert figures(api, project) == {
        "order": "upload",
        "ranked": 0,
        "unranked": 4,
        "has_parent": False,
        "job": None,
        "bins": [],
    }
    begun = choose(api, project, "uncertainty").json()
    job = Job.objects.get(kind=RANK_IMAGES)
    assert (begun["order"], begun["job"], job.queue) == ("uncertainty", str(job.uuid), "gpu")
    rank(project, images, -0.9, -0.91, -0.3, None)
    known = figures(api, project)
    assert (known["ranked"], known["unranked"]) == (3, 1)
    assert {place: count for place, count in enumerate(known["bins"]) if count} == {6: 1, 18: 2}
    old = ProjectOrder.objects.get().version
    choose(api, project, "diversity")
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert Job.objects.filter(kind=RANK_IMAGES, state="queued").count() == 1
    assert figures(api, project)["ranked"] == 0
    # What was computed for the order of before comes too late.
    assert not ranks_store(project=project, version=old, ranks={images[0].pk: Rank(1)})
    assert not WorkItem.objects.filter(rank__isnull=False).exists()
    choose(api, project, "upload")
    assert not Job.objects.filter(kind=RANK_IMAGES, state="queued").exists()
    audit = api.get(f"/api/v1/projects/{project.pk}/audit/?action=work.order_changed").json()["results"]
    assert audit[0]["data"]["changed"] == {"order": ["diversity", "upload"]}


def test_disagreement_needs_a_parent(
    api: APIClient, project: Project, images: list[Image], other_model: Any
) -> None:
    refused = choose(api, project, "disagreement")
    assert (refused.status_code, refused.json()["code"]) == (409, "ranking.no_parent")
    assert choose(api, project, "oddly").status_code == 400
    other_model.parent = other_model.encoder_of = project.model
    other_model.save()
    Project.objects.filter(pk=project.pk).update(model=other_model)
    body = choose(api, project, "disagreement").json()
    assert (body["order"], body["has_parent"]) == ("disagreement", True)


def test_managers_choose_and_others_do_not(
    project: Project, client_of: Callable[[User], APIClient], person: Callable[..., User]
) -> None:
    for role, status in (("manager", 200), ("reviewer", 403), ("annotator", 403), ("viewer", 403)):
        client = client_of(person(role, role))
        assert client.get(f"/api/v1/projects/{project.pk}/work/order/").status_code == status
        assert choose(client, project, "random").status_code == status


def test_what_came_since_is_ranked_when_somebody_takes_an_image(
    api: APIClient,
    project: Project,
    images: list[Image],
    owner: User,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def pull() -> None:
        WorkItem.objects.filter(assignee=owner).update(assignee=None, status="ready", is_taken=False)
        with django_capture_on_commit_callbacks(execute=True):
            work_next(project=project, user=owner)

    pull()
    assert not Job.objects.exists()
    choose(api, project, "uncertainty")
    job = Job.objects.get()
    Job.objects.update(state="succeeded", result={"ranked": 3, "left": 1})
    rank(project, images, 1, 2, 3, None)
    # The one that is left could not be read.
    pull()
    assert Job.objects.count() == 1
    Job.objects.update(result={"ranked": 3, "left": 0})
    pull()
    assert Job.objects.count() == 2
    assert Job.objects.latest("pk").params == job.params
    pull()
    assert Job.objects.count() == 2
    # Whoever cancelled it meant it; by hand it can be started.
    Job.objects.filter(state="queued").update(state="cancelled")
    pull()
    assert Job.objects.count() == 2
    body = {"id": str(uuid.uuid4()), "kind": RANK_IMAGES, "params": {}}
    address = f"/api/v1/projects/{project.pk}/jobs/"
    assert api.post(address, body).status_code == 201
    refused = api.post(address, body | {"id": str(uuid.uuid4())})
    assert (refused.status_code, refused.json()["code"]) == (409, "ranking.under_way")


def test_another_model_ranks_anew(
    api: APIClient, project: Project, images: list[Image], owner: User, other_model: Any
) -> None:
    first_model = project.model
    choose(api, project, "random")
    rank(project, images, 1, 2, 3, 4)
    project_update(project=project, actor=owner, changes={"model": other_model})
    # Chance is the same whatever the model.
    assert figures(api, project)["ranked"] == 4
    choose(api, project, "uncertainty")
    rank(project, images, 1, 2, 3, 4)
    project_update(project=project, actor=owner, changes={"model": first_model})
    assert figures(api, project)["ranked"] == 0
    assert Job.objects.filter(kind=RANK_IMAGES, state="queued").count() == 1


def test_images_are_listed_by_rank(api: APIClient, project: Project, images: list[Image]) -> None:
    choose(api, project, "uncertainty")
    rank(project, images, -0.5, None, -0.7, -0.5)
    address: str = f"/api/v1/projects/{project.pk}/images/?ordering=rank&page_size=2"
    found: list[dict[str, Any]] = []
    while address:
        page = api.get(address).json()
        found += page["results"]
        address = page["next"]
    assert [one["id"] for one in found] == [images[2].pk, images[0].pk, images[3].pk]
    assert [one["work"]["score"] for one in found] == [0.7, 0.5, 0.5]
    refused = api.get(f"/api/v1/projects/{project.pk}/images/?ordering=area")
    assert (refused.status_code, refused.json()["code"]) == (400, "input.invalid")
    odd = api.get(f"/api/v1/projects/{project.pk}/images/?ordering=rank&cursor=cD14")
    assert odd.status_code == 404
