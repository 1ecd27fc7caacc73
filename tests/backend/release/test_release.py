"""What is in a release, and what is not."""

import hashlib
import io
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from pycocotools import mask as coco_mask
from pytest_django import Settings
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.common.storage import file_read
from backend.images.models import Image
from backend.images.services import image_create
from backend.jobs.context import JobContext, JobInterrupted
from backend.jobs.models import Job
from backend.privacy.services import privacy_set
from backend.projects.members import membership_set
from backend.projects.models import AuditEntry, Membership, Project
from backend.projects.services import project_create
from backend.release.jobs import release_write
from backend.release.pictures import mask_released
from backend.users.models import User
from backend.work.models import WorkItem
from tests.backend.imports.test_imports import imported, looked
from tests.backend.jobs.conftest import do_one, start
from tests.backend.privacy.detectors import CORNER
from tests.backend.release.conftest import HEIGHT, WIDTH, archive_of, box, job_of, mask_of, released
from tests.builders import make_file, make_pixels, stored_files


def document(archive: Any, number: int) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(archive.read(f"annotations/sa_{number}.json"))
    return read


def pixels_of(entry: dict[str, Any]) -> np.ndarray:
    return np.asarray(coco_mask.decode(entry["segmentation"]), bool)


def picture(archive: Any, number: int) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(archive.read(f"images/sa_{number}.jpg")))


def test_a_release_has_the_accepted_images_a_card_and_checksums(
    project: Project, accepted: list[Image]
) -> None:
    archive, result = released(project)
    assert archive.testzip() is None
    assert (result["images"], result["masks"]) == (3, 3)
    cards = ["data_card.html", "data_card.json", "data_card.md"]
    plots = [f"plots/{name}.svg" for name in ("centres", "concavity", "mask_size", "masks_per_image")]
    numbered = [
        path for number in (1, 2, 3) for path in (f"images/sa_{number}.jpg", f"annotations/sa_{number}.json")
    ]
    assert sorted(archive.namelist()) == sorted([*numbered, *cards, *plots, "SHA256SUMS"])
    sums = dict(line.split("  ")[::-1] for line in archive.read("SHA256SUMS").decode().splitlines())
    assert set(sums) == set(archive.namelist()) - {"SHA256SUMS"}
    assert all(hashlib.sha256(archive.read(path)).hexdigest() == digest for path, digest in sums.items())


def test_annotations_are_as_sa_1b_has_them(project: Project, accepted: list[Image]) -> None:
    archive, _ = released(project)
    first, second = document(archive, 1), document(archive, 2)
    assert first["image"] == {"image_id": 1, "width": WIDTH, "height": HEIGHT, "file_name": "sa_1.jpg"}
    quarter, corner = first["annotations"]
    assert quarter == {
        "id": 1,
        "segmentation": quarter["segmentation"],
        "bbox": [0, 0, 39, 29],
        "area": 1200,
        "predicted_iou": 0.91,
        "stability_score": 0.97,
        "crop_box": [0, 0, WIDTH, HEIGHT],
        "point_coords": [[5.5, 6.5]],
    }
    assert np.array_equal(pixels_of(quarter), box(0, 0, 30, 40))
    assert corner["bbox"] == [78, 58, 1, 1]
    (by_hand,) = second["annotations"]
    values = (by_hand["predicted_iou"], by_hand["stability_score"], by_hand["point_coords"])
    assert values == (-1.0, -1.0, [])
    assert document(archive, 3)["annotations"] == []


def test_it_is_imported_again_with_the_same_masks(
    api: APIClient, project: Project, accepted: list[Image], owner: User
) -> None:
    context = job_of(project)
    release_write(context)
    assert context.file
    target = project_create(owner=owner, name="Target", model=project.model)
    content = file_read(context.file.key)
    assert looked(api, target, owner, content)["format"] == "sa1b"
    result = imported(api, target, owner, content, "sa1b")
    assert result["problem_count"] == 0
    assert result["masks"]["created"] == 3

    def masks(of: Project) -> list[tuple[Any, ...]]:
        rows = Mask.objects.filter(image__project=of, image__original=None).exclude(image__file_name="3.png")
        names = ("counts", "area", "bbox_x", "bbox_width", "predicted_iou", "stability_score")
        return sorted(rows.values_list(*names))

    assert masks(target) == masks(project)
    images = Image.objects.filter(project=target).order_by("file_name")
    assert [image.file_name.rpartition("/")[2] for image in images if image.masks.exists()] == [
        "sa_1.jpg",
        "sa_2.jpg",
    ]


