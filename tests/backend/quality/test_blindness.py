"""Nobody sees another's replica, and who has one does not see the original: asked of every address there is, as every
role, over the API."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from backend.comments.services import comment_create, thread_create
from backend.images.models import Image
from backend.notifications.models import Notification
from backend.projects.access import API_ROOT, endpoint_of
from backend.projects.models import Membership, Project
from backend.quality.models import ConsensusImage
from backend.users.models import User
from tests.backend.quality.conftest import Role, box, replica_of

ON_IMAGES = ("image_id", "mask_id", "thread_id", "comment_id")
METHODS = ("GET", "POST", "PATCH", "DELETE")


def addresses() -> list[tuple[str, str]]:
    """Every method and endpoint that names something on an image."""

    def walk(resolver: Any, prefix: str) -> Any:
        for pattern in resolver.url_patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, route)
            elif isinstance(pattern, URLPattern) and route.startswith(API_ROOT):
                view = pattern.callback.view_class  # type: ignore[attr-defined]
                yield from (
                    (method, endpoint_of(route)) for method in METHODS if hasattr(view, method.lower())
                )

    found = walk(get_resolver(), "")
    return sorted((m, e) for m, e in found if any(f"{{{name}}}" in e for name in ON_IMAGES))


@dataclass(frozen=True)
class Blind:
    """What must not be seen: on bill's replica, and on the original before the round."""

    replica: dict[str, Any]
    original: dict[str, Any]
    people: dict[str, User]


@pytest.fixture
def blind(
    project: Project,
    owner: User,
    images: list[Image],
    people: list[User],
    person: Callable[..., User],
    begin: Any,
    draw: Any,
) -> Blind:
    thread_id = uuid.uuid4()
    thread_create(image=images[0], author=owner, thread_id=thread_id, x=1, y=1, text="@bill look")
    begin(images[:1], people[:2])
    replica = replica_of(images[0], people[0])
    mask_id = draw(people[0], replica.pk, box(0, 0, 5, 5))
    own_thread = uuid.uuid4()
    thread_create(image=replica, author=people[0], thread_id=own_thread, x=1, y=1, text="mine")

    def variables(image: Image, mask: str, thread: uuid.UUID) -> dict[str, Any]:
        return {
            "image_id": image.pk,
            "mask_id": mask,
            "thread_id": thread,
            "comment_id": thread,
            "revision": 1,
            "window": "0-0-20-20",
        }

    return Blind(
        replica=variables(replica, mask_id, own_thread),
        # It has no masks while a round is on.
        original=variables(images[0], str(uuid.uuid4()), thread_id),
        people={
            "bill": people[0],
            "cleo": people[1],
            "dirk": people[2],
            "reviewer": person("rose", Role.REVIEWER),
            "viewer": person("vera", Role.VIEWER),
        },
    )


def test_nobody_but_its_annotator_and_managers_finds_anything_of_a_replica(
    blind: Blind, client_of: Callable[[User], APIClient]
) -> None:
    asked = 0
    for name in ("cleo", "dirk", "reviewer", "viewer"):
        client = client_of(blind.people[name])
        for method, endpoint in addresses():
            address = f"/{API_ROOT}{endpoint.format(**blind.replica)}"
            answer = getattr(client, method.lower())(address)
            assert answer.status_code == 404, (name, method, endpoint)
            assert answer.json()["code"].endswith(".not_found"), (name, method, endpoint)
            asked += 1
    assert asked > 120


def test_who_has_a_replica_finds_nothing_of_the_original(
    blind: Blind, client_of: Callable[[User], APIClient]
) -> None:
    for name in ("bill", "cleo"):
        client = client_of(blind.people[name])
        for method, endpoint in addresses():
            answer = getattr(client, method.lower())(f"/{API_ROOT}{endpoint.format(**blind.original)}")
            assert answer.status_code == 404, (name, method, endpoint)
    for name in ("dirk", "reviewer", "viewer"):
        client = client_of(blind.people[name])
        assert client.get(f"/api/v1/images/{blind.original['image_id']}/").status_code == 200


