"""Imports as jobs: looked over, applied, killed in between, and nothing doubled."""

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pycocotools import mask as coco_mask
from rest_framework.test import APIClient

from backend.annotations.models import Mask, MaskTombstone
from backend.annotations.recounting import project_recount
from backend.annotations.services import mask_delete
from backend.common.storage import file_read
from backend.export.jobs import ARCHIVE, archive_check, archive_write
from backend.formats.registry import READ_FORMATS
from backend.images.models import Image
from backend.imports.jobs import CHECK, IMPORT, bring_in, check_checked, import_checked, look
from backend.imports.models import ImportedPicture, ImportUpload
from backend.jobs.context import JobContext, JobInterrupted
from backend.jobs.models import Job
from backend.projects.attributes import label_attributes_set
from backend.projects.models import Label, Project
from backend.projects.services import label_create, project_create
from backend.tallies.services import tallies_sweep
from backend.users.models import User
from backend.work.models import WorkItem
from tests.backend.tallies.test_tallies import all_sums
from tests.builders import encode_mask, make_file, make_image, make_mask_body, make_pixels, make_zip

SIZE = (30, 40)


@pytest.fixture
def masks(api: APIClient, project: Project) -> list[Mask]:
    """Three images; two masks apart from each other on the first, one with a hole on the second, none on the third."""
    images = [make_image(project, seed=seed, name=f"{'abc'[seed]}/photo-{seed}.png") for seed in range(3)]
    cat = label_create(project=project, name="cat").pk
    drawn = [np.zeros(SIZE, bool) for _ in range(3)]
    drawn[0][2:9, 3:20] = drawn[1][15:28, 20:39] = drawn[2][4:20, 5:30] = True
    drawn[2][8:12, 10:20] = False
    for image, label, pixels in zip(
        (images[0], images[0], images[1]), (cat, project.labels.order_by("pk")[0].pk, cat), drawn, strict=True
    ):
        body = make_mask_body(image, label, segmentation=encode_mask(pixels))
        assert api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    return list(Mask.objects.order_by("created_at"))


@pytest.fixture
def target(owner: User, project: Project) -> Project:
    """An empty project of the same person."""
    return project_create(owner=owner, name="Target", model=project.model)


def exported(project: Project, name: str = "coco", **params: Any) -> bytes:
    owner = project.memberships.get(role="owner").user
    checked = archive_check(
        project, owner, {"format": name, "pictures": True, "unlabelled": "include", **params}
    )
    job = Job.objects.create(
        uuid=uuid.uuid4(),
        kind=ARCHIVE,
        project=project,
        created_by=owner,
        params=json.loads(json.dumps(checked)),
        queued_at=timezone.now(),
        state="succeeded",
    )
    context = JobContext(job, claim="here")
    archive_write(context)
    assert context.file
    return file_read(context.file.key)


def uploaded(api: APIClient, project: Project, content: bytes) -> Any:
    file = SimpleUploadedFile("set.zip", content, "application/zip")
    return api.post(f"/api/v1/projects/{project.pk}/imports/", {"file": file}, format="multipart")


def job_of(project: Project, user: User, kind: str, **params: Any) -> JobContext:
    check = check_checked if kind == CHECK else import_checked
    job = Job.objects.create(
        uuid=uuid.uuid4(),
        kind=kind,
        project=project,
        created_by=user,
        params=check(project, user, params),
        queued_at=timezone.now(),
        state="running",
        claimed_by="here",
    )
    return JobContext(job, claim="here")


def imported(
    api: APIClient, project: Project, user: User, content: bytes, name: str = "coco", **params: Any
) -> dict[str, Any]:
    upload = uploaded(api, project, content).json()["id"]
    return bring_in(job_of(project, user, IMPORT, upload=upload, format=name, **params))


def looked(
    api: APIClient, project: Project, user: User, content: bytes, name: str = "auto"
) -> dict[str, Any]:
    upload = uploaded(api, project, content).json()["id"]
    return look(job_of(project, user, CHECK, upload=upload, format=name))