def test_pictures_and_masks_are_scaled_together(project: Project, accepted: list[Image]) -> None:
    Mask.objects.filter(image=accepted[0]).update(prompts={"points": [[20, 10, 1], [60, 40, 0]]})
    archive, result = released(project, short_side=32)
    assert picture(archive, 1).size == (43, 32)
    first = document(archive, 1)
    assert (first["image"]["width"], first["image"]["height"]) == (43, 32)
    quarter = first["annotations"][0]
    # Each pixel as the one of before in which its middle lies: 16 of 32 rows, and columns to (21 + .5) * 80 / 43 = 40.0.
    expected = np.zeros((32, 43), bool)
    for row in range(32):
        for column in range(43):
            expected[row, column] = box(0, 0, 30, 40)[
                int((row + 0.5) * 60 / 32), int((column + 0.5) * 80 / 43)
            ]
    assert np.array_equal(pixels_of(quarter), expected)
    assert quarter["area"] == expected.sum()
    assert quarter["point_coords"] == [[20 * 43 / 80, 10 * 32 / 60]]
    assert quarter["crop_box"] == [0, 0, 43, 32]
    assert result["card"]["scaled_images"] == 3
    whole, kept = released(project, short_side=None)
    assert picture(whole, 1).size == (WIDTH, HEIGHT)
    assert kept["card"]["scaled_images"] == 0


def test_any_mask_is_scaled_as_its_pixels_are() -> None:
    rng = np.random.default_rng(3)
    for height, width, size in ((30, 41, (17, 12)), (41, 30, (7, 9)), (12, 12, (5, 11))):
        for share in (0.02, 0.5, 0.97):
            pixels = rng.random((height, width)) < share
            pixels[rng.integers(height), rng.integers(width)] = True
            scaled = mask_released(mask_of(pixels), size)
            rows = [int((row + 0.5) * height / size[1]) for row in range(size[1])]
            columns = [int((column + 0.5) * width / size[0]) for column in range(size[0])]
            expected = pixels[np.ix_(rows, columns)]
            assert (scaled is not None) == expected.any()
            if scaled is not None:
                assert np.array_equal(scaled.pixels(), expected)


def test_masks_without_a_pixel_left_are_dropped_and_counted(
    project: Project, accepted: list[Image], draw: Callable[..., Mask]
) -> None:
    WorkItem.objects.filter(pk=accepted[0].pk).update(status="in_progress")
    lost = draw(accepted[0], box(59, 79, 60, 80))
    WorkItem.objects.filter(pk=accepted[0].pk).update(status="accepted")
    archive, result = released(project, short_side=32)
    # (42 + .5) * 80 / 43 = 79.07 and (31 + .5) * 60 / 32 = 59.06: the corner pixel is somebody's nearest one.
    assert result["card"]["emptied"] == 0
    Mask.objects.filter(pk=lost.pk).delete()
    WorkItem.objects.filter(pk=accepted[0].pk).update(status="in_progress")
    draw(accepted[0], box(58, 77, 59, 78))
    WorkItem.objects.filter(pk=accepted[0].pk).update(status="accepted")
    archive, result = released(project, short_side=32)
    assert result["card"]["emptied"] == 1
    assert result["masks"] == 3
    assert len(document(archive, 1)["annotations"]) == 2


def test_nothing_a_camera_wrote_goes_along(api: APIClient, project: Project, owner: User) -> None:
    exif = PIL.Image.Exif()
    exif[0x010F] = "Camera of Ada"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    content = make_file(make_pixels(WIDTH, HEIGHT), "JPEG", exif=exif, comment=b"at home")
    image, _ = image_create(project=project, user=owner, file=io.BytesIO(content), file_name="a.jpg")
    WorkItem.objects.filter(pk=image.pk).update(status="accepted")
    assert b"Camera of Ada" in file_read(image.display_key)
    archive, _ = released(project)
    file = archive.read("images/sa_1.jpg")
    assert b"Camera of Ada" not in file
    assert b"at home" not in file
    assert not picture(archive, 1).getexif()