def test_each_sees_one_of_each_picture_and_nothing_that_tells_them_apart(
    project: Project, blind: Blind, images: list[Image], client_of: Callable[[User], APIClient]
) -> None:
    bill = blind.people["bill"]
    shown = client_of(bill).get(f"/api/v1/projects/{project.pk}/images/").json()["results"]
    assert sorted(image["file_name"] for image in shown) == ["1.png", "2.png", "3.png", "4.png"]
    assert {frozenset(image) for image in shown} == {frozenset(shown[0])}
    replica = next(image for image in shown if image["id"] == blind.replica["image_id"])
    ordinary = next(image for image in shown if image["id"] == images[1].pk)
    assert replica["work"]["hold"] == ordinary["work"]["hold"] == ""
    told = str(shown)
    for word in ("consensus", "replica", "original", "annotator", "truth"):
        assert word not in told
    # Dates do not go backwards in the order of the list, nor stand out.
    dates = [image["created_at"] for image in shown]
    assert dates == sorted(dates)
    assert replica["created_at"] == dates[-2]
    detail = client_of(bill).get(f"/api/v1/images/{replica['id']}/").json()
    assert (detail["position"], detail["total"], detail["next_id"]) == (4, 4, None)
    figures = client_of(bill).get(f"/api/v1/projects/{project.pk}/").json()
    assert figures["image_count"] == 4
    work = client_of(bill).get(f"/api/v1/projects/{project.pk}/work/").json()
    assert work["counts"] == {**work["counts"], "ready": 3, "in_progress": 1}


def test_nobody_who_must_not_see_it_is_told_of_it(
    project: Project, blind: Blind, images: list[Image], owner: User, client_of: Callable[[User], APIClient]
) -> None:
    bill, cleo = blind.people["bill"], blind.people["cleo"]
    # What was told before the round is not shown while it is on.
    assert Notification.objects.filter(user=bill, kind="mention").exists()
    shown = client_of(bill).get("/api/v1/notifications/").json()["results"]
    assert [entry["kind"] for entry in shown] == ["assigned"]
    assert client_of(bill).get("/api/v1/notifications/count/").json() == {"unread_count": 1}
    # Nobody can be brought to a replica of somebody else's, nor to the original.
    replica = Image.objects.get(pk=blind.replica["image_id"])
    thread_create(image=replica, author=bill, thread_id=uuid.uuid4(), x=1, y=1, text="@cleo @rose @ada")
    from backend.comments.models import Thread

    thread = Thread.objects.get(pk=blind.original["thread_id"])
    comment_create(thread=thread, author=owner, comment_id=uuid.uuid4(), text="@bill @dirk again")
    told = Notification.objects.filter(kind="mention").values_list("user__username", flat=True)
    assert sorted(told) == ["ada", "bill", "dirk"]
    assert not Notification.objects.filter(user=cleo).exclude(kind="assigned").exists()


def test_managers_see_originals_in_the_list_and_replicas_when_they_ask(
    api: APIClient, project: Project, blind: Blind, images: list[Image]
) -> None:
    listed = api.get(f"/api/v1/projects/{project.pk}/images/").json()["results"]
    assert [image["id"] for image in listed] == [image.pk for image in images]
    detail = api.get(f"/api/v1/images/{blind.replica['image_id']}/").json()
    assert (detail["position"], detail["total"]) == (1, 4)
    assert len(api.get(f"/api/v1/images/{blind.replica['image_id']}/masks/").json()) == 1


def test_nobody_is_given_an_original_of_which_they_have_a_replica(
    api: APIClient, project: Project, images: list[Image], people: list[User], begin: Any, submit: Any
) -> None:
    begun = begin(images[:1], people[:2])
    submit(people[0], replica_of(images[0], people[0]).pk)
    api.post(f"/api/v1/consensus-rounds/{begun.pk}/close/")
    found = ConsensusImage.objects.get()
    api.post(f"/api/v1/consensus-images/{found.pk}/resolve/", {"way": "merge"})
    api.post(f"/api/v1/images/{images[0].pk}/work/reject/", {"reason": "again"})
    address = f"/api/v1/projects/{project.pk}/work/assign/"
    for user, expected in ((people[0], 0), (people[2], 1)):
        answer = api.post(address, {"image_ids": [images[0].pk], "user_ids": [user.pk]}).json()
        assert answer["assigned"] == expected


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANNOTATOR, Role.REVIEWER])
def test_a_change_of_role_shows_what_the_new_one_may_see(
    project: Project, blind: Blind, role: Membership.Role, client_of: Callable[[User], APIClient]
) -> None:
    dirk = blind.people["dirk"]
    for now, expected in ((role, 404), (Role.MANAGER, 200)):
        Membership.objects.filter(project=project, user=dirk).update(role=now)
        answer = client_of(dirk).get(f"/api/v1/images/{blind.replica['image_id']}/masks/")
        assert answer.status_code == expected
