"""Every state a mask had is kept as it was, told, and can be brought back."""

import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from backend.annotations.models import Mask, MaskRevision, MaskTombstone
from backend.annotations.revisions import STATE, state_of
from backend.images.models import Image
from backend.projects.members import membership_set
from backend.projects.models import Label, Membership, Project
from backend.projects.services import label_create
from backend.users.models import User
from backend.work.models import Status, WorkItem
from tests.builders import encode_mask, make_mask_body, rectangle

Role = Membership.Role


@pytest.fixture
def mask(api: APIClient, image: Image, label: Label) -> str:
    """The id of a mask that was saved once."""
    return saved(api, image, label, tool="smart")


@pytest.fixture
def bob(
    project: Project, make_user: Callable[[str], User], client_of: Callable[[User], APIClient]
) -> APIClient:
    """A reviewer's client: may change everybody's masks."""
    user = make_user("bob")
    membership_set(project=project, user=user, role=Role.REVIEWER)
    return client_of(user)


def saved(api: APIClient, image: Image, label: Label, **fields: Any) -> str:
    answer = api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, label.pk, **fields))
    assert answer.status_code == 201
    return str(answer.json()["id"])


def changed(client: APIClient, mask_id: str, revision: int, **fields: Any) -> dict[str, Any]:
    answer = client.patch(f"/api/v1/masks/{mask_id}/", {"revision": revision, **fields})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def deleted(client: APIClient, mask_id: str, revision: int) -> None:
    assert client.delete(f"/api/v1/masks/{mask_id}/?revision={revision}").status_code == 204


