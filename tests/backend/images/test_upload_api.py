import errno
import io
import os
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from botocore.exceptions import ClientError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from pytest_django import Settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from backend.common.storage import AtomicFileSystemStorage
from backend.embeddings.models import Embedding
from backend.images import events
from backend.images.models import Image
from backend.projects.models import Project
from backend.projects.services import project_delete
from tests.builders import ORIENTATION, make_file, make_pixels, make_zip, stored_files


def send(api: APIClient, project: Project, *files: tuple[str, bytes], paths: list[str] | None = None) -> Any:
    body: dict[str, Any] = {"files": [SimpleUploadedFile(name, content) for name, content in files]}
    if paths is not None:
        body["paths"] = paths
    return api.post(f"/api/v1/projects/{project.pk}/images/", body, format="multipart")


def codes(answer: Response) -> dict[str, str]:
    return {error["file_name"]: error["code"] for error in answer.json()["errors"]}


def test_several_files_are_stored_with_thumbnails_and_queued(
    api: APIClient, project: Project, files: Path
) -> None:
    contents = [make_file(make_pixels(seed=seed), "JPEG") for seed in range(3)]
    answer = send(api, project, *[(f"{n}.jpg", content) for n, content in enumerate(contents)])
    assert answer.status_code == 201
    created = answer.json()["created"]
    assert [image["file_name"] for image in created] == ["0.jpg", "1.jpg", "2.jpg"]
    assert {image["embedding"]["state"] for image in created} == {"queued"}
    assert api.get(created[0]["file_url"]).getvalue() == contents[0]
    assert api.get(created[0]["thumbnail_url"])["Content-Type"] == "image/webp"
    assert len(stored_files(files)) == 6


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_every_kind_is_stored_with_thumbnail_and_a_file_browsers_show(
    api: APIClient, project: Project, kind: str
) -> None:
    image = send(api, project, (f"a.{kind.lower()}", make_file(kind=kind))).json()["created"][0]
    assert (image["width"], image["height"]) == (40, 30)
    shown = PIL.Image.open(io.BytesIO(api.get(image["file_url"]).getvalue()))
    assert (shown.size, shown.format in ("PNG", "JPEG", "WEBP")) == ((40, 30), True)
    assert PIL.Image.open(io.BytesIO(api.get(image["thumbnail_url"]).getvalue())).size == (40, 30)


def test_exif_orientation_is_applied_once(api: APIClient, project: Project) -> None:
    turned = make_file(kind="JPEG", orientation=6)  # the camera was turned: width and height change places
    image = send(api, project, ("turned.jpg", turned)).json()["created"][0]
    assert (image["width"], image["height"]) == (30, 40)
    shown = PIL.Image.open(io.BytesIO(api.get(image["file_url"]).getvalue()))
    assert (shown.size, shown.getexif().get(ORIENTATION, 1)) == ((30, 40), 1)


def test_the_rest_of_the_batch_goes_on_past_what_is_refused(api: APIClient, project: Project) -> None:
    answer = send(
        api,
        project,
        ("text.jpg", b"no picture"),
        ("cut.png", make_file(make_pixels(300, 300))[:5000]),
        ("good.png", make_file()),
        ("again.png", make_file()),
        ("last.jpg", make_file(make_pixels(seed=2), "JPEG")),
    )
    assert answer.status_code == 201
    assert [image["file_name"] for image in answer.json()["created"]] == ["good.png", "last.jpg"]
    assert [(row["file_name"], row["image"]["file_name"]) for row in answer.json()["duplicates"]] == [
        ("again.png", "good.png")
    ]
    assert codes(answer) == {"text.jpg": "image.unsupported_type", "cut.png": "image.truncated"}


