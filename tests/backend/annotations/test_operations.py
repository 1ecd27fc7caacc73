"""Many masks of a project in one call: each by the rules of its own endpoint, and the same rows and sums in the end."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from backend.annotations.models import Mask, MaskRevision, MaskSequence, MaskTombstone
from backend.images.models import Image
from backend.projects.members import membership_set
from backend.projects.models import Label, Membership, Project
from backend.projects.services import label_create
from backend.quality.rounds import round_create
from backend.tallies.families import FAMILIES, MASKS, TALLIES
from backend.tallies.services import tallies_sweep
from backend.users.models import User
from backend.work.models import Status, WorkItem
from tests.builders import encode_mask, make_image, make_mask_body, rectangle

Send = Callable[..., Any]


@pytest.fixture
def annotator(make_user: Callable[[str], User], project: Project) -> User:
    user = make_user("tim")
    membership_set(project=project, user=user, role=Membership.Role.ANNOTATOR)
    return user


def url_of(project: Project) -> str:
    return f"/api/v1/projects/{project.pk}/masks/bulk/"


def send(client: APIClient, project: Project, *operations: Any, atomic: bool = False) -> Any:
    return client.post(url_of(project), {"operations": list(operations), "atomic": atomic})


def create(image: Image, label: Label | None, **fields: Any) -> dict[str, Any]:
    return {
        "op": "create",
        "image": image.pk,
        **make_mask_body(image, label.pk if label else 0),
        **({} if label else {"label": None}),
        **fields,
    }


def codes(answer: Any) -> list[tuple[int, str | None]]:
    return [
        (one["status"], one["error"]["code"] if one["error"] else None) for one in answer.json()["results"]
    ]


def test_the_answer_says_of_each_in_order_what_its_own_endpoint_would(
    api: APIClient, project: Project, image: Image, label: Label
) -> None:
    cat = label_create(project=project, name="cat")
    other = make_image(project, seed=1)
    old = [create(image, label), create(other, label)]
    for body in old:
        sent = {name: value for name, value in body.items() if name not in ("op", "image")}
        assert api.post(f"/api/v1/images/{body['image']}/masks/", sent).status_code == 201
    new = create(image, cat)
    answer = send(
        api,
        project,
        new,
        {"op": "update", "id": old[0]["id"], "revision": 1, "label": cat.pk},
        {"op": "delete", "id": old[1]["id"], "revision": 1},
    )
    assert answer.status_code == 200
    body = answer.json()
    assert (body["succeeded"], body["failed"]) == (3, 0)
    assert [one["id"] for one in body["results"]] == [new["id"], old[0]["id"], old[1]["id"]]
    assert codes(answer) == [(201, None), (200, None), (204, None)]
    masks = {one["id"]: one for one in api.get(f"/api/v1/images/{image.pk}/masks/").json()}
    assert [one["mask"] for one in body["results"]] == [masks[new["id"]], masks[old[0]["id"]], None]
    assert masks[old[0]["id"]]["revision"] == 2
    assert MaskTombstone.objects.filter(pk=old[1]["id"]).exists()


def script(image: Image, first: Label, second: Label) -> list[list[dict[str, Any]]]:
    """Calls that create, change, delete and bring back, by ids that only this image has."""
    ids = [str(uuid.uuid5(uuid.NAMESPACE_URL, f"{image.pk}/{number}")) for number in range(6)]
    drawn = encode_mask(rectangle(image.height, image.width, 1, 1, 9, 12))
    return [
        [create(image, first if number % 2 else second, id=ids[number], z=number) for number in range(5)],
        [
            {"op": "update", "id": ids[0], "revision": 1, "label": first.pk, "tool": "relabel"},
            {"op": "delete", "id": ids[1], "revision": 1},
            {"op": "update", "id": ids[2], "revision": 1, "segmentation": drawn, "tool": "brush"},
            create(image, None, id=ids[5]),
            {"op": "delete", "id": ids[3], "revision": 1},
        ],
        [
            create(image, second, id=ids[1], restores=1, tool="restore"),
            {"op": "delete", "id": ids[0], "revision": 2},
            {"op": "update", "id": ids[5], "revision": 1, "z": -3},
        ],
        [
            {"op": "delete", "id": one, "revision": revision}
            for one, revision in zip(ids[1:3], (2, 2), strict=True)
        ],
        [
            {"op": "delete", "id": ids[4], "revision": 1},
            {"op": "delete", "id": ids[5], "revision": 2},
        ],
    ]


def one_by_one(api: APIClient, image: Image, operations: list[dict[str, Any]]) -> None:
    for operation in operations:
        body = {name: value for name, value in operation.items() if name not in ("op", "image")}
        if operation["op"] == "create":
            answer = api.post(f"/api/v1/images/{image.pk}/masks/", body)
        elif operation["op"] == "update":
            answer = api.patch(f"/api/v1/masks/{body.pop('id')}/", body)
        else:
            answer = api.delete(f"/api/v1/masks/{body['id']}/?revision={body['revision']}")
        assert answer.status_code < 300, answer.json()


def stored(image: Image) -> dict[str, Any]:
    """All that is kept of the image's masks but ids, keys and moments."""
    left_out = {"id", "mask_id", "image_id", "created_at", "updated_at", "made_at", "deleted_at"}

    def rows(found: Any) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in row.items() if name not in left_out} for row in found.values()
        ]

    names = {str(uuid.uuid5(uuid.NAMESPACE_URL, f"{image.pk}/{number}")): number for number in range(6)}
    revisions = MaskRevision.objects.filter(image=image)
    return {
        "masks": rows(Mask.objects.filter(image=image).order_by("sequence")),
        "tombstones": rows(MaskTombstone.objects.filter(image=image).order_by("sequence")),
        "revisions": sorted(
            (names[str(row.mask_id)], row.revision, row.area, row.changed_next, row.deleted_at is not None)
            for row in revisions
        ),
        "last": MaskSequence.objects.get(image=image).last,
        "work": WorkItem.objects.filter(image=image).values("mask_count", "status", "assignee")[0],
    }