def content_of(project: Project) -> dict[str, list[tuple[str | None, bytes]]]:
    """By the picture's bytes: its masks, the label's name and the pixels of each."""
    found: dict[str, list[tuple[str | None, bytes]]] = {}
    for image in Image.objects.filter(project=project):
        rows = [
            (
                mask.label.name if mask.label else None,
                coco_mask.decode({"size": list(SIZE), "counts": mask.counts.encode()}).tobytes(),
            )
            for mask in Mask.objects.filter(image=image).select_related("label")
        ]
        found[image.sha256] = sorted(rows, key=lambda row: row[1])
    return found


@pytest.mark.parametrize("name", sorted(READ_FORMATS))
def test_an_export_comes_back_as_it_was(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User, name: str
) -> None:
    content = exported(project, name)
    preview = looked(api, target, owner, content)
    assert preview["format"] == name
    assert preview["masks"] == 3
    assert preview["problem_count"] == 0
    assert preview["pictures"]["new"] == preview["pictures"]["total"]
    result = imported(api, target, owner, content, name)
    assert result["problem_count"] == 0
    assert result["masks"] == {"created": 3, "replaced": 0, "deleted": 0, "skipped": 0}
    wanted = content_of(project)
    if name == "sa1b":
        wanted = {sha: [(None, pixels) for _, pixels in rows] for sha, rows in wanted.items()}
    assert {sha: rows for sha, rows in content_of(target).items() if rows} == {
        sha: rows for sha, rows in wanted.items() if rows
    }
    tallies_sweep()
    shown = api.get(f"/api/v1/projects/{target.pk}/").json()
    assert (shown["mask_count"], shown["annotated_image_count"]) == (3, 2)
    assert sum(WorkItem.objects.filter(project=target).values_list("mask_count", flat=True)) == 3
    made = Mask.objects.filter(image__project=target)
    assert {(mask.tool, mask.author_id, mask.revision) for mask in made} == {("import", owner.pk, 1)}


