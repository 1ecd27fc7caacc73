"""Exports as jobs: every format, the filters, names and numbers that stay."""

import io
import json
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.utils import timezone
from PIL import Image as Pictures
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.annotations.services import mask_delete
from backend.common.storage import file_read
from backend.export.jobs import ARCHIVE, archive_check, archive_write
from backend.formats.registry import FORMATS
from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.projects.services import label_create
from backend.users.models import User
from backend.work.models import WorkItem
from tests.builders import encode_mask, make_image, make_mask_body


@pytest.fixture
def masks(api: APIClient, project: Project) -> list[Mask]:
    """Three masks on two images of one name, the last one without a label."""
    first = make_image(project, name="a/photo.png")
    second = make_image(project, seed=1, name="b/Photo.png")
    labels = [project.labels.get().pk, label_create(project=project, name="cat").pk, None]
    for number, image in enumerate((first, second, second)):
        drawn = np.zeros((30, 40), bool)
        drawn[number : number + 9, 3:20] = True
        body = make_mask_body(image, labels[number] or 0, segmentation=encode_mask(drawn))
        body["label"] = labels[number]
        assert api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    return list(Mask.objects.order_by("created_at"))


def exported(project: Project, **params: Any) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    """The archive and the result of a job done here."""
    owner = project.memberships.get(role="owner").user
    checked = archive_check(project, owner, {"unlabelled": "skip", **params})
    params = json.loads(json.dumps(checked))
    job = Job.objects.create(
        uuid=uuid.uuid4(),
        kind=ARCHIVE,
        project=project,
        created_by=owner,
        params=params,
        queued_at=timezone.now(),
    )
    context = JobContext(job, claim="here")
    result = archive_write(context)
    assert context.file
    assert context.done == context.total
    return zipfile.ZipFile(io.BytesIO(file_read(context.file.key))), result


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_a_zip_with_an_account(project: Project, masks: list[Mask], name: str) -> None:
    archive, result = exported(project, format=name, pictures=True)
    assert archive.testzip() is None
    assert (result["images"], result["masks"]) == (2, 2)
    assert result["losses"]["objects"] == 2
    account = json.loads(archive.read("losses.json"))
    assert (account["changed"], account["mean_iou"]) == (0, 1.0)
    pictures = [path for path in archive.namelist() if path.endswith(("photo.png", "Photo-2.png"))]
    assert len({path.rpartition("/")[2] for path in pictures}) == 2
    photograph = next(path for path in pictures if path.endswith("photo.png") and "Segmentation" not in path)
    assert Pictures.open(io.BytesIO(archive.read(photograph))).size == (40, 30)


def numbers(project: Project, **params: Any) -> dict[str, int]:
    """By uuid."""
    archive, _ = exported(project, format="coco", **params)
    document = json.loads(archive.read("annotations/instances_train.json"))
    return {entry["attributes"]["uuid"]: entry["id"] for entry in document["annotations"]}


def test_numbers_stay_whatever_is_deleted_filtered_or_comes_back(
    project: Project, masks: list[Mask], owner: User
) -> None:
    first, second, third = (str(mask.pk) for mask in masks)
    assert numbers(project, unlabelled="include") == {first: 1, second: 2, third: 3}
    assert numbers(project, labels=[masks[1].label_id]) == {second: 2}
    mask_delete(mask=masks[0], editor=owner, revision=1)
    assert numbers(project) == {second: 2}
    assert numbers(project, unlabelled="include") == {second: 2, third: 3}


def test_filters_leave_out_what_they_do_not_ask_for(project: Project, masks: list[Mask], owner: User) -> None:
    first, second, _ = (str(mask.pk) for mask in masks)
    WorkItem.objects.filter(image__file_name="a/photo.png").update(status="accepted")
    assert set(numbers(project, statuses=["accepted"])) == {first}
    assert set(numbers(project, stages=["fully_automatic"])) == set()
    assert set(numbers(project, authors=[owner.pk])) == {first, second}
    assert set(numbers(project, authors=[owner.pk + 1])) == set()
    day = masks[0].created_at.date().isoformat()
    assert set(numbers(project, since=day, until=day)) == {first, second}
    assert set(numbers(project, until="2020-01-01")) == set()


def test_pictures_are_dealt_to_splits_the_same_way_each_time(project: Project, masks: list[Mask]) -> None:
    for seed in range(2, 8):
        make_image(project, seed=seed, name=f"{'ab'[seed % 2]}/{seed}.png")

    def dealt(**splits: Any) -> dict[str, set[str]]:
        archive, _ = exported(project, format="yolo", splits=splits)
        found: dict[str, set[str]] = {}
        for path in archive.namelist():
            if path.startswith("labels/"):
                found.setdefault(path.split("/")[1], set()).add(path.split("/")[2])
        return found

    once = dealt(train=2, val=1, test=1, seed=5)
    assert {split: len(names) for split, names in once.items()} == {"train": 4, "val": 2, "test": 2}
    assert dealt(train=2, val=1, test=1, seed=5) == once
    halves = dealt(train=1, val=1, group="folder")
    assert {"photo.txt", "2.txt", "4.txt", "6.txt"} in halves.values()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"format": "coco"}, "export.unlabelled_masks"),
        ({"format": "gif"}, "input.invalid"),
        ({"format": "coco", "splits": {"train": 0}}, "input.invalid"),
        ({"format": "coco", "statuses": ["great"]}, "input.invalid"),
        ({"format": "cutouts", "unlabelled": "skip"}, "export.needs_pictures"),
    ],
)
def test_what_cannot_be_exported_is_said_before_a_job_begins(
    api: APIClient, project: Project, masks: list[Mask], params: dict[str, Any], code: str
) -> None:
    answer = api.post(
        f"/api/v1/projects/{project.pk}/jobs/", {"id": str(uuid.uuid4()), "kind": "export", "params": params}
    )
    assert answer.json()["code"] == code
    assert not Job.objects.exists()


def test_the_command_writes_the_same_file(project: Project, masks: list[Mask], tmp_path: Any) -> None:
    path = tmp_path / "out.zip"
    call_command(
        "export_dataset", str(project.pk), "--format", "yolo", "--out", str(path), "--unlabelled", "skip"
    )
    archive, _ = exported(project, format="yolo")
    written = zipfile.ZipFile(path)
    assert written.namelist() == archive.namelist()
    assert all(written.read(name) == archive.read(name) for name in written.namelist())


def test_formats_are_listed(api: APIClient) -> None:
    listed = api.get("/api/v1/formats/").json()
    assert [entry["name"] for entry in listed["written"]] == list(FORMATS)
    assert all(entry["title"] and entry["holds"] for entry in listed["written"])
    assert "coco" in listed["read"]
    assert APIClient().get("/api/v1/formats/").status_code == 401


@pytest.mark.parametrize("role", Membership.Role)
def test_everybody_in_the_project_may_export_it_and_nobody_else(
    project: Project,
    client_of: Callable[[User], APIClient],
    make_user: Callable[[str], User],
    stranger: APIClient,
    role: Membership.Role,
) -> None:
    person = make_user("somebody")
    membership_set(project=project, user=person, role=role)
    body = {"id": str(uuid.uuid4()), "kind": "export", "params": {"format": "yolo"}}
    answer = client_of(person).post(f"/api/v1/projects/{project.pk}/jobs/", body)
    assert answer.status_code == 201
    assert answer.json()["title"] == "Export: YOLO segmentation (text, data.yaml)"
    body["id"] = str(uuid.uuid4())
    assert stranger.post(f"/api/v1/projects/{project.pk}/jobs/", body).status_code == 404
