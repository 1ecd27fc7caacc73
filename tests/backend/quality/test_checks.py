"""A release check from drawing to figures, and what was corrected taken over."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from backend.annotations.models import Mask, MaskRevision
from backend.annotations.services import mask_delete, mask_update
from backend.images.models import Image
from backend.images.services import replicas_create
from backend.projects.models import AuditEntry, Membership, Project
from backend.projects.services import label_create
from backend.quality.check_models import CheckedImage, CheckedMask, QualityCheck
from backend.quality.checks import check_create
from backend.quality.intervals import wilson
from backend.users.models import User
from backend.work.models import WorkItem
from tests.backend.quality.conftest import box, replica_of
from tests.builders import encode_mask


@pytest.fixture
def accepted(images: list[Image], owner: User, draw: Callable[..., str]) -> list[Image]:
    """Two accepted images of the owner's: three masks on the first, one on the second."""
    for left in (0, 12, 24):
        draw(owner, images[0].pk, box(0, left, 10, left + 10))
    draw(owner, images[1].pk, box(5, 5, 15, 15))
    WorkItem.objects.filter(pk__in=[image.pk for image in images[:2]]).update(status="accepted")
    return images[:2]


@pytest.fixture
def checker(person: Callable[..., User]) -> User:
    return person("chloe", Membership.Role.REVIEWER)


def begin(api: APIClient, project: Project, people: list[User], **wanted: Any) -> Any:
    body = {"name": "Spring", "checker_ids": [one.pk for one in people], "masks": 4, **wanted}
    return api.post(f"/api/v1/projects/{project.pk}/quality/checks/", body)


def redraw(client: APIClient, mask: Mask, pixels: np.ndarray) -> None:
    body = {"revision": mask.revision, "segmentation": encode_mask(pixels), "tool": "brush"}
    answer = client.patch(f"/api/v1/masks/{mask.pk}/", body)
    assert answer.status_code == 200, answer.content


@pytest.fixture
def corrected(
    api: APIClient,
    project: Project,
    accepted: list[Image],
    checker: User,
    client_of: Callable[[User], APIClient],
    draw: Callable[..., str],
    submit: Callable[[User, int], None],
) -> QualityCheck:
    """Of the four masks one is redrawn (IoU 80/100), one deleted, one relabelled, one left; one is added."""
    made = begin(api, project, [checker])
    assert made.status_code == 201, made.content
    client = client_of(checker)
    replica = replica_of(accepted[0], checker)
    first, second, third = Mask.objects.filter(image=replica).order_by("created_at", "pk")
    redraw(client, first, box(0, 0, 8, 10))
    assert client.delete(f"/api/v1/masks/{second.pk}/?revision=1").status_code == 204
    cat = label_create(project=project, name="cat")
    relabelled = client.patch(f"/api/v1/masks/{third.pk}/", {"revision": 1, "label": cat.pk})
    assert relabelled.status_code == 200, relabelled.content
    draw(checker, replica.pk, box(20, 20, 28, 30))
    submit(checker, replica.pk)
    submit(checker, replica_of(accepted[1], checker).pk)
    return QualityCheck.objects.get(pk=made.json()["id"])


def shown(api: APIClient, check: QualityCheck) -> Any:
    return api.get(f"/api/v1/quality-checks/{check.pk}/").json()


def test_copies_are_what_the_masks_are_and_whose(
    api: APIClient, project: Project, accepted: list[Image], checker: User
) -> None:
    body = begin(api, project, [checker]).json()
    assert (body["image_count"], body["mask_count"], body["open_count"]) == (2, 4, 2)
    assert body["figures"] is None
    for image in accepted:
        replica = replica_of(image, checker)
        originals = Mask.objects.filter(image=image).order_by("created_at", "pk")
        copies = Mask.objects.filter(image=replica).order_by("created_at", "pk")
        names = (
            "counts",
            "label_id",
            "author_id",
            "attributes",
            "stage",
            "model_version_id",
            "predicted_iou",
        )
        assert list(copies.values_list(*names)) == list(originals.values_list(*names))
        assert WorkItem.objects.get(pk=replica.pk).mask_count == len(originals)
        lineage = CheckedMask.objects.filter(checked_image__image=image).order_by("pk")
        assert list(lineage.values_list("original_id", "copy_id")) == [
            (original.pk, copy.pk) for original, copy in zip(originals, copies, strict=True)
        ]
        assert WorkItem.objects.get(pk=image.pk).hold == ""
    assert not MaskRevision.objects.exists()


