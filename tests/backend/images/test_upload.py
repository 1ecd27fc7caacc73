"""Uploads: what is accepted is stored whole, what is refused leaves nothing behind."""

import io
import zipfile
from pathlib import Path

import PIL.Image
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backend.images.models import Image
from tests.conftest import picture, picture_bytes

pytestmark = pytest.mark.django_db


def upload(api, project, *files, paths=None):
    named = [SimpleUploadedFile(name, content) for name, content in files]
    body = {"files": named} | ({"paths": paths} if paths else {})
    return api.post(f"/api/v1/projects/{project.pk}/images/", body, format="multipart")


def stored_files() -> set[Path]:
    location = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    return {path for path in location.glob("images/**/*") if path.is_file()}


def zip_bytes(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_every_kind_is_stored_with_thumbnail_and_a_file_browsers_show(api, project, kind):
    answer = upload(api, project, (f"a.{kind.lower()}", picture_bytes(kind)))
    assert answer.status_code == 201, answer.json()
    image = answer.json()["created"][0]
    assert (image["width"], image["height"]) == (64, 48)
    assert image["embedding"]["state"] == "queued"
    shown = api.get(image["file_url"])
    pixels = PIL.Image.open(io.BytesIO(b"".join(shown.streaming_content)))
    assert pixels.size == (64, 48)
    assert pixels.format in ("PNG", "JPEG", "WEBP")
    thumbnail = api.get(image["thumbnail_url"])
    assert PIL.Image.open(io.BytesIO(b"".join(thumbnail.streaming_content))).size[0] <= 320


def test_exif_orientation_is_applied_once(api, project):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # the camera was turned: width and height change places
    buffer = io.BytesIO()
    picture().save(buffer, "JPEG", exif=exif)
    image = upload(api, project, ("turned.jpg", buffer.getvalue())).json()["created"][0]
    assert (image["width"], image["height"]) == (48, 64)
    shown = PIL.Image.open(io.BytesIO(b"".join(api.get(image["file_url"]).streaming_content)))
    assert shown.size == (48, 64)
    assert shown.getexif().get(0x0112, 1) == 1


def test_one_bad_file_never_stops_the_others(api, project):
    good = picture_bytes()
    answer = upload(
        api,
        project,
        ("a.png", good),
        ("notes.png", b"these are words"),
        ("cut.jpg", picture_bytes("JPEG", seed=3)[:400]),
        ("again.png", good),
        ("b.jpg", picture_bytes("JPEG", seed=2)),
    )
    body = answer.json()
    assert answer.status_code == 201
    assert [image["file_name"] for image in body["created"]] == ["a.png", "b.jpg"]
    assert [(row["file_name"], row["image"]["file_name"]) for row in body["duplicates"]] == [
        ("again.png", "a.png")
    ]
    codes = {row["file_name"]: row["code"] for row in body["errors"]}
    assert codes == {"notes.png": "image.unsupported_type", "cut.jpg": "image.truncated"}


def test_a_batch_of_nothing_but_refusals_is_a_4xx_and_stores_nothing(api, project):
    before = stored_files()
    answer = upload(api, project, ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"))
    assert (answer.status_code, answer.json()["code"]) == (415, "image.unsupported_type")
    assert not Image.objects.exists()
    assert stored_files() == before


def test_too_many_pixels_are_refused_before_they_are_decoded(api, project, settings):
    settings.MAX_IMAGE_PIXELS = 1000
    answer = upload(api, project, ("big.png", picture_bytes()))
    assert (answer.status_code, answer.json()["code"]) == (413, "image.too_many_pixels")


def test_a_zip_is_opened_and_its_folders_kept_in_the_names(api, project):
    members = {
        "pets/a.png": picture_bytes(),
        "pets/b.png": picture_bytes(seed=1),
        "__MACOSX/pets/._a.png": b"junk",
        "pets/readme.txt": b"words",
    }
    body = upload(api, project, ("pets.zip", zip_bytes(**members))).json()
    assert sorted(image["file_name"] for image in body["created"]) == ["pets/a.png", "pets/b.png"]
    assert [row["code"] for row in body["errors"]] == ["image.unsupported_type"]


@pytest.mark.parametrize("name", ["../../evil.png", "/etc/evil.png", "a/../../evil.png"])
def test_a_zip_that_climbs_out_is_refused(api, project, name):
    body = upload(api, project, ("slip.zip", zip_bytes(**{name: picture_bytes()}))).json()
    errors = body["errors"] if "errors" in body else body["extra"]["errors"]
    assert [row["code"] for row in errors] == ["archive.unsafe_path"]
    assert not Image.objects.exists()


def test_a_zip_bomb_is_refused(api, project, settings):
    settings.MAX_ARCHIVE_BYTES = 100_000
    answer = upload(api, project, ("bomb.zip", zip_bytes(**{"zeros.bmp": b"\0" * 10_000_000})))
    assert answer.status_code in (400, 413)
    assert answer.json()["code"] == "archive.too_large"


def test_a_nested_zip_is_refused(api, project):
    inner = zip_bytes(**{"a.png": picture_bytes()})
    answer = upload(api, project, ("outer.zip", zip_bytes(**{"inner.zip": inner})))
    assert answer.json()["code"] == "archive.nested"


def test_folder_paths_become_names_without_climbing(api, project):
    body = upload(api, project, ("a.png", picture_bytes()), paths=["../holiday/./a.png"]).json()
    assert body["created"][0]["file_name"] == "holiday/a.png"


def test_deleting_an_image_removes_its_files(api, project, django_capture_on_commit_callbacks):
    before = stored_files()
    image = upload(api, project, ("a.png", picture_bytes())).json()["created"][0]
    assert stored_files() != before
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"/api/v1/images/{image['id']}/").status_code == 204
    assert stored_files() == before


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "TIFF", "BMP"]),
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=5),
)
def test_mutilated_pictures_are_stored_or_refused_but_never_crash(api, project, kind, cut, flips):
    content = bytearray(picture_bytes(kind))
    for position, value in flips:
        content[int(position * (len(content) - 1))] = value
    count = Image.objects.count()
    files = stored_files()
    answer = upload(api, project, ("x", bytes(content[: int(cut * len(content))])))
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        assert answer.json()["code"]
        assert Image.objects.count() == count
        assert stored_files() == files
