"""The feed of changes, what deleting leaves behind, and whose work a request may carry."""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.annotations.models import Mask, MaskSequence, MaskTombstone
from backend.images.models import Image
from backend.projects.models import Label, Membership, Project
from backend.users.models import User
from tests.builders import make_image, make_mask_body


@pytest.fixture
def colleague(project: Project, make_user: Any, client_of: Any) -> APIClient:
    bob = make_user("bob")
    Membership.objects.create(project=project, user=bob, role=Membership.Role.REVIEWER)
    return client_of(bob)


def create(api: APIClient, image: Image, label: Label, **fields: Any) -> dict[str, Any]:
    answer = api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, label.pk, **fields))
    assert answer.status_code == 201, answer.json()
    body: dict[str, Any] = answer.json()
    return body


def changes(api: APIClient, image: Image, since: str | None = None) -> dict[str, Any]:
    query = {} if since is None else {"since": since}
    answer = api.get(f"/api/v1/images/{image.pk}/masks/changes/", query)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def ids(masks: list[dict[str, Any]]) -> list[str]:
    return [mask["id"] for mask in masks]


def test_without_a_cursor_everything_is_told_and_with_it_only_what_followed(
    api: APIClient, image: Image, label: Label
) -> None:
    first = create(api, image, label)
    start = changes(api, image)
    assert (start["complete"], start["masks"], start["deleted"]) == (True, [first], [])
    assert changes(api, image, start["cursor"]) == {
        "cursor": start["cursor"],
        "complete": False,
        "masks": [],
        "deleted": [],
    }
    second = create(api, image, label)
    assert ids(changes(api, image, start["cursor"])["masks"]) == [second["id"]]


def test_an_untouched_image_has_a_cursor_too(api: APIClient, image: Image, label: Label) -> None:
    start = changes(api, image)
    assert (start["complete"], start["masks"]) == (True, [])
    assert changes(api, image, start["cursor"])["complete"] is False
    made = create(api, image, label)
    after = changes(api, image, start["cursor"])
    assert (after["complete"], ids(after["masks"])) == (False, [made["id"]])


def test_updates_and_deletions_appear_with_who_made_them(
    api: APIClient, colleague: APIClient, image: Image, label: Label
) -> None:
    kept, gone = create(api, image, label), create(api, image, label)
    cursor = changes(api, image)["cursor"]
    colleague.patch(f"/api/v1/masks/{kept['id']}/", {"revision": 1, "seconds_spent": 9})
    colleague.delete(f"/api/v1/masks/{gone['id']}/?revision=1")
    after = changes(api, image, cursor)
    [mask], [tombstone] = after["masks"], after["deleted"]
    assert (mask["id"], mask["author"], mask["updated_by"], mask["revision"]) == (kept["id"], "ada", "bob", 2)
    assert (tombstone["id"], tombstone["deleted_by"], tombstone["revision"]) == (gone["id"], "bob", 1)
    assert changes(api, image, after["cursor"])["deleted"] == []
    assert changes(api, image)["deleted"] == [tombstone]


def test_another_images_changes_do_not_move_the_cursor(api: APIClient, image: Image, label: Label) -> None:
    other = make_image(image.project, seed=1, name="b.png")
    cursor = changes(api, image)["cursor"]
    create(api, other, label)
    assert changes(api, image, cursor)["cursor"] == cursor


@pytest.mark.parametrize("since", ["99", "nonsense", "-1", "1.5", "9" * 40, "²"])
def test_a_cursor_nobody_gave_is_answered_with_everything(
    api: APIClient, image: Image, label: Label, since: str
) -> None:
    made = create(api, image, label)
    body = changes(api, image, since)
    assert (body["complete"], ids(body["masks"])) == (True, [made["id"]])


def test_masks_older_than_the_feed_are_in_the_first_answer(
    api: APIClient, image: Image, label: Label
) -> None:
    made = create(api, image, label)
    Mask.objects.update(sequence=0)
    MaskSequence.objects.all().delete()
    assert ids(changes(api, image)["masks"]) == [made["id"]]


def test_a_refused_change_takes_no_number(api: APIClient, image: Image, label: Label) -> None:
    made = create(api, image, label)
    cursor = changes(api, image)["cursor"]
    assert api.patch(f"/api/v1/masks/{made['id']}/", {"revision": 7}).status_code == 409
    assert api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, 10**6)).status_code == 400
    assert changes(api, image, cursor)["cursor"] == cursor