def test_an_empty_file_or_path_does_not_refuse_the_others(api: APIClient, project: Project) -> None:
    answer = send(api, project, ("empty.jpg", b""), ("good.png", make_file()), paths=["empty.jpg", ""])
    assert answer.status_code == 201
    assert [image["file_name"] for image in answer.json()["created"]] == ["good.png"]
    assert codes(answer) == {"empty.jpg": "image.unsupported_type"}


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.jpg", b"", 415, "image.unsupported_type"),
        ("a.jpg", b"no picture", 415, "image.unsupported_type"),
        ("a.png", make_file(make_pixels(300, 300))[:5000], 400, "image.truncated"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "image.unsupported_type"),
        ("a.zip", make_zip({"../a.png": make_file()}), 400, "archive.unsafe_path"),
        ("a.zip", make_zip({"/etc/a.png": make_file()}), 400, "archive.unsafe_path"),
        ("a.zip", make_zip({"b/../../a.png": make_file()}), 400, "archive.unsafe_path"),
        ("a.zip", b"PK\x03\x04 and nothing more", 400, "archive.corrupt"),
    ],
)
def test_a_batch_of_which_nothing_is_kept_answers_with_the_first_error(
    api: APIClient, project: Project, files: Path, name: str, content: bytes, status: int, code: str
) -> None:
    answer = send(api, project, (name, content))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert codes(answer) == {name: code}
    assert stored_files(files) == []
    assert not Image.objects.exists()


def test_the_same_picture_is_kept_once_per_project(api: APIClient, project: Project) -> None:
    content = make_file()
    first = send(api, project, ("a.png", content)).json()["created"][0]
    again = send(api, project, ("b.png", content))
    assert again.status_code == 200
    assert again.json()["duplicates"][0]["image"]["id"] == first["id"]
    both = send(api, project, ("c.png", content), ("d.png", make_file(make_pixels(seed=9))))
    assert (len(both.json()["created"]), len(both.json()["duplicates"])) == (1, 1)
    assert Image.objects.count() == 2


def test_an_image_deleted_before_the_batch_ends_is_left_out_of_the_answer(
    api: APIClient, project: Project
) -> None:
    present = send(api, project, ("old.png", make_file())).json()["created"][0]["id"]

    def delete_earlier(image: Image, **_: object) -> None:
        if image.file_name == "last.png":
            Image.objects.exclude(file_name__in=["kept.png", "last.png"]).delete()

    events.image_created.connect(delete_earlier)
    try:
        names = ["again.png", "gone.png", "kept.png", "last.png"]
        answer = send(
            api, project, *[(name, make_file(make_pixels(seed=seed))) for seed, name in enumerate(names)]
        )
    finally:
        events.image_created.disconnect(delete_earlier)
    assert answer.status_code == 201
    assert [image["file_name"] for image in answer.json()["created"]] == ["kept.png", "last.png"]
    assert answer.json()["duplicates"] == []
    assert not Image.objects.filter(pk=present).exists()


def test_a_zip_and_a_folder_keep_their_paths(api: APIClient, project: Project) -> None:
    pictures = [make_file(make_pixels(seed=seed)) for seed in range(3)]
    clutter = {"__MACOSX/trip/._b.png": b"junk", "trip/readme.txt": b"words"}
    archive = make_zip({"trip/day 1/a.png": pictures[0], "trip/b.png": pictures[1]} | clutter)
    answer = send(
        api, project, ("x.zip", archive), ("c.png", pictures[2]), paths=["x.zip", "../..//holiday\\c.png"]
    )
    names = [image["file_name"] for image in answer.json()["created"]]
    assert names == ["trip/day 1/a.png", "trip/b.png", "holiday/c.png"]
    assert codes(answer) == {"trip/readme.txt": "image.unsupported_type"}


def test_an_archive_in_an_archive_is_refused(api: APIClient, project: Project) -> None:
    nested = make_zip({"inner.zip": make_zip({"a.png": make_file()})})
    assert codes(send(api, project, ("outer.zip", nested))) == {"inner.zip": "archive.nested"}


def test_a_zip_bomb_is_refused(api: APIClient, project: Project, settings: Settings) -> None:
    settings.MAX_ARCHIVE_BYTES = 100_000
    answer = send(api, project, ("bomb.zip", make_zip({"zeros.bmp": b"\0" * 10_000_000})))
    assert (answer.status_code, answer.json()["code"]) == (413, "archive.too_large")