def history(client: APIClient, mask_id: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/masks/{mask_id}/history/")
    assert answer.status_code == 200
    return list(answer.json())


def restore(client: APIClient, mask_id: str, revision: int, present: int) -> Any:
    return client.post(f"/api/v1/masks/{mask_id}/restore/", {"revision": revision, "from": present})


def test_a_mask_nobody_changed_has_no_earlier_states(api: APIClient, mask: str) -> None:
    assert not MaskRevision.objects.exists()
    [only] = history(api, mask)
    assert only["is_current"]
    assert not only["is_deleted"]
    assert (only["revision"], only["by"]["display_name"], only["tool"], only["what"]) == (
        1,
        "ada",
        "smart",
        [],
    )


def test_a_replaced_state_is_kept_as_it_was(api: APIClient, bob: APIClient, image: Image, mask: str) -> None:
    before = Mask.objects.get()
    cat = label_create(project=image.project, name="cat")
    brushed = encode_mask(rectangle(image.height, image.width, 0, 0, 5, 5))
    changed(bob, mask, 1, label=cat.pk, segmentation=brushed, predicted_iou=None, tool="brush")
    kept = MaskRevision.objects.get()
    assert {name: getattr(kept, name) for name in STATE} == {name: getattr(before, name) for name in STATE}
    assert (kept.made_by, kept.made_at, kept.author) == (before.author, before.updated_at, before.author)
    told = api.get(f"/api/v1/masks/{mask}/history/1/").json()
    now = api.get(f"/api/v1/images/{image.pk}/masks/").json()[0]
    assert told["segmentation"] == before.segmentation != now["segmentation"]
    assert (told["bbox"], told["area"], told["model"]) == ([3, 4, 10, 5], 50, str(before.model_version))
    newest, oldest = history(api, mask)
    assert newest["what"] == ["label", "segmentation", "predicted_iou"]
    assert (newest["by"]["display_name"], newest["tool"], newest["area"]) == ("bob", "brush", 25)
    assert (oldest["by"]["display_name"], oldest["tool"], oldest["is_current"]) == ("ada", "smart", False)


def test_a_change_that_does_not_say_its_tool_has_none(api: APIClient, mask: str) -> None:
    changed(api, mask, 1, z=4)
    assert [entry["tool"] for entry in history(api, mask)] == [None, "smart"]
    assert api.patch(f"/api/v1/masks/{mask}/", {"revision": 2, "tool": "hammer"}).status_code == 400


def test_a_refused_change_keeps_nothing(api: APIClient, mask: str) -> None:
    changed(api, mask, 1, z=4)
    assert api.patch(f"/api/v1/masks/{mask}/", {"revision": 1, "z": 5}).status_code == 409
    assert api.delete(f"/api/v1/masks/{mask}/?revision=1").status_code == 409
    assert [row.revision for row in MaskRevision.objects.all()] == [1]


def test_restoring_makes_the_old_state_the_newest(api: APIClient, bob: APIClient, mask: str) -> None:
    first = state_of(Mask.objects.get())
    changed(api, mask, 1, z=4, tool="other")
    answer = restore(bob, mask, 1, present=2)
    assert (answer.status_code, answer.json()["revision"], answer.json()["z"]) == (200, 3, 0)
    now = Mask.objects.get()
    assert state_of(now) == first | {"tool": "restore"}
    assert (str(now.author), str(now.updated_by)) == ("ada", "bob")
    assert [entry["what"] for entry in history(api, mask)] == [["z"], ["z"], []]


def test_a_restore_is_told_to_others_by_the_feed(api: APIClient, image: Image, mask: str) -> None:
    changed(api, mask, 1, z=4)
    feed = f"/api/v1/images/{image.pk}/masks/changes/"
    cursor = api.get(feed).json()["cursor"]
    restore(api, mask, 1, present=2)
    [told] = api.get(f"{feed}?since={cursor}").json()["masks"]
    assert (told["revision"], told["z"], told["tool"]) == (3, 0, "restore")


def test_a_deleted_mask_comes_back_as_the_one_it_was(
    api: APIClient, bob: APIClient, image: Image, mask: str
) -> None:
    before = Mask.objects.get()
    deleted(bob, mask, 1)
    [gone] = api.get(f"/api/v1/images/{image.pk}/masks/deleted/").json()
    assert (gone["id"], gone["revision"], gone["label"], gone["area"]) == (mask, 1, before.label_id, 50)
    assert (gone["bbox"], gone["deleted_by"]["display_name"]) == ([3, 4, 10, 5], "bob")
    deletion, made = history(api, mask)
    assert (deletion["is_deleted"], deletion["by"]["display_name"], deletion["revision"]) == (True, "bob", 1)
    assert not made["is_deleted"]
    assert not made["is_current"]
    answer = restore(bob, mask, 1, present=1)
    assert (answer.status_code, answer.json()["revision"], answer.json()["author"]) == (200, 2, "ada")
    back = Mask.objects.get()
    assert state_of(back) == state_of(before) | {"tool": "restore"}
    assert (str(back.pk), back.created_at) == (mask, before.created_at)
    assert not MaskTombstone.objects.exists()
    assert api.get(f"/api/v1/images/{image.pk}/masks/deleted/").json() == []
    told = [(entry["revision"], entry["is_deleted"], entry["is_current"]) for entry in history(api, mask)]
    assert told == [(2, False, True), (1, True, False), (1, False, False)]


def test_an_undo_of_a_deletion_is_told_as_well(api: APIClient, image: Image, label: Label, mask: str) -> None:
    deleted(api, mask, 1)
    body = make_mask_body(image, label.pk, id=mask, restores=1, z=7)
    assert api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    newest, deletion, _ = history(api, mask)
    assert (newest["revision"], newest["what"], deletion["is_deleted"]) == (2, ["z"], True)


def test_a_deleted_mask_may_come_back_as_it_was_before(api: APIClient, mask: str) -> None:
    changed(api, mask, 1, z=4)
    deleted(api, mask, 2)
    assert restore(api, mask, 1, present=2).json()["z"] == 0
    assert [entry["revision"] for entry in history(api, mask)] == [3, 2, 2, 1]


def test_of_two_people_the_second_is_told(api: APIClient, bob: APIClient, mask: str) -> None:
    changed(api, mask, 1, z=4)
    changed(bob, mask, 2, z=5)
    late = restore(api, mask, 1, present=2)
    assert (late.status_code, late.json()["code"]) == (409, "mask.stale_revision")
    assert late.json()["extra"]["current"]["z"] == 5
    deleted(bob, mask, 3)
    late = restore(api, mask, 1, present=3 - 1)
    assert late.json()["extra"]["deleted"]["deleted_by"] == "bob"
    assert restore(bob, mask, 3, present=3).status_code == 200
    assert restore(api, mask, 3, present=3).json()["extra"]["current"]["revision"] == 4


@pytest.mark.parametrize("revision", [2, 3, 2**31 - 1])
def test_what_is_not_kept_cannot_come_back(api: APIClient, mask: str, revision: int) -> None:
    changed(api, mask, 1, z=4)
    answer = restore(api, mask, revision, present=2)
    assert (answer.status_code, answer.json()["code"]) == (404, "mask.no_such_revision")
    answer = api.get(f"/api/v1/masks/{mask}/history/{revision}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "mask.no_such_revision")


@pytest.mark.parametrize("body", [{}, {"revision": 1}, {"from": 2}, {"revision": 0, "from": 2}])
def test_a_restore_says_what_and_from_where(api: APIClient, mask: str, body: dict[str, int]) -> None:
    changed(api, mask, 1, z=4)
    assert api.post(f"/api/v1/masks/{mask}/restore/", body).status_code == 400


def test_a_locked_image_refuses(
    api: APIClient,
    project: Project,
    image: Image,
    mask: str,
    make_user: Callable[[str], User],
    client_of: Callable[[User], APIClient],
) -> None:
    changed(api, mask, 1, z=4)
    annotator = make_user("ann")
    membership_set(project=project, user=annotator, role=Role.ANNOTATOR)
    WorkItem.objects.filter(pk=image.pk).update(status=Status.SUBMITTED, assignee=annotator)
    answer = restore(client_of(annotator), mask, 1, present=2)
    assert (answer.status_code, answer.json()["code"]) == (403, "image.locked")
    assert Mask.objects.get().revision == 2


def test_strangers_learn_nothing(stranger: APIClient, image: Image, api: APIClient, mask: str) -> None:
    changed(api, mask, 1, z=4)
    for address in (
        f"masks/{mask}/history/",
        f"masks/{mask}/history/1/",
        f"images/{image.pk}/masks/deleted/",
    ):
        assert stranger.get(f"/api/v1/{address}").status_code == 404
    assert restore(stranger, mask, 1, present=2).json()["code"] == "mask.not_found"


def test_a_mask_of_before_the_table_has_the_history_it_has(api: APIClient, image: Image, mask: str) -> None:
    Mask.objects.update(revision=6, tool=None)
    [only] = history(api, mask)
    assert (only["revision"], only["tool"], only["what"]) == (6, None, [])
    changed(api, mask, 6, z=1)
    assert [(entry["revision"], entry["what"]) for entry in history(api, mask)] == [(7, ["z"]), (6, [])]


def test_a_mask_deleted_before_the_table_cannot_come_back(api: APIClient, image: Image, mask: str) -> None:
    deleted(api, mask, 1)
    MaskRevision.objects.all().delete()
    [only] = history(api, mask)
    assert (only["is_deleted"], only["revision"], only["area"]) == (True, 1, None)
    assert api.get(f"/api/v1/images/{image.pk}/masks/deleted/").json() == []
    assert restore(api, mask, 1, present=1).json()["code"] == "mask.no_such_revision"


def test_a_label_that_was_deleted_comes_back_as_none(api: APIClient, image: Image, mask: str) -> None:
    cat = label_create(project=image.project, name="cat")
    changed(api, mask, 1, label=cat.pk)
    changed(api, mask, 2, label=None)
    assert api.delete(f"/api/v1/labels/{cat.pk}/").status_code == 204
    assert [entry["what"] for entry in history(api, mask)] == [["label"], ["label"], []]
    assert restore(api, mask, 2, present=3).json()["label"] is None


def test_values_of_attributes_come_back_though_they_fit_no_more(
    api: APIClient, project: Project, image: Image
) -> None:
    legs = {"name": "legs", "kind": "number"}
    cat = label_create(project=project, name="cat", attributes=[legs])
    [attribute] = cat.attributes.all()
    mask_id = saved(api, image, cat, attributes={str(attribute.pk): 4})
    changed(api, mask_id, 1, attributes={str(attribute.pk): 3})
    cat.attributes.all().delete()
    assert restore(api, mask_id, 1, present=2).json()["attributes"] == {str(attribute.pk): 4}


def test_the_history_of_an_image_goes_with_it(api: APIClient, image: Image, mask: str) -> None:
    changed(api, mask, 1, z=4)
    deleted(api, mask, 2)
    assert api.delete(f"/api/v1/images/{image.pk}/").status_code == 204
    assert not MaskRevision.objects.exists()


def test_a_long_history_is_told_in_few_questions(
    api: APIClient, mask: str, django_assert_max_num_queries: Any
) -> None:
    for revision in range(1, 12):
        changed(api, mask, revision, z=revision)
    with django_assert_max_num_queries(8):
        assert len(history(api, mask)) == 12


_STEPS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "z": st.integers(-5, 5),
            "side": st.integers(1, 20),
            "stage": st.sampled_from(Mask.Stage.values),
            "predicted_iou": st.none() | st.floats(0, 1),
            "seconds_spent": st.floats(0, 100),
            "tool": st.sampled_from(Mask.Tool.values),
            "delete": st.just(True),
        },
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS, data=st.data())
def test_restoring_a_revision_gives_the_very_fields_it_had(
    api: APIClient, image: Image, label: Label, steps: list[dict[str, Any]], data: st.DataObject
) -> None:
    mask_id = saved(api, image, label)
    key = uuid.UUID(mask_id)
    states = {1: state_of(Mask.objects.get(pk=key))}
    present = 1
    for step in steps:
        fields = dict(step)
        if fields.pop("delete", False):
            deleted(api, mask_id, present)
            assert restore(api, mask_id, present, present).status_code == 200
        else:
            side = fields.pop("side", None)
            if side is not None:
                pixels: np.ndarray = rectangle(image.height, image.width, 0, 0, side, side)
                fields["segmentation"] = encode_mask(pixels)
            changed(api, mask_id, present, **fields)
        present += 1
        states[present] = state_of(Mask.objects.get(pk=key))
    wanted = data.draw(st.integers(1, present - 1))
    assert restore(api, mask_id, wanted, present).status_code == 200
    assert state_of(Mask.objects.get(pk=key)) == states[wanted] | {"tool": "restore"}
    kept = {row.revision: state_of(row) for row in MaskRevision.objects.filter(mask_id=key)}
    assert kept == states