def sums() -> dict[Any, tuple[int, ...]]:
    tallies_sweep()
    return {
        (table.__name__, *(getattr(row, name) for name in family.dimensions(table))): tuple(
            getattr(row, name) for name in family.amounts
        )
        for family in (TALLIES, MASKS)
        for table in family.sums
        for row in table._default_manager.all()
    }


def difference(before: dict[Any, tuple[int, ...]], after: dict[Any, tuple[int, ...]]) -> dict[Any, Any]:
    nothing = (0,) * 20
    found = {
        key: tuple(a - b for a, b in zip(amounts, before.get(key, nothing), strict=False))
        for key, amounts in after.items()
    }
    return {key: amounts for key, amounts in found.items() if any(amounts)}


def test_rows_history_and_sums_are_those_of_one_by_one(
    api: APIClient, project: Project, label: Label
) -> None:
    assert len(FAMILIES) >= 4
    cat = label_create(project=project, name="cat")
    alone, together = make_image(project, seed=1), make_image(project, seed=2)
    for singles, call in zip(script(alone, label, cat), script(together, label, cat), strict=True):
        before = sums()
        one_by_one(api, alone, singles)
        between = sums()
        answer = send(api, project, *call)
        assert answer.json()["failed"] == 0, answer.json()
        assert difference(between, sums()) == difference(before, between)
        assert stored(alone) == stored(together)


def test_the_same_call_again_leaves_the_same_state(
    api: APIClient, project: Project, image: Image, label: Label
) -> None:
    call = [create(image, label), create(image, label)]
    first = send(api, project, *call)
    state = stored_of(image)
    again = send(api, project, *call)
    assert codes(again) == [(200, None), (200, None)]
    assert [one["mask"] for one in again.json()["results"]] == [
        one["mask"] for one in first.json()["results"]
    ]
    assert stored_of(image) == state
    gone = {"op": "delete", "id": call[0]["id"], "revision": 1}
    assert codes(send(api, project, gone)) == codes(send(api, project, gone)) == [(204, None)]
    late = send(api, project, call[0])
    assert codes(late) == [(409, "mask.stale_revision")]
    assert late.json()["results"][0]["error"]["extra"]["deleted"]["revision"] == 1


def stored_of(image: Image) -> Any:
    return (
        list(Mask.objects.filter(image=image).order_by("pk").values()),
        WorkItem.objects.filter(image=image).values()[0],
        MaskSequence.objects.get(image=image).last,
    )


def bad_items(image: Image, foreign: Image, label: Label) -> list[tuple[Any, int, str]]:
    good = create(image, label)
    return [
        (
            create(image, label, segmentation={"size": [30, 40], "counts": "not an rle"}),
            400,
            "mask.rle_invalid",
        ),
        (create(image, label) | {"label": 10**30}, 400, "mask.label"),
        (create(image, label, stage="guessed"), 400, "input.invalid"),
        (create(foreign, label), 404, "image.not_found"),
        ({"op": "update", "id": str(uuid.uuid4()), "revision": 1, "z": 1}, 404, "mask.not_found"),
        ({"op": "delete", "id": str(uuid.uuid4()), "revision": 1}, 404, "mask.not_found"),
        ({"op": "paint", "id": good["id"]}, 400, "input.invalid"),
        ("delete everything", 400, "input.invalid"),
        ({"op": "delete", "id": good["id"]}, 400, "input.invalid"),
    ]