def test_figures_are_those_of_pairs_by_lineage(api: APIClient, corrected: QualityCheck) -> None:
    figures = shown(api, corrected)["figures"]
    # 0.8, 0 (deleted), 1 and 1.
    assert figures["mean_iou"] == pytest.approx(0.7)
    assert (figures["images"], figures["masks"], figures["own_images"]) == (2, 4, 0)
    assert (figures["redrawn"], figures["relabelled"], figures["deleted"], figures["added"]) == (1, 1, 1, 1)
    assert figures["above_90"]["share"] == 0.5
    assert figures["above_75"]["share"] == 0.75
    # Wilson's interval of 2 of 4 and 3 of 4, by a calculator.
    assert (figures["above_90"]["low"], figures["above_90"]["high"]) == pytest.approx(
        (0.150, 0.850), abs=5e-4
    )
    assert (figures["above_75"]["low"], figures["above_75"]["high"]) == pytest.approx(
        (0.301, 0.954), abs=5e-4
    )
    assert {place: count for place, count in enumerate(figures["histogram"]) if count} == {0: 1, 16: 1, 19: 2}
    rows = api.get(f"/api/v1/quality-checks/{corrected.pk}/images/").json()["results"]
    assert [(row["state"], row["mask_count"]) for row in sorted(rows, key=lambda row: row["image"])] == [
        ("submitted", 3),
        ("submitted", 1),
    ]


def test_what_is_taken_back_counts_for_nothing_until_it_is_submitted_again(
    api: APIClient,
    corrected: QualityCheck,
    accepted: list[Image],
    checker: User,
    client_of: Callable[[User], APIClient],
    submit: Callable[[User, int], None],
) -> None:
    before = shown(api, corrected)["figures"]
    replica = replica_of(accepted[0], checker)
    assert client_of(checker).post(f"/api/v1/images/{replica.pk}/work/withdraw/").status_code == 200
    assert shown(api, corrected)["figures"]["masks"] == 1
    submit(checker, replica.pk)
    assert shown(api, corrected)["figures"] == before


def test_originals_stay_as_they_are_until_the_corrections_are_taken_over(
    api: APIClient, corrected: QualityCheck, accepted: list[Image], checker: User
) -> None:
    masks = list(Mask.objects.filter(image=accepted[0]).order_by("created_at", "pk"))
    assert [mask.revision for mask in masks] == [1, 1, 1]
    early = api.post(f"/api/v1/quality-checks/{corrected.pk}/apply/")
    assert (early.status_code, early.json()["code"]) == (409, "quality_check.open")
    figures = shown(api, corrected)["figures"]
    assert api.post(f"/api/v1/quality-checks/{corrected.pk}/close/").status_code == 200
    applied = api.post(f"/api/v1/quality-checks/{corrected.pk}/apply/").json()
    assert (applied["applied_count"], applied["refused_count"]) == (4, 0)
    assert applied["figures"] == figures
    now = {mask.pk: mask for mask in Mask.objects.filter(image=accepted[0])}
    redrawn, relabelled = now[masks[0].pk], now[masks[2].pk]
    assert redrawn.counts == encode_mask(box(0, 0, 8, 10))["counts"]
    assert (redrawn.revision, redrawn.updated_by, redrawn.author) == (2, checker, masks[0].author)
    assert relabelled.label is not None
    assert relabelled.label.name == "cat"
    assert masks[1].pk not in now
    (added,) = [mask for pk, mask in now.items() if pk not in {one.pk for one in masks}]
    assert (added.author, added.counts) == (checker, encode_mask(box(20, 20, 28, 30))["counts"])
    item = WorkItem.objects.get(pk=accepted[0].pk)
    assert (item.status, item.mask_count) == ("accepted", 3)
    again = api.post(f"/api/v1/quality-checks/{corrected.pk}/apply/").json()
    assert (again["applied_count"], again["refused_count"]) == (4, 0)
    assert Mask.objects.filter(image=accepted[0]).count() == 3
    assert AuditEntry.objects.filter(action="quality_check.applied").count() == 1


def test_a_correction_of_what_changed_meanwhile_is_refused_alone(
    api: APIClient, corrected: QualityCheck, accepted: list[Image], owner: User
) -> None:
    masks = list(Mask.objects.filter(image=accepted[0]).order_by("created_at", "pk"))
    changed = {"segmentation": encode_mask(box(0, 0, 5, 5))}
    mask_update(mask=masks[0], editor=owner, revision=1, changes=changed)
    mask_delete(mask=masks[2], editor=owner, revision=1)
    api.post(f"/api/v1/quality-checks/{corrected.pk}/close/")
    applied = api.post(f"/api/v1/quality-checks/{corrected.pk}/apply/").json()
    assert (applied["applied_count"], applied["refused_count"]) == (2, 2)
    assert Mask.objects.get(pk=masks[0].pk).counts == encode_mask(box(0, 0, 5, 5))["counts"]
    assert not Mask.objects.filter(pk__in=[masks[1].pk, masks[2].pk]).exists()


