"""Rounds, from the choice of images to the image's own masks, over the API."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.annotations.recounting import project_recount
from backend.common.errors import Conflict
from backend.embeddings.orphans import orphans
from backend.images.models import Image
from backend.images.services import image_delete
from backend.projects.models import AuditEntry, Project
from backend.projects.services import project_delete
from backend.quality.models import ConsensusImage, ConsensusRound, PairAgreement
from backend.users.models import User
from backend.work.leases import leases_sweep
from backend.work.models import WorkItem
from tests.backend.quality.conftest import Role, box, replica_of
from tests.builders import stored_files

Begin = Callable[..., ConsensusRound]


def body(people: list[User], **fields: Any) -> dict[str, Any]:
    ids = [person.pk for person in people]
    return {"name": "first", "annotator_ids": ids, "annotators_per_image": 2} | fields


def test_a_round_gives_each_image_to_so_many_people_in_turn(
    api: APIClient, project: Project, images: list[Image], people: list[User]
) -> None:
    wanted = body(people, image_ids=[image.pk for image in images[:3]])
    answer = api.post(f"/api/v1/projects/{project.pk}/quality/rounds/", wanted)
    assert answer.status_code == 201, answer.content
    assert (answer.json()["open_count"], answer.json()["mean_iou"]) == (3, None)
    assert [person["display_name"] for person in answer.json()["annotators"]] == ["bill", "cleo", "dirk"]
    given = Image.objects.filter(original__isnull=False).values_list("original", "annotator__username")
    by_image: dict[int, list[str]] = {}
    for image_id, name in given.order_by("pk"):
        by_image.setdefault(image_id, []).append(name)
    assert by_image == {
        images[0].pk: ["bill", "cleo"],
        images[1].pk: ["dirk", "bill"],
        images[2].pk: ["cleo", "dirk"],
    }
    held = WorkItem.objects.filter(project=project, is_replica=False).values_list("pk", "hold", "assignee")
    assert [hold for _, hold, _ in held] == ["consensus"] * 3 + [""]


def test_a_sample_is_drawn_again_by_its_seed(
    api: APIClient, project: Project, images: list[Image], people: list[User]
) -> None:
    address = f"/api/v1/projects/{project.pk}/quality/rounds/"
    drawn = []
    for _ in range(2):
        made = api.post(address, body(people, count=2, seed=7)).json()
        drawn.append(list(ConsensusImage.objects.filter(round=made["id"]).values_list("image", flat=True)))
        api.post(f"/api/v1/consensus-rounds/{made['id']}/close/")
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 2
    half = api.post(address, body(people, share=0.5, file_name="png")).json()
    assert half["open_count"] == 2
    few = api.post(address, body(people, count=3))
    assert (few.status_code, few.json()["code"], few.json()["extra"]) == (
        400,
        "consensus.images",
        {"free": 2},
    )


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"image_ids": []}, "consensus.images"),
        ({"image_ids": [10**6]}, "consensus.images"),
        ({"count": 1, "annotators_per_image": 4}, "consensus.annotators"),
        ({"count": 1, "share": 0.5}, "invalid"),
        ({}, "invalid"),
    ],
)
def test_what_makes_no_round_is_refused(
    api: APIClient,
    project: Project,
    images: list[Image],
    people: list[User],
    fields: dict[str, Any],
    code: str,
) -> None:
    answer = api.post(f"/api/v1/projects/{project.pk}/quality/rounds/", body(people, **fields))
    assert answer.status_code == 400
    assert code in answer.json()["code"]
    assert not ConsensusRound.objects.exists()
    assert not WorkItem.objects.exclude(hold="").exists()


def test_who_manages_the_project_cannot_label_blind_and_begun_images_are_not_taken(
    api: APIClient, project: Project, owner: User, images: list[Image], people: list[User], draw: Any
) -> None:
    address = f"/api/v1/projects/{project.pk}/quality/rounds/"
    answer = api.post(address, body([people[0], owner], count=1))
    assert answer.json()["extra"] == {"user_ids": [owner.pk]}
    draw(people[0], images[1].pk, box(0, 0, 5, 5))
    answer = api.post(address, body(people, image_ids=[images[0].pk, images[1].pk]))
    assert answer.json()["extra"] == {"image_ids": [images[1].pk]}


def test_pairs_are_compared_as_people_submit(compared: ConsensusImage, people: list[User]) -> None:
    """bill and cleo agree on two objects: 90/110 and 90/100; bill and dirk, and cleo and dirk, on one."""
    pairs = {
        (pair.first.username, pair.second.username): (pair.matched, round(pair.mean_iou or 0, 6), pair.f1)
        for pair in PairAgreement.objects.select_related("first", "second")
    }
    assert pairs == {
        ("bill", "cleo"): (2, round((90 / 110 + 0.9) / 2, 6), 1.0),
        ("bill", "dirk"): (1, 1.0, 0.5),
        ("cleo", "dirk"): (1, round(90 / 110, 6), 0.5),
    }
    compared.refresh_from_db()
    assert compared.state == "ready"
    assert compared.mean_iou == pytest.approx(((90 / 110 + 0.9) / 2 + 1 + 90 / 110) / 3)
    assert compared.f1 == pytest.approx(2 / 3)


def test_who_takes_it_back_is_waited_for_and_compared_again(
    compared: ConsensusImage,
    people: list[User],
    client_of: Callable[[User], APIClient],
    draw: Any,
    submit: Any,
) -> None:
    bill = people[0]
    replica = replica_of(compared.image, bill)
    client = client_of(bill)
    assert client.post(f"/api/v1/images/{replica.pk}/work/withdraw/").status_code == 200
    compared.refresh_from_db()
    assert compared.state == "open"
    assert PairAgreement.objects.count() == 1
    draw(bill, replica.pk, box(0, 30, 5, 35))
    submit(bill, replica.pk)
    compared.refresh_from_db()
    assert compared.state == "ready"
    pair = PairAgreement.objects.get(first=bill, second=people[2])
    assert (pair.matched, pair.first_count, pair.second_count) == (2, 3, 2)


def test_a_merge_takes_what_most_drew(
    api: APIClient, compared: ConsensusImage, owner: User, people: list[User]
) -> None:
    address = f"/api/v1/consensus-images/{compared.pk}/"
    shown = api.get(address).json()
    assert [len(drawer["masks"]) for drawer in shown["drawers"]] == [2, 2, 2]
    assert [(len(group["masks"]), group["is_kept"]) for group in shown["groups"]] == [
        (3, True),
        (2, True),
        (1, False),
    ]
    answer = api.post(f"{address}resolve/", {"way": "merge"})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["state"], answer.json()["status"]) == ("resolved", "submitted")
    written = Mask.objects.filter(image=compared.image).order_by("created_at", "pk")
    # Two of three have rows 0..9; of two masks both have columns 20..28.
    expected = [box(0, 0, 10, 10), box(15, 20, 25, 29)]
    assert [
        bool(np.array_equal(pixels(mask), wanted)) for mask, wanted in zip(written, expected, strict=True)
    ] == [
        True,
        True,
    ]
    assert {(mask.tool, mask.author_id) for mask in written} == {("merge", owner.pk)}
    assert [mask.seconds_spent for mask in written] == [3 * 3.25, 2 * 3.25]
    assert AuditEntry.objects.filter(action="consensus.resolved").get().data["masks"] == 2
    again = api.post(f"{address}resolve/", {"way": "merge"})
    assert (again.status_code, again.json()["code"]) == (409, "consensus.state")


def test_single_objects_can_be_left_out_and_taken_in(api: APIClient, compared: ConsensusImage) -> None:
    address = f"/api/v1/consensus-images/{compared.pk}/"
    groups = api.get(address).json()["groups"]
    chosen = [groups[0]["key"], groups[2]["key"]]
    assert api.post(f"{address}resolve/", {"way": "merge", "objects": chosen}).status_code == 200
    areas = Mask.objects.filter(image=compared.image).values_list("area", flat=True)
    assert sorted(areas) == [25, 100]


def test_one_persons_masks_are_picked_as_they_are_and_accepted_at_once(
    api: APIClient, compared: ConsensusImage, people: list[User]
) -> None:
    address = f"/api/v1/consensus-images/{compared.pk}/resolve/"
    wrong = api.post(address, {"way": "pick", "annotator": 10**6})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "consensus.annotator")
    stale = api.post(address, {"way": "merge", "objects": ["00000000-0000-0000-0000-000000000001"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "consensus.changed")
    assert not Mask.objects.filter(image=compared.image).exists()
    answer = api.post(address, {"way": "pick", "annotator": people[1].pk, "accept": True})
    assert (answer.json()["status"], answer.json()["picked"]["id"]) == ("accepted", people[1].pk)
    areas = Mask.objects.filter(image=compared.image).values_list("area", flat=True)
    assert sorted(areas) == [90, 100]
    refused = api.post(f"/api/v1/consensus-images/{compared.pk}/reopen/")
    assert (refused.status_code, refused.json()["code"]) == (409, "consensus.accepted")


def test_a_resolution_can_be_taken_back(api: APIClient, compared: ConsensusImage) -> None:
    address = f"/api/v1/consensus-images/{compared.pk}/"
    api.post(f"{address}resolve/", {"way": "merge"})
    answer = api.post(f"{address}reopen/")
    assert (answer.status_code, answer.json()["state"], answer.json()["status"]) == (200, "ready", "ready")
    item = WorkItem.objects.get(pk=compared.image_id)
    assert (item.hold, item.assignee_id, item.mask_count) == ("consensus", None, 0)
    assert not Mask.objects.filter(image=compared.image).exists()
    assert api.post(f"{address}resolve/", {"way": "merge"}).status_code == 200


def test_a_round_closed_early_waits_for_nobody_who_has_not_begun(
    api: APIClient, images: list[Image], people: list[User], begin: Begin, draw: Any, submit: Any, files: Path
) -> None:
    before = stored_files(files)
    begun = begin(images[:3], people)
    first, second, third = images[:3]
    submit(people[0], replica_of(first, people[0]).pk)
    draw(people[1], replica_of(second, people[1]).pk, box(0, 0, 5, 5))
    answer = api.post(f"/api/v1/consensus-rounds/{begun.pk}/close/").json()
    counts = {name: answer[f"{name}_count"] for name in ("ready", "open", "released")}
    assert counts == {"ready": 1, "open": 1, "released": 1}
    left = set(Image.objects.filter(original__isnull=False).values_list("original", "annotator"))
    assert left == {(first.pk, people[0].pk), (second.pk, people[1].pk)}
    assert WorkItem.objects.get(pk=third.pk).hold == ""
    assert stored_files(files) == before
    submit(people[1], replica_of(second, people[1]).pk)
    assert begun.images.get(image=second).state == "ready"
    assert begin([third], people).images.count() == 1


def pixels(mask: Mask) -> np.ndarray:
    packed = {"size": [mask.image.height, mask.image.width], "counts": mask.counts.encode()}
    return np.asarray(coco_mask.decode(packed), bool)


def figures(api: APIClient, project: Project) -> dict[str, Any]:
    """All that the project says of its images, and what it gives out."""
    shown = api.get(f"/api/v1/projects/{project.pk}/").json()
    listed = api.get(f"/api/v1/projects/{project.pk}/images/").json()["results"]
    work = api.get(f"/api/v1/projects/{project.pk}/work/").json()
    names = (
        "image_count",
        "annotated_image_count",
        "mask_count",
        "unlabelled_mask_count",
        "embedding_counts",
    )
    export = api.get(f"/api/v1/projects/{project.pk}/export/coco/?unlabelled=include")
    return {
        "figures": {name: shown[name] for name in names},
        "images": [image["id"] for image in listed],
        "work": work["counts"],
        "shares": [sum(share["counts"].values()) for share in work["shares"]],
        "labels": [row["mask_count"] for row in api.get(f"/api/v1/projects/{project.pk}/labels/").json()],
        "export": b"".join(export.streaming_content),  # type: ignore[attr-defined]
        "place": {
            name: api.get(f"/api/v1/images/{listed[1]['id']}/").json()[name]
            for name in ("previous_id", "next_id", "position", "total")
        },
    }


def test_a_round_changes_nothing_that_the_project_counts_lists_or_exports(
    api: APIClient,
    project: Project,
    owner: User,
    images: list[Image],
    people: list[User],
    begin: Begin,
    draw: Any,
    submit: Any,
) -> None:
    draw(owner, images[3].pk, box(0, 0, 5, 5))
    before = figures(api, project)
    begin(images[:2], people)
    for user in people:
        replica = replica_of(images[0], user)
        draw(user, replica.pk, box(2, 2, 8, 8))
        submit(user, replica.pk)
    assert figures(api, project) == before
    project_recount(project=project)
    assert figures(api, project) == before


def test_the_original_is_given_to_nobody_and_changed_by_nobody_while_its_round_is_on(
    api: APIClient,
    project: Project,
    images: list[Image],
    people: list[User],
    person: Callable[..., User],
    client_of: Callable[[User], APIClient],
    begin: Begin,
) -> None:
    begin(images[:1], people[:2])
    other = client_of(people[2])
    assert other.get(f"/api/v1/images/{images[0].pk}/").json()["work"]["hold"] == "consensus"
    given = other.post(f"/api/v1/projects/{project.pk}/work/next/").json()["image_id"]
    assert given == images[1].pk
    for client in (other, client_of(person("rose", Role.REVIEWER)), api):
        answer = client.post(f"/api/v1/images/{images[0].pk}/work/submit/")
        assert (answer.status_code, answer.json()["code"]) == (409, "work.held")
    assigned = api.post(
        f"/api/v1/projects/{project.pk}/work/assign/",
        {"image_ids": [images[0].pk, images[2].pk], "user_ids": [people[2].pk]},
    ).json()
    assert (assigned["assigned"], assigned["passed_over"]) == (1, 1)


def test_a_replica_is_its_annotators_work_from_next_to_submitted(
    project: Project,
    images: list[Image],
    people: list[User],
    client_of: Callable[[User], APIClient],
    begin: Begin,
) -> None:
    begin(images[:1], people)
    replica = replica_of(images[0], people[0])
    client = client_of(people[0])
    assert client.post(f"/api/v1/projects/{project.pk}/work/next/").json()["image_id"] == replica.pk
    WorkItem.objects.filter(pk=replica.pk).update(lease_expires_at="2000-01-01T00:00Z")
    assert leases_sweep() == 1
    item = WorkItem.objects.get(pk=replica.pk)
    assert (item.status, item.assignee_id) == ("ready", people[0].pk)
    # Skipped, it is nobody's, and others are not given it.
    assert client.post(f"/api/v1/images/{replica.pk}/work/skip/", {"reason": "dark"}).status_code == 200
    for user in people[1:]:
        given = client_of(user).post(f"/api/v1/projects/{project.pk}/work/next/").json()["image_id"]
        assert given == replica_of(images[0], user).pk


def test_only_its_annotator_works_on_a_replica(
    api: APIClient, images: list[Image], people: list[User], begin: Begin, draw: Any, submit: Any
) -> None:
    begin(images[:1], people)
    replica = replica_of(images[0], people[0])
    mask_id = draw(people[0], replica.pk, box(0, 0, 5, 5))
    answers = [
        api.patch(f"/api/v1/masks/{mask_id}/", {"revision": 1, "z": 3}),
        api.post(f"/api/v1/images/{replica.pk}/work/submit/"),
        api.post(f"/api/v1/images/{replica.pk}/work/skip/", {"reason": "x"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "image.replica")] * 3
    submit(people[0], replica.pk)
    judged = api.post(f"/api/v1/images/{replica.pk}/work/accept/")
    assert (judged.status_code, judged.json()["code"]) == (409, "work.held")
    assert api.post(f"/api/v1/projects/{replica.project_id}/work/next-review/").json()["image_id"] is None


def test_deleting_the_original_takes_its_replicas_along_and_a_replica_leaves_the_files(
    api: APIClient, project: Project, images: list[Image], people: list[User], begin: Begin, files: Path
) -> None:
    from django.utils import timezone

    begin(images[:1], people)
    replica = replica_of(images[0], people[0])
    with pytest.raises(Conflict, match="copy"):
        image_delete(image=replica)
    assert api.delete(f"/api/v1/images/{replica.pk}/").status_code == 409
    before = stored_files(files)
    assert list(orphans(before=timezone.now())) == []
    replica.delete()
    assert stored_files(files) == before
    assert api.get(f"/api/v1/images/{images[0].pk}/file/").status_code == 200


def test_nothing_is_left_of_a_deleted_original(
    images: list[Image],
    people: list[User],
    begin: Begin,
    files: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    begin(images[:1], people)
    keys = images[0].file_keys
    with django_capture_on_commit_callbacks(execute=True):
        image_delete(image=images[0])
    assert not Image.objects.filter(sha256=images[0].sha256).exists()
    assert not any((files / key).exists() for key in keys)
    assert not ConsensusImage.objects.exists()


def test_a_project_with_replicas_can_be_deleted(
    project: Project, compared: ConsensusImage, files: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        project_delete(project=project)
    assert stored_files(files) == []


def test_requests_take_the_same_number_of_queries_for_any_number_of_rows(
    api: APIClient,
    compared: ConsensusImage,
    images: list[Image],
    people: list[User],
    project: Project,
    begin: Begin,
    draw: Any,
    submit: Any,
    django_assert_num_queries: Any,
) -> None:
    addresses = {
        f"projects/{project.pk}/quality/rounds/": 7,
        f"projects/{project.pk}/quality/agreement/": 8,
        f"projects/{project.pk}/quality/settings/": 8,
        f"projects/{project.pk}/quality/scores/": 5,
        f"projects/{project.pk}/quality/ground-truth/": 5,
        f"consensus-rounds/{compared.round_id}/images/": 5,
        f"consensus-images/{compared.pk}/": 11,
    }

    def ask() -> None:
        for address, count in addresses.items():
            with django_assert_num_queries(count):
                assert api.get(f"/api/v1/{address}").status_code == 200

    ask()
    begin(images[1:], people)
    for user in people:
        replica = replica_of(images[1], user)
        draw(user, replica.pk, box(3, 3, 9, 9))
        submit(user, replica.pk)
    ask()


def test_people_are_compared_by_name(
    api: APIClient, compared: ConsensusImage, project: Project, person: Callable[..., User], client_of: Any
) -> None:
    rows = api.get(f"/api/v1/projects/{project.pk}/quality/agreement/").json()
    assert [row["user"]["display_name"] for row in rows] == ["bill", "cleo", "dirk"]
    bill = rows[0]
    assert bill["consensus"]["n"] == 2
    assert bill["consensus"]["mean_iou"] == pytest.approx(((90 / 110 + 0.9) / 2 + 1) / 2)
    assert bill["consensus"]["f1"] == pytest.approx(0.75)
    assert bill["ground_truth"] == {"mean_iou": None, "recall": None, "precision": None, "f1": None, "n": 0}
    reviewer = client_of(person("rose", Role.REVIEWER))
    assert reviewer.get(f"/api/v1/projects/{project.pk}/quality/agreement/").json() == rows