def test_what_is_refused_stands_in_nobodys_way(
    api: APIClient,
    project: Project,
    image: Image,
    label: Label,
    make_user: Callable[[str], User],
    make_project: Callable[..., Project],
) -> None:
    foreign = make_image(make_project(make_user("eve")))
    bad = bad_items(image, foreign, label)
    good = [create(image, label) for _ in bad]
    mixed = [one for pair in zip(good, (item for item, _, _ in bad), strict=True) for one in pair]
    answer = send(api, project, *mixed)
    assert answer.status_code == 200
    assert codes(answer)[0::2] == [(201, None)] * len(bad)
    assert codes(answer)[1::2] == [(status, code) for _, status, code in bad]
    assert (answer.json()["succeeded"], answer.json()["failed"]) == (len(good), len(bad))
    assert Mask.objects.count() == len(good)
    assert not foreign.masks.exists()


def test_all_or_none_names_what_was_refused_and_does_nothing(
    api: APIClient, project: Project, image: Image, label: Label
) -> None:
    other = make_image(project, seed=1)
    kept = create(other, label)
    send(api, project, kept)
    before = stored_of(other)
    stale = {"op": "update", "id": kept["id"], "revision": 7, "z": 1}
    answer = send(api, project, create(image, label), create(other, label), stale, atomic=True)
    assert (answer.status_code, answer.json()["code"]) == (409, "mask.bulk_refused")
    [refused] = answer.json()["extra"]["results"]
    assert (refused["index"], refused["error"]["code"]) == (2, "mask.stale_revision")
    assert refused["error"]["extra"]["current"]["id"] == kept["id"]
    assert stored_of(other) == before
    assert not image.masks.exists()
    assert WorkItem.objects.get(image=image).assignee is None
    bad = create(image, label, segmentation={"size": [1, 1], "counts": "0"})
    assert send(api, project, create(image, label), bad, atomic=True).status_code == 400
    assert send(api, project, create(image, label), create(other, label), atomic=True).status_code == 200
    assert Mask.objects.count() == 3


def test_an_image_that_is_somebody_elses_or_finished_is_refused_alone(
    client_of: Callable[[User], APIClient],
    api: APIClient,
    project: Project,
    label: Label,
    annotator: User,
    owner: User,
) -> None:
    taken, locked, free = (make_image(project, seed=seed) for seed in (1, 2, 3))
    for body in (create(taken, label), create(locked, label)):
        assert send(api, project, body).json()["failed"] == 0
    WorkItem.objects.filter(image=locked).update(status=Status.SUBMITTED, assignee=annotator)
    client = client_of(annotator)
    answer = send(client, project, create(taken, label), create(locked, label), create(free, label))
    assert codes(answer) == [
        (403, "image.assigned_to_other"),
        (403, "image.locked"),
        (201, None),
    ]
    assert WorkItem.objects.get(image=free).assignee == annotator
    assert WorkItem.objects.get(image=taken).assignee == owner
    assert WorkItem.objects.get(image=taken).mask_count == 1


def test_who_changes_nothing_has_not_begun(
    api: APIClient, project: Project, image: Image, label: Label
) -> None:
    bad = create(image, label, segmentation={"size": [30, 40], "counts": "`U1"})
    assert codes(send(api, project, bad)) == [(400, "mask.empty")]
    work = WorkItem.objects.get(image=image)
    assert (work.assignee, work.lease_expires_at) == (None, None)
    assert not MaskSequence.objects.filter(image=image).exists()


def test_a_mask_is_named_once_and_an_id_belongs_to_one_image(
    api: APIClient, project: Project, image: Image, label: Label
) -> None:
    twice = create(image, label)
    answer = send(api, project, twice, {"op": "update", "id": twice["id"], "revision": 1, "z": 2})
    assert codes(answer) == [(201, None), (400, "mask.named_twice")]
    other = make_image(project, seed=1)
    assert codes(send(api, project, create(other, label, id=twice["id"]))) == [(409, "mask.id_taken")]
    send(api, project, {"op": "delete", "id": twice["id"], "revision": 1})
    back = create(other, label, id=twice["id"], restores=1)
    assert codes(send(api, project, back)) == [(409, "mask.id_taken")]