def test_closing_keeps_what_was_submitted_and_frees_the_rest(
    api: APIClient,
    project: Project,
    accepted: list[Image],
    checker: User,
    client_of: Callable[[User], APIClient],
    submit: Callable[[User, int], None],
) -> None:
    made = begin(api, project, [checker]).json()
    replica = replica_of(accepted[0], checker)
    submit(checker, replica.pk)
    closed = api.post(f"/api/v1/quality-checks/{made['id']}/close/").json()
    assert (closed["open_count"], closed["submitted_count"]) == (0, 1)
    assert closed["figures"]["masks"] == 3
    rows = api.get(f"/api/v1/quality-checks/{made['id']}/images/").json()["results"]
    assert {row["image"]: (row["state"], row["replica"], row["mean_iou"]) for row in rows} == {
        accepted[0].pk: ("submitted", replica.pk, 1.0),
        accepted[1].pk: ("released", None, None),
    }
    assert set(Image.objects.filter(original__isnull=False).values_list("pk", flat=True)) == {replica.pk}
    # The checker sees the originals again, and changes the frozen copy no more.
    listed = client_of(checker).get(f"/api/v1/projects/{project.pk}/images/").json()["results"]
    assert {row["id"] for row in listed} >= {image.pk for image in accepted}
    assert client_of(checker).post(f"/api/v1/images/{replica.pk}/work/withdraw/").status_code == 404
    assert begin(api, project, [checker], name="Autumn").status_code == 201
    assert api.post(f"/api/v1/quality-checks/{made['id']}/close/").json() == closed


def test_the_same_seed_draws_the_same_images(
    project: Project, owner: User, images: list[Image], draw: Callable[..., str], people: list[User]
) -> None:
    for image in images:
        draw(owner, image.pk, box(0, 0, 9, 9))
    WorkItem.objects.update(status="accepted")

    def drawn(seed: int, who: User) -> set[int]:
        check = check_create(project=project, actor=owner, name="x", checker_ids=[who.pk], masks=2, seed=seed)
        return set(check.images.values_list("image", flat=True))

    once = drawn(5, people[0])
    assert len(once) == 2
    assert drawn(5, people[1]) == once
    assert any(drawn(seed, people[2]) != once for seed in (6, 7, 8))


def test_images_are_dealt_in_turn_and_not_to_whose_work_they_are(
    api: APIClient, project: Project, accepted: list[Image], owner: User, checker: User
) -> None:
    made = begin(api, project, [owner, checker]).json()
    rows = CheckedImage.objects.filter(of_check=made["id"])
    assert {row.checker for row in rows} == {checker}
    assert not any(row.is_own for row in rows)
    alone = begin(api, project, [owner]).json()
    assert all(row.is_own for row in CheckedImage.objects.filter(of_check=alone["id"]))


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"masks": 5}, 400, "quality_check.images"),
        ({"masks": 0}, 400, "input.invalid"),
        ({"checker_ids": []}, 400, "input.invalid"),
        ({"name": ""}, 400, "input.invalid"),
    ],
)
def test_what_cannot_be_checked_is_said(
    api: APIClient,
    project: Project,
    accepted: list[Image],
    checker: User,
    wanted: dict[str, Any],
    status: int,
    code: str,
) -> None:
    answer = begin(api, project, [checker], **wanted)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not QualityCheck.objects.exists()


def test_viewers_strangers_and_those_with_a_copy_check_nothing(
    api: APIClient,
    project: Project,
    accepted: list[Image],
    checker: User,
    person: Callable[..., User],
    make_user: Callable[[str], User],
) -> None:
    for who in (person("vera", Membership.Role.VIEWER), make_user("stan")):
        assert begin(api, project, [who]).json()["code"] == "quality_check.checkers"
    replicas_create(pairs=[(accepted[0], checker)])
    answer = begin(api, project, [checker]).json()
    assert (answer["code"], answer["extra"]) == ("quality_check.images", {"masks": 1})


def test_held_images_and_those_that_are_not_accepted_are_not_drawn(
    api: APIClient, project: Project, accepted: list[Image], checker: User
) -> None:
    settings = f"/api/v1/projects/{project.pk}/quality/settings/"
    assert api.get(settings).json()["checkable_mask_count"] == 4
    WorkItem.objects.filter(pk=accepted[0].pk).update(hold="ground_truth")
    WorkItem.objects.filter(pk=accepted[1].pk).update(status="submitted")
    assert begin(api, project, [checker], masks=1).json()["extra"] == {"masks": 0}
    assert api.get(settings).json()["checkable_mask_count"] == 0


def test_lists_ask_the_same_however_long_they_are(
    api: APIClient, project: Project, accepted: list[Image], people: list[User]
) -> None:
    url = f"/api/v1/projects/{project.pk}/quality/checks/"

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get(address).status_code == 200
        return len(captured)

    first = begin(api, project, people[:1], masks=1).json()["id"]
    one = queries(url)
    begin(api, project, people[1:2])
    last = begin(api, project, people[2:]).json()["id"]
    assert queries(url) == one
    images = "/api/v1/quality-checks/{}/images/"
    assert queries(images.format(first)) == queries(images.format(last))


def test_copies_stand_in_no_sum_and_no_list(
    api: APIClient, project: Project, corrected: QualityCheck
) -> None:
    body = api.get(f"/api/v1/projects/{project.pk}/").json()
    assert (body["image_count"], body["mask_count"]) == (4, 4)
    listed = api.get(f"/api/v1/projects/{project.pk}/masks/").json()["results"]
    assert len(listed) == 4


def test_intervals_are_wilsons() -> None:
    assert wilson(0, 0) is None
    for count, total, low, high in ((0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (94, 100, 0.8752, 0.9722)):
        found = wilson(count, total)
        assert found is not None
        assert (found.share, found.low, found.high) == pytest.approx((count / total, low, high), abs=1e-4)
