"""Threads on images, their comments, and whom they mention, through the API."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from backend.comments.mentions import mentioned_members
from backend.comments.models import Comment, Mention, Thread
from backend.images.models import Image
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.users.models import User
from tests.builders import make_image, make_mask_body

Role = Membership.Role


@pytest.fixture
def anna(project: Project, make_user: Callable[[str], User]) -> User:
    user = make_user("anna")
    membership_set(project=project, user=user, role=Role.ANNOTATOR)
    return user


@pytest.fixture
def annas(client_of: Callable[[User], APIClient], anna: User) -> APIClient:
    return client_of(anna)


def pin(client: APIClient, image: Image, **fields: Any) -> Any:
    body = {"id": str(uuid.uuid4()), "x": 4.5, "y": 6.5, "text": "A hole here"} | fields
    return client.post(f"/api/v1/images/{image.pk}/threads/", body)


def answer(client: APIClient, thread: str, text: str = "Done", **fields: Any) -> Any:
    return client.post(
        f"/api/v1/threads/{thread}/comments/", {"id": str(uuid.uuid4()), "text": text} | fields
    )


def threads(client: APIClient, image: Image, **headers: str) -> Any:
    return client.get(f"/api/v1/images/{image.pk}/threads/", headers=headers)


def refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_a_thread_is_pinned_answered_resolved_and_reopened(
    api: APIClient, annas: APIClient, image: Image, owner: User
) -> None:
    made = pin(api, image)
    assert made.status_code == 201
    thread = made.json()
    assert (thread["x"], thread["y"], thread["mask"], thread["number"]) == (4.5, 6.5, None, 1)
    assert thread["created_by"] == {"id": owner.pk, "display_name": "ada"}
    assert [comment["id"] for comment in thread["comments"]] == [thread["id"]]
    reply = answer(annas, thread["id"], "  Closed it \n")
    assert (reply.status_code, reply.json()["text"]) == (201, "Closed it")
    resolved = annas.post(f"/api/v1/threads/{thread['id']}/resolve/").json()
    assert resolved["resolved_by"]["display_name"] == "anna"
    assert resolved["resolved_at"]
    again = api.post(f"/api/v1/threads/{thread['id']}/resolve/").json()
    assert (again["resolved_by"], again["version"]) == (resolved["resolved_by"], resolved["version"])
    reopened = api.post(f"/api/v1/threads/{thread['id']}/reopen/").json()
    assert (reopened["resolved_at"], reopened["resolved_by"]) == (None, None)
    (listed,) = threads(api, image).json()
    assert [comment["text"] for comment in listed["comments"]] == ["A hole here", "Closed it"]
    assert [comment["author"]["display_name"] for comment in listed["comments"]] == ["ada", "anna"]


def test_sending_twice_makes_no_second_one(api: APIClient, image: Image) -> None:
    thread_id, comment_id = str(uuid.uuid4()), str(uuid.uuid4())
    assert pin(api, image, id=thread_id).status_code == 201
    again = pin(api, image, id=thread_id, text="Other")
    assert (again.status_code, again.json()["comments"][0]["text"]) == (200, "A hole here")
    assert answer(api, thread_id, id=comment_id).status_code == 201
    assert answer(api, thread_id, id=comment_id).status_code == 200
    assert (Thread.objects.count(), Comment.objects.count()) == (1, 2)


def test_an_id_that_is_somebody_elses_is_refused(
    api: APIClient, annas: APIClient, project: Project, image: Image
) -> None:
    thread = pin(api, image).json()["id"]
    other = make_image(project, seed=5)
    assert refusal(pin(annas, image, id=thread)) == (409, "thread.id_taken")
    assert refusal(pin(api, other, id=thread)) == (409, "thread.id_taken")
    reply = answer(api, thread).json()["id"]
    assert refusal(pin(api, image, id=reply)) == (409, "thread.id_taken")
    assert refusal(answer(annas, thread, id=reply)) == (409, "comment.id_taken")
    assert refusal(answer(api, pin(api, image).json()["id"], id=reply)) == (409, "comment.id_taken")


@pytest.mark.parametrize(("x", "y"), [(-0.1, 3), (3, -1), (40.1, 3), (3, 30.5)])
def test_a_pin_lies_on_the_image(api: APIClient, image: Image, x: float, y: float) -> None:
    assert refusal(pin(api, image, x=x, y=y)) == (400, "thread.outside")


def test_corners_lie_on_the_image(api: APIClient, image: Image) -> None:
    assert pin(api, image, x=0, y=0).status_code == 201
    assert pin(api, image, x=image.width, y=image.height).status_code == 201


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_a_comment_says_something(api: APIClient, image: Image, text: str) -> None:
    assert refusal(pin(api, image, text=text)) == (400, "comment.empty")
    thread = pin(api, image).json()["id"]
    assert refusal(answer(api, thread, text)) == (400, "comment.empty")
    assert refusal(api.patch(f"/api/v1/comments/{thread}/", {"text": text})) == (400, "comment.empty")


def test_a_comment_has_an_end(api: APIClient, image: Image) -> None:
    assert pin(api, image, text="x" * 5000).status_code == 201
    assert pin(api, image, text="x" * 5001).status_code == 400


def test_pins_are_numbered_per_image_and_no_number_is_given_twice(
    api: APIClient, project: Project, image: Image
) -> None:
    first = pin(api, image).json()
    assert pin(api, make_image(project, seed=5)).json()["number"] == 1
    second = pin(api, image).json()
    assert (first["number"], second["number"]) == (1, 2)
    api.delete(f"/api/v1/comments/{second['id']}/")
    assert pin(api, image).json()["number"] == 3


def test_one_changes_only_ones_own_comments(api: APIClient, annas: APIClient, image: Image) -> None:
    thread = pin(annas, image).json()["id"]
    edited = annas.patch(f"/api/v1/comments/{thread}/", {"text": "Two holes"}).json()
    assert edited["text"] == "Two holes"
    assert edited["edited_at"]
    theirs = answer(api, thread).json()["id"]
    for change in (
        annas.patch(f"/api/v1/comments/{theirs}/", {"text": "No"}),
        annas.delete(f"/api/v1/comments/{theirs}/"),
    ):
        assert refusal(change) == (403, "comment.of_other")
    # Whoever manages the project may take anybody's away, but puts no words into their mouth.
    assert refusal(api.patch(f"/api/v1/comments/{thread}/", {"text": "No"})) == (403, "comment.of_other")
    assert api.delete(f"/api/v1/comments/{thread}/").status_code == 204


def test_the_same_text_again_is_no_change(api: APIClient, image: Image) -> None:
    thread = pin(api, image).json()["id"]
    assert api.patch(f"/api/v1/comments/{thread}/", {"text": "A hole here "}).json()["edited_at"] is None


def test_a_deleted_comment_leaves_its_place_and_takes_its_text_along(
    api: APIClient, annas: APIClient, image: Image
) -> None:
    thread = pin(api, image, text="@anna look").json()["id"]
    answer(annas, thread)
    assert [api.delete(f"/api/v1/comments/{thread}/").status_code for _ in range(2)] == [204, 204]
    first, second = threads(api, image).json()[0]["comments"]
    assert (first["text"], first["mentions"], second["text"]) == ("", [], "Done")
    assert first["deleted_at"]
    assert refusal(api.patch(f"/api/v1/comments/{thread}/", {"text": "Back"})) == (409, "comment.deleted")
    assert refusal(answer(api, thread, id=thread)) == (409, "comment.deleted")


def test_a_thread_goes_with_its_last_comment(api: APIClient, image: Image) -> None:
    thread = pin(api, image).json()["id"]
    api.delete(f"/api/v1/comments/{thread}/")
    assert threads(api, image).json() == []
    assert refusal(pin(api, image, id=thread)) == (409, "thread.deleted")
    assert refusal(answer(api, thread)) == (409, "thread.deleted")
    for step in ("resolve", "reopen"):
        assert refusal(api.post(f"/api/v1/threads/{thread}/{step}/")) == (409, "thread.deleted")


def test_what_is_not_there_is_404(api: APIClient, image: Image) -> None:
    nowhere = uuid.uuid4()
    assert refusal(answer(api, str(nowhere))) == (404, "thread.not_found")
    assert refusal(api.post(f"/api/v1/threads/{nowhere}/resolve/")) == (404, "thread.not_found")
    assert refusal(api.delete(f"/api/v1/comments/{nowhere}/")) == (404, "comment.not_found")


def test_a_thread_outlives_its_mask_and_knows_it_when_it_comes_back(api: APIClient, image: Image) -> None:
    body = make_mask_body(image, image.project.labels.get().pk)
    masks = f"/api/v1/images/{image.pk}/masks/"
    api.post(masks, body)
    pin(api, image, mask=body["id"])
    assert api.delete(f"/api/v1/masks/{body['id']}/?revision=1").status_code == 204
    assert threads(api, image).json()[0]["mask"] == body["id"]
    assert api.post(masks, body | {"restores": 1}).status_code == 201
    assert threads(api, image).json()[0]["mask"] == body["id"]


def test_asking_again_costs_little_and_tells_every_change(
    api: APIClient, annas: APIClient, image: Image
) -> None:
    tag = threads(api, image).headers["ETag"]
    assert threads(api, image, if_none_match=tag).status_code == 304
    thread = pin(annas, image).json()["id"]
    reply = ""

    def reply_written() -> None:
        nonlocal reply
        reply = answer(annas, thread).json()["id"]

    steps: list[Callable[[], Any]] = [
        reply_written,
        lambda: annas.patch(f"/api/v1/comments/{reply}/", {"text": "Now"}),
        lambda: annas.post(f"/api/v1/threads/{thread}/resolve/"),
        lambda: annas.post(f"/api/v1/threads/{thread}/reopen/"),
        lambda: annas.delete(f"/api/v1/comments/{reply}/"),
    ]
    for step in steps:
        told = threads(api, image, if_none_match=tag)
        assert told.status_code == 200
        tag = told.headers["ETag"]
        assert threads(api, image, if_none_match=f"W/{tag}").status_code == 304
        step()
    assert threads(api, image, if_none_match=tag).status_code == 200


def test_the_list_takes_as_many_queries_for_one_thread_as_for_many(
    api: APIClient, annas: APIClient, image: Image
) -> None:
    def written(count: int) -> int:
        for _ in range(count):
            answer(annas, pin(annas, image, text="@ada").json()["id"], "@anna")
        with CaptureQueriesContext(connection) as queries:
            threads(api, image)
        return len(queries)

    assert written(1) == written(5)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@anna look", {"anna"}),
        ("look, @anna.", {"anna"}),
        ("(@anna, @ada!)", {"anna", "ada"}),
        ("@anna @anna", {"anna"}),
        ("@o.brien-smith+x", {"o.brien-smith+x"}),
        ("@dot.", {"dot."}),
        ("@Anna @nobody @outsider", set()),
        ("anna@ada mail@anna.org @ anna", set()),
        ("", set()),
    ],
)
def test_members_are_mentioned_and_other_names_are_text(
    project: Project, image: Image, anna: User, make_user: Callable[[str], User], text: str, names: set[str]
) -> None:
    make_user("outsider")
    for name in ("o.brien-smith+x", "dot."):
        membership_set(project=project, user=make_user(name), role=Role.VIEWER)
    found = mentioned_members(image=image, text=text)
    assert set(User.objects.filter(pk__in=found).values_list("username", flat=True)) == names


def test_mentions_follow_the_text(api: APIClient, image: Image, anna: User) -> None:
    thread = pin(api, image, text="@anna and @ada").json()
    assert {entry["username"] for entry in thread["comments"][0]["mentions"]} == {"anna", "ada"}
    edited = api.patch(f"/api/v1/comments/{thread['id']}/", {"text": "@anna"}).json()
    assert edited["mentions"] == [{"id": anna.pk, "username": "anna", "display_name": "anna"}]
    assert Mention.objects.count() == 1


def test_viewers_read_and_write_nothing(
    client_of: Callable[[User], APIClient], api: APIClient, image: Image, anna: User
) -> None:
    membership_set(project=image.project, user=anna, role=Role.VIEWER)
    viewer = client_of(anna)
    thread = pin(api, image).json()["id"]
    assert len(threads(viewer, image).json()) == 1
    for change in (
        pin(viewer, image),
        answer(viewer, thread),
        viewer.post(f"/api/v1/threads/{thread}/resolve/"),
    ):
        assert refusal(change) == (403, "project.role_forbids")


def test_what_somebody_else_wrote_in_this_browser_is_not_sent_under_ones_own_name(
    api: APIClient, image: Image, anna: User
) -> None:
    body = {"id": str(uuid.uuid4()), "x": 4.5, "y": 6.5, "text": "Mine"}
    answered = api.post(f"/api/v1/images/{image.pk}/threads/", body, headers={"X-As-User": str(anna.pk)})
    assert refusal(answered) == (403, "auth.other_user")