def test_a_late_create_does_not_bring_a_deleted_mask_back(
    api: APIClient, colleague: APIClient, image: Image, label: Label
) -> None:
    sent = make_mask_body(image, label.pk)
    url = f"/api/v1/images/{image.pk}/masks/"
    api.post(url, sent)
    colleague.delete(f"/api/v1/masks/{sent['id']}/?revision=1")
    late = api.post(url, sent)
    assert (late.status_code, late.json()["code"]) == (409, "mask.stale_revision")
    assert late.json()["extra"]["current"] is None
    assert late.json()["extra"]["deleted"]["deleted_by"] == "bob"
    assert not Mask.objects.exists()


def test_who_knows_the_deletion_may_undo_it_and_the_revision_goes_on(
    api: APIClient, image: Image, label: Label
) -> None:
    sent = make_mask_body(image, label.pk)
    url = f"/api/v1/images/{image.pk}/masks/"
    api.post(url, sent)
    api.delete(f"/api/v1/masks/{sent['id']}/?revision=1")
    cursor = changes(api, image)["cursor"]
    assert api.post(url, sent | {"restores": 5}).status_code == 409
    back = api.post(url, sent | {"restores": 1})
    assert (back.status_code, back.json()["revision"]) == (201, 2)
    assert api.post(url, sent | {"restores": 1}).status_code == 200
    after = changes(api, image, cursor)
    assert (ids(after["masks"]), after["deleted"]) == ([sent["id"]], [])
    # Whoever still holds the first life's revision cannot change the second one unseen.
    assert api.patch(f"/api/v1/masks/{sent['id']}/", {"revision": 1}).status_code == 409


def test_a_mask_that_is_brought_back_is_still_whose_it_was_and_as_old(
    api: APIClient, colleague: APIClient, image: Image, label: Label
) -> None:
    sent = make_mask_body(image, label.pk)
    url = f"/api/v1/images/{image.pk}/masks/"
    made = colleague.post(url, sent).json()
    api.delete(f"/api/v1/masks/{sent['id']}/?revision=1")
    back = api.post(url, sent | {"restores": 1}).json()
    assert (back["author"], back["created_at"]) == ("bob", made["created_at"])
    assert back["updated_by"] == "ada"


def test_changing_a_deleted_mask_tells_who_deleted_it_and_deleting_it_again_is_done(
    api: APIClient, colleague: APIClient, stranger: APIClient, image: Image, label: Label
) -> None:
    made = create(api, image, label)
    url = f"/api/v1/masks/{made['id']}/"
    colleague.delete(f"{url}?revision=1")
    answer = api.patch(url, {"revision": 1, "seconds_spent": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "mask.stale_revision")
    assert answer.json()["extra"]["deleted"]["deleted_by"] == "bob"
    assert api.delete(f"{url}?revision=1").status_code == 204
    assert stranger.patch(url, {"revision": 1}).status_code == 404
    assert stranger.delete(f"{url}?revision=1").status_code == 404


def test_a_deleted_masks_id_cannot_be_used_on_another_image(
    api: APIClient, image: Image, label: Label
) -> None:
    made = create(api, image, label)
    api.delete(f"/api/v1/masks/{made['id']}/?revision=1")
    other = make_image(image.project, seed=1, name="b.png")
    answer = api.post(
        f"/api/v1/images/{other.pk}/masks/", make_mask_body(other, label.pk, id=made["id"], restores=1)
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "mask.id_taken")


def test_an_images_deletion_takes_its_feed_along(api: APIClient, image: Image, label: Label) -> None:
    create(api, image, label)
    gone = create(api, image, label)
    api.delete(f"/api/v1/masks/{gone['id']}/?revision=1")
    assert api.delete(f"/api/v1/images/{image.pk}/").status_code == 204
    assert not MaskTombstone.objects.exists()
    assert not MaskSequence.objects.exists()


def test_work_is_never_saved_under_the_name_of_who_logged_in_since(
    api: APIClient, colleague: APIClient, image: Image, label: Label
) -> None:
    ada, bob = User.objects.get(username="ada"), User.objects.get(username="bob")
    url = f"/api/v1/images/{image.pk}/masks/"
    sent = make_mask_body(image, label.pk)
    refused = colleague.post(url, sent, headers={"X-As-User": str(ada.pk)})
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.other_user")
    assert not Mask.objects.exists()
    assert colleague.post(url, sent, headers={"X-As-User": str(bob.pk)}).status_code == 201
    one = f"/api/v1/masks/{sent['id']}/"
    assert api.patch(one, {"revision": 1}, headers={"X-As-User": str(bob.pk)}).status_code == 403
    assert api.delete(f"{one}?revision=1", headers={"X-As-User": str(bob.pk)}).status_code == 403
    assert api.delete(f"{one}?revision=1", headers={"X-As-User": str(ada.pk)}).status_code == 204


def test_an_unknown_id_is_not_told_from_a_deleted_one(stranger: APIClient) -> None:
    assert stranger.delete(f"/api/v1/masks/{uuid.uuid4()}/?revision=1").status_code == 404