def test_what_one_may_not_see_does_not_exist(
    client_of: Callable[[User], APIClient],
    api: APIClient,
    project: Project,
    label: Label,
    annotator: User,
    owner: User,
    make_user: Callable[[str], User],
) -> None:
    other = make_user("ben")
    membership_set(project=project, user=other, role=Membership.Role.ANNOTATOR)
    original = make_image(project, seed=5)
    round_create(
        project=project,
        actor=owner,
        name="first",
        annotator_ids=[annotator.pk, other.pk],
        annotators_per_image=2,
        image_ids=[original.pk],
    )
    own = Image.objects.get(original=original, annotator=annotator)
    theirs = Image.objects.get(original=original, annotator=other)
    answer = send(
        client_of(annotator), project, create(own, label), create(theirs, label), create(original, label)
    )
    assert codes(answer) == [(201, None), (404, "image.not_found"), (404, "image.not_found")]
    tallies_sweep()
    assert WorkItem.objects.get(image=own).mask_count == 1
    assert api.get(f"/api/v1/projects/{project.pk}/").json()["mask_count"] == 0


@pytest.mark.parametrize("count", [0, 1001])
def test_a_call_has_one_to_a_thousand_operations(api: APIClient, project: Project, count: int) -> None:
    answer = send(api, project, *[{"op": "delete"}] * count)
    assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")


def test_a_viewer_is_told_that_it_is_the_role(
    client_of: Callable[[User], APIClient], project: Project, image: Image, label: Label, annotator: User
) -> None:
    membership_set(project=project, user=annotator, role=Membership.Role.VIEWER)
    answer = send(client_of(annotator), project, create(image, label))
    assert (answer.status_code, answer.json()["code"]) == (403, "project.role_forbids")


def test_a_thousand_masks_in_one_call_and_again(api: APIClient, project: Project, label: Label) -> None:
    images = [make_image(project, seed=seed) for seed in range(4)]
    call = [create(images[number % 4], label, z=number % 100) for number in range(1000)]
    answer = send(api, project, *call)
    assert (answer.status_code, answer.json()["succeeded"]) == (200, 1000)
    assert [one["id"] for one in answer.json()["results"]] == [one["id"] for one in call]
    assert send(api, project, *call).json()["succeeded"] == 1000
    assert Mask.objects.count() == 1000
    changed = [{"op": "update", "id": one["id"], "revision": 1, "z": 7} for one in call]
    assert send(api, project, *changed, atomic=True).json()["succeeded"] == 1000
    assert set(Mask.objects.values_list("revision", "z")) == {(2, 7)}
    assert MaskRevision.objects.count() == 1000
    gone = [{"op": "delete", "id": one["id"], "revision": 2} for one in call]
    assert send(api, project, *gone).json()["succeeded"] == 1000
    assert not Mask.objects.exists()
    assert {item.mask_count for item in WorkItem.objects.all()} == {0}


def statements(client: APIClient, project: Project, operations: list[Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert send(client, project, *operations).json()["failed"] == 0
    return [query["sql"] for query in captured.captured_queries]


def test_statements_are_for_images_and_batches_not_for_masks(
    api: APIClient, project: Project, image: Image, label: Label
) -> None:
    """SQLite takes 999 variables a statement, so there rows are written in batches of about forty."""
    few = [create(image, label) for _ in range(10)]
    many = [create(image, label) for _ in range(200)]
    batches = 200 // (999 // len(Mask._meta.concrete_fields)) + 2
    send(api, project, create(image, label))
    small, large = statements(api, project, few), statements(api, project, many)
    assert len(small) <= 45
    assert len(large) <= len(small) + batches
    updates = [
        [{"op": "update", "id": one["id"], "revision": 1, "z": 5} for one in call] for call in (few, many)
    ]
    small, large = (statements(api, project, call) for call in updates)
    assert len(small) <= 45
    # The states of before are as many rows.
    assert len(large) <= len(small) + 2 * batches
    deletes = [[{"op": "delete", "id": one["id"], "revision": 2} for one in call] for call in (few, many)]
    small, large = (statements(api, project, call) for call in deletes)
    assert len(small) <= 45
    assert len(large) <= len(small) + 2 * batches


def test_half_a_character_comes_back_as_a_question_mark(
    api: APIClient, project: Project, image: Image, label: Label
) -> None:
    bad = create(image, label, stage="\ud800", id="\ud800")
    answer = api.post(
        url_of(project),
        json.dumps({"operations": [bad, create(image, label)]}),
        content_type="application/json",
    )
    assert codes(answer) == [(400, "input.invalid"), (201, None)]
    assert answer.json()["results"][0]["id"] == "?"


@pytest.mark.parametrize("body", [[], {"operations": [None]}, {"operations": {}}, {"atomic": True}, {}])
def test_a_call_that_cannot_be_read_is_refused_as_a_whole(
    api: APIClient, project: Project, body: Any
) -> None:
    answer = api.post(url_of(project), json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")