def test_uuids_stay_where_they_are_free(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    content = exported(project)
    imported(api, target, owner, content)
    assert not {mask.pk for mask in Mask.objects.filter(image__project=target)} & {mask.pk for mask in masks}
    Project.objects.filter(pk=project.pk).update(name="Gone")
    assert api.delete(f"/api/v1/projects/{project.pk}/").status_code == 204
    third = project_create(owner=owner, name="Third", model=target.model)
    imported(api, third, owner, content)
    assert {mask.pk for mask in Mask.objects.filter(image__project=third)} == {mask.pk for mask in masks}


@pytest.mark.parametrize("name", ["coco", "sa1b", "datumaro"])
def test_numbers_of_the_file_stay(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User, name: str
) -> None:
    mask_delete(mask=masks[0], editor=owner, revision=1)
    exported(project)
    first = exported(project, name)
    imported(api, target, owner, first, name)

    def numbers(content: bytes) -> list[tuple[Any, ...]]:
        archive = zipfile.ZipFile(io.BytesIO(content))
        document = json.loads(archive.read("annotations/instances_train.json"))
        names = {image["id"]: image["file_name"] for image in document["images"]}
        return sorted((row["id"], row["image_id"], names[row["image_id"]]) for row in document["annotations"])

    assert numbers(exported(target)) == numbers(exported(project))


def test_a_killed_import_goes_on_and_doubles_nothing(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    content = exported(project, "yolo")
    upload = uploaded(api, target, content).json()["id"]
    context = job_of(target, owner, IMPORT, upload=upload, format="yolo", policy="add")
    progress = context.progress
    for stop in (1, 2):

        def killed(done: int, total: int | None = None, stop: int = stop) -> None:
            progress(done, total)
            if done == stop:
                raise JobInterrupted

        context.progress = killed  # type: ignore[method-assign]
        with pytest.raises(JobInterrupted):
            bring_in(context)
        assert ImportedPicture.objects.count() == stop
    # Somebody works meanwhile: what an attempt of before saved is not brought back.
    made = Mask.objects.filter(image__project=target)
    mask_delete(mask=made[0], editor=owner, revision=1)
    context.progress = progress  # type: ignore[method-assign]
    result = bring_in(context)
    assert result["masks"]["created"] == 3
    assert made.count() == 2
    assert Image.objects.filter(project=target).count() == 3


@pytest.mark.parametrize("policy", ["skip", "add", "replace"])
def test_wherever_an_import_breaks_off_it_goes_on_to_the_same(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User, policy: str
) -> None:
    """Broken off within each of its transactions, and after each: once for each of them."""
    upload = uploaded(api, target, exported(project, "yolo")).json()["id"]
    context = job_of(target, owner, IMPORT, upload=upload, format="yolo", policy=policy)
    holding, left = context.holding, [0, False]

    @contextmanager
    def breaking() -> Iterator[None]:
        left[0] -= 1
        with holding():
            yield
            if left[0] == 0 and left[1]:
                raise JobInterrupted
        if left[0] == 0:
            raise JobInterrupted

    context.holding = breaking  # type: ignore[method-assign]
    breaks = 0
    for place in range(1, 6):
        for is_within in (True, False):
            left[:] = [place, is_within]
            with suppress(JobInterrupted):
                result = bring_in(context)
                continue
            breaks += 1
    assert breaks > 5
    assert result["masks"] == {"created": 3, "replaced": 0, "deleted": 0, "skipped": 0}
    assert content_of(target) == content_of(project)
    assert ImportedPicture.objects.count() == 3
    summed = all_sums(target)
    project_recount(project=target)
    assert all_sums(target) == summed


def test_masks_saved_before_the_note_of_them_are_not_saved_twice(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    upload = uploaded(api, target, exported(project, "yolo")).json()["id"]
    context = job_of(target, owner, IMPORT, upload=upload, format="yolo", policy="add")
    bring_in(context)
    ImportedPicture.objects.all().delete()
    assert bring_in(context)["masks"] == {"created": 0, "replaced": 0, "deleted": 0, "skipped": 3}


def moved(content: bytes) -> bytes:
    """The same COCO file with the first mask somewhere else, another one under a new uuid, and none of the rest."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["annotations/instances_train.json"])
    first, second = document["annotations"][:2]
    pixels = np.zeros(SIZE, bool)
    pixels[20:25, 1:5] = True
    first["segmentation"] = encode_mask(pixels)
    second["attributes"]["uuid"] = str(uuid.uuid4())
    document["annotations"] = [first, second]
    return make_zip(members | {"annotations/instances_train.json": json.dumps(document).encode()})


@pytest.mark.parametrize(
    ("policy", "counts"),
    [
        ("skip", {"created": 0, "replaced": 0, "deleted": 0, "skipped": 2}),
        ("add", {"created": 1, "replaced": 0, "deleted": 0, "skipped": 1}),
        ("replace", {"created": 1, "replaced": 1, "deleted": 1, "skipped": 0}),
    ],
)
def test_images_that_have_masks(
    api: APIClient,
    project: Project,
    masks: list[Mask],
    owner: User,
    policy: str,
    counts: dict[str, int],
) -> None:
    content = moved(exported(project))
    preview = looked(api, project, owner, content)
    assert (preview["images_with_masks"], preview["masks_known"]) == (2, 1)
    assert preview["pictures"] == {"new": 0, "known": 3, "matched": 0, "missing": 0, "total": 3}
    result = imported(api, project, owner, content, policy=policy)
    assert result["masks"] == counts
    mask = Mask.objects.get(pk=masks[0].pk)
    assert (mask.revision, mask.area) == ((2, 20) if policy == "replace" else (1, masks[0].area))
    assert MaskTombstone.objects.filter(pk=masks[1].pk).exists() == (policy == "replace")
    # The image the file has no mask for keeps its own.
    assert Mask.objects.filter(pk=masks[2].pk).exists()
    count = {"skip": 3, "add": 4, "replace": 3}[policy]
    assert Mask.objects.count() == count
    tallies_sweep()
    assert api.get(f"/api/v1/projects/{project.pk}/").json()["mask_count"] == count


def test_the_same_again_under_replace_changes_nothing(
    api: APIClient, project: Project, masks: list[Mask], owner: User
) -> None:
    result = imported(api, project, owner, exported(project), policy="replace")
    assert result["masks"] == {"created": 0, "replaced": 0, "deleted": 0, "skipped": 3}
    assert set(Mask.objects.values_list("revision", flat=True)) == {1}


def test_images_that_stay_as_they_are_are_not_begun(
    api: APIClient, project: Project, masks: list[Mask], owner: User
) -> None:
    content = exported(project)
    WorkItem.objects.update(status="ready", assignee=None, is_taken=False, lease_expires_at=None)
    for policy in ("skip", "add", "replace"):
        imported(api, project, owner, content, policy=policy)
    assert set(WorkItem.objects.values_list("status", "assignee")) == {("ready", None)}


def test_nothing_is_lost_to_a_file_without_masks(
    api: APIClient, project: Project, masks: list[Mask], owner: User
) -> None:
    content = exported(project, labels=[label_create(project=project, name="unused").pk])
    result = imported(api, project, owner, content, policy="replace")
    assert result["masks"]["deleted"] == 0
    assert Mask.objects.count() == 3


def test_names_no_database_has_a_place_for(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    archive = zipfile.ZipFile(io.BytesIO(exported(project)))
    members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["annotations/instances_train.json"])
    for category in document["categories"]:
        category["name"] += "\0\ud800"
    document["annotations"][0]["segmentation"]["counts"] = "\0"
    members["annotations/instances_train.json"] = json.dumps(document).encode()
    preview = looked(api, target, owner, make_zip(members))
    names = [label["name"] for label in preview["labels"]]
    assert names == ["object\ufffd\ufffd", "cat\ufffd\ufffd"]
    imported(api, target, owner, make_zip(members), labels={names[0]: "skip"})
    assert set(target.labels.values_list("name", flat=True)) == {"object", names[1]}


def test_labels_without_a_mask_come_too_where_nothing_was_before(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    label_create(project=project, name="nobody")
    content = exported(project)
    imported(api, target, owner, content, labels={"object": "skip"})
    assert set(target.labels.values_list("name", flat=True)) == {"object", "cat", "nobody"}
    exported(target)
    label_create(project=project, name="later")
    imported(api, target, owner, exported(project))
    assert not target.labels.filter(name="later").exists()


def test_attributes_come_by_their_names(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    wanted = [{"name": "state", "kind": "select", "choices": ["wild", "tame"], "default": None}]
    wanted.append({"name": "age", "kind": "number", "choices": [], "default": None})
    cat = Label.objects.get(project=project, name="cat")
    label_attributes_set(label=cat, wanted=wanted)
    keys = {attribute.name: str(attribute.pk) for attribute in cat.attributes.all()}
    Mask.objects.filter(label=cat).update(attributes={keys["state"]: "tame", keys["age"]: 3})
    theirs = label_create(project=target, name="cat")
    label_attributes_set(label=theirs, wanted=[wanted[1]])
    for name in ("coco", "cvat"):
        result = imported(api, target, owner, exported(project, name), name, policy="replace")
        made = Mask.objects.filter(image__project=target, label=theirs)
        age = str(theirs.attributes.get().pk)
        assert [mask.attributes for mask in made] == [{age: 3}] * 2
        assert {problem["code"] for problem in result["problems"]} == {"import.attributes_lost"}


def test_labels_go_where_somebody_chose(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    content = exported(project)
    dog = label_create(project=target, name="dog")
    label_create(project=target, name="CAT")
    preview = looked(api, target, owner, content)
    suggested = {label["name"]: label["label"] for label in preview["labels"]}
    assert suggested["cat"] == Label.objects.get(project=target, name="CAT").pk
    result = imported(api, target, owner, content, labels={"cat": dog.pk, "object": "skip"})
    assert result["masks"]["skipped"] == 1
    assert (
        list(Mask.objects.filter(image__project=target).values_list("label__name", flat=True)) == ["dog"] * 2
    )
    assert set(target.labels.values_list("name", flat=True)) == {"object", "dog", "CAT"}


def test_pictures_are_found_by_name_and_missing_ones_are_told(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    content = exported(project, "labelme", pictures=False)
    make_image(target, seed=0, name="elsewhere/photo-0.png")
    preview = looked(api, target, owner, content)
    assert preview["pictures"] == {"new": 0, "known": 0, "matched": 1, "missing": 2, "total": 3}
    assert {problem["code"] for problem in preview["problems"]} == {"import.picture_missing"}
    job = Job.objects.get(kind=CHECK)
    result = imported(api, target, owner, content, "labelme")
    assert result["pictures"] == {"new": 0, "matched": 1, "missing": 2}
    assert result["masks"]["created"] == 2
    assert Image.objects.filter(project=target).count() == 1
    assert job.state == "running"


def test_problems_lie_in_a_file_row_by_row(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    archive = zipfile.ZipFile(io.BytesIO(exported(project, "yolo")))
    members = {name: archive.read(name) for name in archive.namelist()}
    members["labels/train/photo-0.txt"] += b"0 0.1 0.2 0.3\n"
    other = make_file(make_pixels(10, 10, seed=9))
    members["images/train/photo-1.png"] = other[:60]
    upload = uploaded(api, target, make_zip(members)).json()["id"]
    context = job_of(target, owner, IMPORT, upload=upload, format="yolo")
    result = bring_in(context)
    assert result["problem_count"] == 2
    assert result["masks"]["created"] == 2
    assert context.file
    lines = file_read(context.file.key).decode().splitlines()
    assert lines[0] == "file,row,code,message"
    assert lines[1].startswith("labels/train/photo-0.txt,line 3,import.polygon_invalid,")


def test_a_picture_of_another_size_takes_no_masks(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    content = exported(project, pictures=False)
    make_image(target, seed=5, name="photo-0.png", width=20, height=10)
    result = imported(api, target, owner, content)
    assert {problem["code"] for problem in result["problems"]} == {
        "import.size_differs",
        "import.picture_missing",
    }
    assert not Mask.objects.filter(image__project=target).exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no zip at all", "import.not_a_zip"),
        (b"PK\x03\x04 broken", "archive.corrupt"),
        (make_zip({"../a.json": b"{}"}), "archive.unsafe_path"),
    ],
)
def test_what_is_no_archive_is_refused_and_not_kept(
    api: APIClient, project: Project, content: bytes, code: str
) -> None:
    assert uploaded(api, project, content).json()["code"] == code
    assert not ImportUpload.objects.exists()


def test_an_archive_with_nothing_in_it_says_so(api: APIClient, project: Project, owner: User) -> None:
    upload = uploaded(api, project, make_zip({"readme.txt": b"hello"})).json()["id"]
    with pytest.raises(Exception, match="None of the formats"):
        look(job_of(project, owner, CHECK, upload=upload))


def test_only_managers_import_and_only_into_their_project(
    api: APIClient, stranger: APIClient, project: Project, target: Project, owner: User
) -> None:
    content = make_zip({"readme.txt": b"hello"})
    assert uploaded(stranger, project, content).status_code == 404
    upload = uploaded(api, project, content).json()["id"]

    def start(into: Project, **params: Any) -> Any:
        body = {
            "id": str(uuid.uuid4()),
            "kind": "import",
            "params": {"upload": upload, "format": "coco"} | params,
        }
        return api.post(f"/api/v1/projects/{into.pk}/jobs/", body)

    assert start(target).json()["code"] == "import.not_found"
    assert start(project, format="gif").json()["code"] == "input.invalid"
    other = target.labels.get().pk
    assert start(project, labels={"a": other}).json()["code"] == "import.label_unknown"
    assert start(project, labels={"a": "maybe"}).json()["code"] == "input.invalid"
    assert start(project).status_code == 201
    assert api.delete(f"/api/v1/projects/{project.pk}/").status_code == 204
    assert not ImportUpload.objects.exists()