def test_too_many_pixels_are_refused(api: APIClient, project: Project, settings: Settings) -> None:
    settings.MAX_IMAGE_PIXELS = 1000
    answer = send(api, project, ("big.png", make_file()))
    assert (answer.status_code, answer.json()["code"]) == (413, "image.too_many_pixels")


def test_a_file_over_the_size_limit_is_refused(api: APIClient, project: Project, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 100
    answer = send(api, project, ("a.png", make_file()))
    assert (answer.status_code, answer.json()["code"]) == (413, "image.too_large")


def test_a_request_over_the_size_limit_is_refused_unread(
    api: APIClient, project: Project, settings: Settings
) -> None:
    settings.MAX_REQUEST_BYTES = 500
    answer = send(api, project, ("a.png", make_file(make_pixels(100, 100))))
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


def test_more_files_than_allowed_are_a_4xx_with_a_code(
    api: APIClient, project: Project, settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    answer = send(api, project, *[(f"{n}.png", make_file(make_pixels(seed=n))) for n in range(3)])
    assert (answer.status_code, answer.json()["code"]) == (400, "request.refused")


def test_no_files_at_all_is_a_400(api: APIClient, project: Project) -> None:
    answer = api.post(f"/api/v1/projects/{project.pk}/images/", {}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")


def test_a_full_disk_is_507_and_leaves_nothing(
    api: APIClient, project: Project, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up after the original was written: what a real one does is the same errno from fsync."""
    written: list[int] = []

    def fsync(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    answer = send(api, project, ("a.png", make_file()))
    assert (answer.status_code, answer.json()["code"]) == (507, "storage.full")
    assert stored_files(files) == []
    assert not Image.objects.exists()


def test_a_storage_that_fails_once_costs_one_file(
    api: APIClient,
    project: Project,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A bucket's client raises errors of its own, which are no OSErrors."""
    save = AtomicFileSystemStorage._save
    saved: list[str] = []

    def flaky(self: AtomicFileSystemStorage, name: str, content: Any) -> str:
        saved.append(name)
        if len(saved) == 3:
            raise ClientError({"Error": {"Code": "503", "Message": "Slow down"}}, "PutObject")
        return save(self, name, content)

    monkeypatch.setattr(AtomicFileSystemStorage, "_save", flaky)
    answer = send(api, project, *[(f"{seed}.png", make_file(make_pixels(seed=seed))) for seed in range(3)])
    assert answer.status_code == 201
    assert [image["file_name"] for image in answer.json()["created"]] == ["0.png", "2.png"]
    assert codes(answer) == {"1.png": "storage.failed"}
    assert "Slow down" in caplog.text
    assert len(stored_files(files)) == 4


def test_a_project_deleted_in_the_middle_of_an_upload_is_said_of_the_rest(
    api: APIClient, project: Project, files: Path
) -> None:
    def delete_project(**_: object) -> None:
        events.image_created.disconnect(delete_project)
        project_delete(project=project)

    events.image_created.connect(delete_project)
    answer = send(api, project, *[(f"{seed}.png", make_file(make_pixels(seed=seed))) for seed in range(3)])
    assert answer.status_code == 201
    assert answer.json()["created"] == []
    assert codes(answer) == {"1.png": "project.not_found", "2.png": "project.not_found"}
    assert not Image.objects.exists()


def test_files_go_when_the_row_cannot_be_made(api: APIClient, project: Project, files: Path) -> None:
    def refuse(**_: object) -> None:
        raise IntegrityError("as if a constraint failed")

    events.image_created.connect(refuse)
    api.raise_request_exception = False
    try:
        answer = send(api, project, ("a.png", make_file()))
    finally:
        events.image_created.disconnect(refuse)
    assert answer.status_code == 500
    assert stored_files(files) == []
    assert not Image.objects.exists()


def test_two_projects_share_one_embedding_of_the_same_picture(api: APIClient, project: Project) -> None:
    other = Project.objects.get(pk=api.post("/api/v1/projects/", {"name": "other"}).json()["id"])
    for chosen in (project, other):
        assert send(api, chosen, ("a.png", make_file())).status_code == 201
    assert Embedding.objects.count() == 1
    assert Image.objects.count() == 2