def test_what_was_blurred_is_blurred_and_originals_stay_apart(
    api: APIClient, project: Project, settings: Settings
) -> None:
    settings.PRIVACY_DETECTOR = CORNER
    privacy_set(project=project, actor=None, changes={"faces": True, "originals": "keep"})
    sharp = make_pixels(WIDTH, HEIGHT)
    image, _ = image_create(project=project, user=None, file=io.BytesIO(make_file(sharp)), file_name="a.png")
    WorkItem.objects.filter(pk=image.pk).update(status="accepted")
    archive, _ = released(project)
    shown = np.asarray(PIL.Image.open(io.BytesIO(file_read(image.display_key))).convert("RGB"), int)
    out = np.asarray(picture(archive, 1), int)
    # JPEG changes a pixel a little; what was blurred differs from the original by more.
    corner = (slice(0, HEIGHT // 2), slice(0, WIDTH // 2))
    assert np.abs(out - shown)[corner].mean() < 4
    assert np.abs(out - np.asarray(sharp, int))[corner].mean() > 8
    card = json.loads(archive.read("data_card.json"))["privacy"]
    assert card["blurred"] == [{"kind": "face", "images_looked_at": 1, "regions": 1}]
    assert (card["originals_kept"], card["originals_destroyed"], card["images_not_looked_at"]) == (1, 0, 0)
    assert card["detectors"] == [{"detector": "corner 1", "images": 1, "share": 1.0}]


def test_a_seed_deals_the_numbers_anew_and_the_same_way(project: Project, accepted: list[Image]) -> None:
    def drawn(seed: int) -> list[int]:
        archive, _ = released(project, seed=seed)
        ids = [entry["id"] for number in (1, 2, 3) for entry in document(archive, number)["annotations"]]
        assert ids == [1, 2, 3]
        return [len(document(archive, number)["annotations"]) for number in (1, 2, 3)]

    orders = {seed: drawn(seed) for seed in range(6)}
    assert drawn(3) == orders[3]
    assert all(sorted(order) == [0, 1, 2] for order in orders.values())
    assert len({tuple(order) for order in orders.values()}) > 1


def test_other_statuses_are_released_when_they_are_asked_for(project: Project, accepted: list[Image]) -> None:
    archive, result = released(project, statuses=["accepted", "in_progress"])
    assert result["images"] == 4
    assert document(archive, 4)["annotations"][0]["area"] == 81


def test_a_killed_release_is_made_anew_and_is_the_same(
    project: Project, accepted: list[Image], files: Path
) -> None:
    context = job_of(project)
    progress = context.progress

    def killed(done: int, total: int | None = None) -> None:
        progress(done, total)
        if done == 2:
            raise JobInterrupted

    context.progress = killed  # type: ignore[method-assign]
    with pytest.raises(JobInterrupted):
        release_write(context)
    assert stored_files(files / "jobs") == []
    again = JobContext(context.job, claim="here")
    result = release_write(again)
    first = archive_of(again)
    other = JobContext(context.job, claim="there")
    assert release_write(other) == result
    assert again.file
    assert other.file
    assert again.file.sha256 == other.file.sha256
    assert first.testzip() is None


def test_what_cannot_be_released_is_said_before_a_job_begins(api: APIClient, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/jobs/"

    def code(**params: Any) -> tuple[int, str]:
        answer = api.post(url, {"id": str(uuid.uuid4()), "kind": "release", "params": params})
        return answer.status_code, answer.json()["code"]

    assert code() == (400, "input.invalid")
    assert code(name="x", short_side=2) == (400, "input.invalid")
    assert code(name="x", statuses=[]) == (400, "input.invalid")
    assert code(name="x", check=4711) == (400, "release.check")
    assert code(name="x") == (409, "release.nothing")
    assert not Job.objects.exists()


def test_managers_release_and_whoever_takes_the_file_is_remembered(
    api: APIClient,
    client_of: Callable[[User], APIClient],
    make_user: Callable[[str], User],
    project: Project,
    accepted: list[Image],
    owner: User,
) -> None:
    reviewer = make_user("rolf")
    membership_set(project=project, user=reviewer, role=Membership.Role.REVIEWER)
    body = {"id": str(uuid.uuid4()), "kind": "release", "params": {"name": "x"}}
    refused = client_of(reviewer).post(f"/api/v1/projects/{project.pk}/jobs/", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "project.role_forbids")
    made = start(api, project, kind="release", name="Street cats", licence="CC BY 4.0")
    assert made["title"] == "Release: Street cats"
    job = do_one()
    assert (job.state, (job.result or {})["file_name"]) == ("succeeded", "street-cats-1.zip")
    assert api.get(f"/api/v1/jobs/{made['id']}/file/").status_code == 200
    entry = AuditEntry.objects.get(action="release.taken")
    assert (entry.actor, entry.subject) == (owner, "Street cats")
    start(api, project, kind="release", name="Street cats")
    assert (do_one().result or {})["file_name"] == "street-cats-2.zip"
