"""What people are told, by whose doing, and that it is theirs alone."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.images.models import Image
from backend.notifications.models import Notification
from backend.projects.members import membership_remove, membership_set
from backend.projects.models import Membership, Project
from backend.users.models import User
from backend.work.models import Status, WorkItem
from tests.builders import make_image

Role = Membership.Role


@pytest.fixture
def anna(project: Project, make_user: Callable[[str], User]) -> User:
    user = make_user("anna")
    membership_set(project=project, user=user, role=Role.ANNOTATOR)
    return user


@pytest.fixture
def bob(project: Project, make_user: Callable[[str], User]) -> User:
    user = make_user("bob")
    membership_set(project=project, user=user, role=Role.REVIEWER)
    return user


def pin(client: APIClient, image: Image, text: str) -> str:
    thread = str(uuid.uuid4())
    body = {"id": thread, "x": 4.5, "y": 6.5, "text": text}
    assert client.post(f"/api/v1/images/{image.pk}/threads/", body).status_code == 201
    return thread


def answer(client: APIClient, thread: str, text: str = "Done") -> str:
    comment = str(uuid.uuid4())
    made = client.post(f"/api/v1/threads/{thread}/comments/", {"id": comment, "text": text})
    assert made.status_code == 201
    return comment


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def test_a_mention_says_who_where_and_what(
    api: APIClient, client_of: Callable[[User], APIClient], image: Image, owner: User, anna: User
) -> None:
    thread = pin(api, image, "@anna look @ada")
    (entry,) = client_of(anna).get("/api/v1/notifications/").json()["results"]
    entry.pop("id")
    assert entry.pop("created_at")
    assert entry == {
        "kind": "mention",
        "actor": {"id": owner.pk, "display_name": "ada"},
        "project": image.project_id,
        "project_name": "Cats",
        "image": image.pk,
        "file_name": "one.png",
        "thread": thread,
        "text": "@anna look @ada",
        "read_at": None,
    }
    assert told(owner) == []


def test_an_answer_reaches_all_who_wrote_in_the_thread_once(
    api: APIClient, client_of: Callable[[User], APIClient], image: Image, owner: User, anna: User, bob: User
) -> None:
    thread = pin(api, image, "A hole")
    answer(client_of(anna), thread)
    assert (told(owner), told(anna)) == (["reply"], [])
    answer(client_of(bob), thread, "@anna not yet")
    assert (told(owner), told(anna), told(bob)) == (["reply", "reply"], ["mention"], [])


def test_whoever_left_hears_no_more_and_forgets_what_they_heard(
    api: APIClient, client_of: Callable[[User], APIClient], image: Image, owner: User, anna: User
) -> None:
    thread = pin(api, image, "@anna")
    answer(client_of(anna), thread)
    membership_remove(project=image.project, editor=owner, user_id=anna.pk)
    answer(api, thread, "@anna?")
    assert told(anna) == []


def test_a_notification_follows_its_comment(api: APIClient, image: Image, anna: User, bob: User) -> None:
    thread = pin(api, image, "@anna " + "x" * 400)
    assert len(Notification.objects.get().text) == 300
    for text in ("@anna and @bob", "@bob", "@anna, @bob"):
        assert api.patch(f"/api/v1/comments/{thread}/", {"text": text}).status_code == 200
    assert (told(anna), told(bob)) == (["mention"], ["mention"])
    assert set(Notification.objects.values_list("text", flat=True)) == {"@anna, @bob"}
    api.delete(f"/api/v1/comments/{thread}/")
    assert not Notification.objects.exists()


def test_what_a_reviewer_says_reaches_whose_image_it_is(
    client_of: Callable[[User], APIClient], image: Image, anna: User, bob: User
) -> None:
    WorkItem.objects.update(status=Status.SUBMITTED, assignee=anna)
    reviewer = client_of(bob)
    assert reviewer.post(f"/api/v1/images/{image.pk}/work/accept/").status_code == 200
    assert reviewer.post(f"/api/v1/images/{image.pk}/work/reject/", {"reason": "a hole"}).status_code == 200
    assert told(anna) == ["accepted", "rejected"]
    newest = client_of(anna).get("/api/v1/notifications/").json()["results"][0]
    assert (newest["text"], newest["image"], newest["thread"]) == ("a hole", image.pk, None)


def test_whoever_is_given_images_hears_how_many(
    api: APIClient, project: Project, image: Image, anna: User, bob: User, owner: User
) -> None:
    make_image(project, seed=5, name="two.png")
    make_image(project, seed=6, name="three.png")
    body = {"user_ids": [anna.pk, owner.pk], "order": "in_turn"}
    assert api.post(f"/api/v1/projects/{project.pk}/work/assign/", body).status_code == 200
    [notification] = Notification.objects.all()
    assert (notification.user, notification.kind, notification.text) == (anna, "assigned", "2 images")
    assert (notification.actor, notification.project, notification.image) == (owner, project, None)


def test_nobody_is_told_of_what_they_did_themselves(api: APIClient, image: Image, owner: User) -> None:
    WorkItem.objects.update(status=Status.SUBMITTED, assignee=owner)
    assert api.post(f"/api/v1/images/{image.pk}/work/accept/").status_code == 200
    WorkItem.objects.update(status=Status.SUBMITTED, assignee=None)
    assert api.post(f"/api/v1/images/{image.pk}/work/accept/").status_code == 200
    answer(api, pin(api, image, "@ada"), "@ada")
    assert not Notification.objects.exists()


def test_one_reads_ones_own_some_or_all(
    api: APIClient, client_of: Callable[[User], APIClient], image: Image, anna: User, bob: User
) -> None:
    for _ in range(3):
        pin(api, image, "@anna @bob")
    annas = client_of(anna)

    def count() -> Any:
        return annas.get("/api/v1/notifications/count/").json()

    assert count() == {"unread_count": 3}
    ids = [entry["id"] for entry in annas.get("/api/v1/notifications/").json()["results"]]
    bobs = list(Notification.objects.filter(user=bob).values_list("pk", flat=True))
    assert ids == sorted(ids, reverse=True)
    assert annas.post("/api/v1/notifications/read/", {"ids": [ids[0], *bobs]}).json() == {"unread_count": 2}
    assert annas.post("/api/v1/notifications/read/", {"all": True}).json() == {"unread_count": 0}
    assert Notification.objects.filter(user=bob, read_at__isnull=True).count() == 3
    assert all(entry["read_at"] for entry in annas.get("/api/v1/notifications/").json()["results"])


@pytest.mark.parametrize("body", [{}, {"all": False}, {"all": True, "ids": [1]}, {"ids": ["x"]}])
def test_what_is_read_must_be_said(api: APIClient, body: dict[str, Any]) -> None:
    assert api.post("/api/v1/notifications/read/", body).status_code == 400


def test_the_list_is_paged(
    api: APIClient, client_of: Callable[[User], APIClient], image: Image, anna: User
) -> None:
    for _ in range(3):
        pin(api, image, "@anna")
    first = client_of(anna).get("/api/v1/notifications/?page_size=2").json()
    assert len(first["results"]) == 2
    assert len(client_of(anna).get(first["next"]).json()["results"]) == 1
