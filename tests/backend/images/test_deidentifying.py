"""Images of projects that want faces and plates blurred: nothing anybody is given shows them, by any way in or out."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest
import skimage.data
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from backend.common.errors import Conflict
from backend.common.storage import file_read
from backend.embeddings.models import Embedding
from backend.embeddings.selectors import embedding_display_key
from backend.images import services
from backend.images.models import BlurredRegion, Image
from backend.images.selectors import image_regions
from backend.images.services import image_create, image_delete, replicas_create
from backend.privacy.cascades import CascadeDetector
from backend.privacy.detecting import Kind
from backend.privacy.services import privacy_set
from backend.projects.members import membership_set
from backend.projects.models import AuditEntry, Membership, Project
from backend.users.models import User
from tests.backend.privacy.detectors import BROKEN, CORNER, STUBBORN
from tests.builders import make_file, make_pixels, make_zip, stored_files

Role = Membership.Role
GPS, MAKER = 0x8825, 0x010F


@pytest.fixture
def corner(settings: Settings) -> None:
    """A quick detector: the upper left quarter of every picture is a face."""
    settings.PRIVACY_DETECTOR = CORNER


def blurring(project: Project, **changes: Any) -> Project:
    privacy_set(project=project, actor=None, changes={"faces": True, "plates": True, **changes})
    return project


def send(api: APIClient, project: Project, *files: tuple[str, bytes]) -> Any:
    body = {"files": [SimpleUploadedFile(name, content) for name, content in files]}
    return api.post(f"/api/v1/projects/{project.pk}/images/", body, format="multipart")


def store(project: Project, content: bytes, name: str = "a.png") -> Image:
    image, is_new = image_create(project=project, user=None, file=io.BytesIO(content), file_name=name)
    assert is_new
    return image


def pixels_of(content: bytes) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(content)).convert("RGB"))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def faces_and_plates(content: bytes) -> list[Any]:
    return CascadeDetector().detect(pixels_of(content), list(Kind), is_strict=True)


def has_head(pixels: np.ndarray) -> bool:
    """Whether OpenCV's default frontal cascade finds Eileen Collins' face, by every window that says yes."""
    cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_default.xml")
    found = cascade.detectMultiScale(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), 1.05, 0, minSize=(60, 60))
    middles = [(x + size / 2, y + size / 2) for x, y, size, _ in found]
    return any(abs(x - 225) < 25 and abs(y - 115) < 25 for x, y in middles)


def portrait() -> bytes:
    """A camera's file with a face in it, on its side as cameras store it, with place, maker and a small copy beside."""
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    exif[MAKER] = "Camera works"
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 12.0)}
    buffer = io.BytesIO()
    turned = PIL.Image.fromarray(skimage.data.astronaut()).transpose(PIL.Image.Transpose.ROTATE_90)
    turned.save(buffer, "JPEG", quality=92, exif=exif, comment=b"Eileen", icc_profile=b"a profile")
    return buffer.getvalue()


def test_no_face_can_be_found_in_anything_that_is_stored_shown_or_embedded(
    api: APIClient, project: Project, settings: Settings
) -> None:
    settings.PREVIEW_ABOVE_PIXELS, settings.PREVIEW_SIZE = 200_000, 400
    came = portrait()
    upright = PIL.ImageOps.exif_transpose(PIL.Image.open(io.BytesIO(came)))
    assert CascadeDetector().detect(np.asarray(upright), [Kind.FACE], is_strict=False)

    answer = send(api, blurring(project, originals="destroy"), ("a.jpg", came)).json()["created"][0]
    image = Image.objects.get()
    assert image.preview_key
    shown = {name: api.get(answer[f"{name}_url"]).getvalue() for name in ("file", "thumbnail", "preview")}
    shown["original"] = file_read(image.original_key)
    assert image.embedding is not None
    shown["embedded"] = file_read(embedding_display_key(embedding=image.embedding) or "")
    assert image.embedding.image_sha256 == sha256(shown["embedded"])
    for name, content in shown.items():
        assert not faces_and_plates(content), name

    # What finds a face in the photograph at the most lenient settings of all finds none where it was.
    assert has_head(np.asarray(upright))
    assert not has_head(pixels_of(shown["file"]))
    # Nothing is left of it there; elsewhere the photograph is as it was.
    now, before = pixels_of(shown["file"]).astype(int), np.asarray(upright).astype(int)
    assert now.shape == before.shape
    assert now[90:150, 195:255].std(axis=(0, 1)).max() < 0.5 * before[90:150, 195:255].std(axis=(0, 1)).min()
    untouched = np.ones(now.shape[:2], bool)
    for region in image_regions(image=image):
        untouched[region.y0 : region.y1, region.x0 : region.x1] = False
    assert untouched.mean() > 0.5
    assert np.abs(now - before)[untouched].mean() < 2


def test_what_a_camera_wrote_beside_the_picture_is_gone_but_its_colours(
    project: Project, files: Path, corner: None
) -> None:
    image = store(blurring(project, originals="destroy"), portrait())
    for path in stored_files(files):
        picture = PIL.Image.open(path)
        assert not picture.getexif()
        assert "comment" not in picture.info
    stored = PIL.Image.open(io.BytesIO(file_read(image.original_key)))
    assert (stored.size, stored.format) == ((512, 512), "JPEG")
    assert stored.info["icc_profile"] == b"a profile"


def test_an_original_is_kept_apart_for_owners_and_managers_and_every_fetch_is_told(
    api: APIClient,
    project: Project,
    files: Path,
    corner: None,
    make_user: Callable[[str], User],
    client_of: Callable[[User], APIClient],
) -> None:
    came = portrait()
    image = store(blurring(project), came, "faces/a.jpg")
    url = f"/api/v1/images/{image.pk}/original/"
    assert api.get(f"/api/v1/images/{image.pk}/").json()["has_source"] is True
    for role in (Role.REVIEWER, Role.ANNOTATOR, Role.VIEWER):
        user = make_user(f"some-{role}")
        membership_set(project=project, user=user, role=role)
        refused = client_of(user).get(url)
        assert (refused.status_code, refused.json()["code"]) == (403, "project.role_forbids")
    assert not AuditEntry.objects.filter(action="image.original_fetched").exists()

    answer = api.get(url)
    assert (answer.getvalue(), answer["Content-Type"]) == (came, "image/jpeg")
    assert answer["Cache-Control"] == "private, no-store"
    assert api.get(url, HTTP_RANGE="bytes=5-").getvalue() == came[5:]
    assert api.get(url, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    told = list(AuditEntry.objects.filter(action="image.original_fetched"))
    assert [(entry.actor_id, entry.subject) for entry in told] == [
        (api.get("/api/v1/auth/me/").json()["id"], "faces/a.jpg")
    ] * 2
    # Nothing else is the file that came, and it is in no folder of images.
    assert [
        path.relative_to(files).parts[0] for path in stored_files(files) if path.read_bytes() == came
    ] == ["sources"]


def test_a_destroyed_original_is_nowhere(api: APIClient, project: Project, files: Path, corner: None) -> None:
    came = portrait()
    image = store(blurring(project, originals="destroy"), came)
    assert sha256(came) not in {sha256(path.read_bytes()) for path in stored_files(files)}
    answer = api.get(f"/api/v1/images/{image.pk}/original/")
    assert (answer.status_code, answer.json()["code"]) == (404, "image.no_original")


def test_a_zip_s_pictures_are_blurred_and_nothing_of_it_stays(
    api: APIClient, project: Project, files: Path, corner: None
) -> None:
    members = {f"{seed}.png": make_file(make_pixels(seed=seed)) for seed in range(2)}
    answer = send(api, blurring(project, originals="destroy"), ("all.zip", make_zip(members)))
    assert [image["blurred_count"] for image in answer.json()["created"]] == [1, 1]
    kept = [path.read_bytes() for path in stored_files(files)]
    assert not {sha256(content) for content in kept} & {sha256(content) for content in members.values()}


def test_without_the_setting_every_byte_stays(api: APIClient, project: Project, settings: Settings) -> None:
    settings.PRIVACY_DETECTOR = BROKEN
    came = portrait()
    answer = send(api, project, ("a.jpg", came)).json()["created"][0]
    assert (answer["sha256"], answer["source_sha256"]) == (sha256(came), "")
    assert (answer["blurred_count"], answer["has_source"]) == (0, False)
    assert file_read(Image.objects.get().original_key) == came
    detail = api.get(f"/api/v1/images/{answer['id']}/").json()
    assert detail["blurring"] is None
    assert api.get(f"/api/v1/images/{answer['id']}/original/").status_code == 404


@pytest.mark.parametrize(
    ("detector", "status", "code"),
    [
        (BROKEN, 503, "privacy.detector_failed"),
        ("nowhere.Detector", 503, "privacy.detector_failed"),
        (STUBBORN, 400, "privacy.still_detectable"),
    ],
)
def test_what_cannot_be_blurred_is_refused_and_leaves_nothing(
    api: APIClient, project: Project, files: Path, settings: Settings, detector: str, status: int, code: str
) -> None:
    blurring(project)
    settings.PRIVACY_DETECTOR = detector
    answer = send(api, project, ("a.png", make_file()))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert stored_files(files) == []
    assert not Image.objects.exists()


def test_one_refused_picture_does_not_stop_the_others(api: APIClient, project: Project, corner: None) -> None:
    answer = send(api, blurring(project), ("a.txt", b"no picture"), ("b.png", make_file()))
    assert [error["code"] for error in answer.json()["errors"]] == ["image.unsupported_type"]
    assert len(answer.json()["created"]) == 1


def test_the_same_photograph_is_known_as_it_came_and_as_it_is_shown(
    api: APIClient, project: Project, corner: None
) -> None:
    came = make_file()
    first = send(api, blurring(project), ("a.png", came)).json()["created"][0]
    shown = api.get(first["file_url"]).getvalue()
    assert (first["source_sha256"], first["sha256"]) == (sha256(came), sha256(shown))
    for content in (came, shown):
        again = send(api, project, ("b.png", content))
        assert again.status_code == 200
        assert again.json()["duplicates"][0]["image"]["id"] == first["id"]
    # The same pixels in another file become the same blurred picture.
    other = make_file(compress_level=1)
    assert other != came
    assert send(api, project, ("c.png", other)).json()["duplicates"][0]["image"]["id"] == first["id"]


def test_an_embedding_is_never_shared_with_a_project_that_shows_the_face(
    project: Project, make_project: Callable[..., Project], owner: User, corner: None
) -> None:
    came = make_file()
    open_image = store(make_project(owner, "Open"), came)
    blurred = store(blurring(project), came)
    assert open_image.embedding_id != blurred.embedding_id
    keys = {one.image_sha256: embedding_display_key(embedding=one) for one in Embedding.objects.all()}
    assert keys == {open_image.sha256: open_image.display_key, blurred.sha256: blurred.display_key}


def test_what_was_blurred_is_recorded_and_told_to_everybody(
    api: APIClient, project: Project, corner: None
) -> None:
    image = store(blurring(project), make_file())
    region = BlurredRegion.objects.get()
    assert (region.kind, region.x0, region.y0, region.x1, region.y1) == ("face", 0, 0, 25, 19)
    detail = api.get(f"/api/v1/images/{image.pk}/").json()
    assert detail["blurring"] == {
        "kinds": ["face", "plate"],
        "detector": "corner 1",
        "regions": [{"kind": "face", "box": [0, 0, 25, 19], "score": region.score}],
    }
    assert detail["blurred_count"] == 1


def test_replicas_show_the_blurred_picture_and_its_regions(
    project: Project, corner: None, make_user: Callable[[str], User], client_of: Callable[[User], APIClient]
) -> None:
    image = store(blurring(project), make_file())
    blind = make_user("blind")
    membership_set(project=project, user=blind, role=Role.ANNOTATOR)
    [replica] = replicas_create(pairs=[(image, blind)])
    client = client_of(blind)
    seen = client.get(f"/api/v1/images/{replica.pk}/").json()
    assert client.get(seen["file_url"]).getvalue() == file_read(image.display_key)
    assert len(seen["blurring"]["regions"]) == 1
    assert client.get(f"/api/v1/images/{replica.pk}/original/").status_code == 403


def test_an_original_goes_with_its_image_and_with_its_project(
    api: APIClient,
    project: Project,
    files: Path,
    corner: None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    blurring(project)
    first, second = (store(project, make_file(make_pixels(seed=seed))) for seed in range(2))
    call_command("files_remove_orphans", older_than=-1.0)
    assert {first.source_key, second.source_key} < {
        str(path.relative_to(files)) for path in stored_files(files)
    }
    with django_capture_on_commit_callbacks(execute=True):
        image_delete(image=first)
    assert not (files / first.source_key).exists()
    with django_capture_on_commit_callbacks(execute=True):
        api.delete(f"/api/v1/projects/{project.pk}/")
    assert stored_files(files) == []


def test_a_picture_made_under_another_setting_than_the_present_one_is_refused(
    project: Project, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody switches blurring on while a photograph is being stored as it came."""
    real = services.picture_read

    def slow(file: Any) -> Any:
        blurring(project)
        return real(file)

    monkeypatch.setattr(services, "picture_read", slow)
    with pytest.raises(Conflict) as refused:
        store(project, make_file())
    assert refused.value.code == "privacy.changed"
    assert stored_files(files) == []


def test_exports_with_pictures_carry_the_blurred_ones(
    project: Project, files: Path, corner: None, tmp_path: Path
) -> None:
    image = store(blurring(project), make_file(kind="JPEG", quality=90), "a.jpg")
    call_command(
        "export_dataset", str(project.pk), "--format", "coco", "--pictures", "--out", str(tmp_path / "a.zip")
    )
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        [picture] = [name for name in archive.namelist() if name.endswith(".jpg")]
        assert archive.read(picture) == file_read(image.display_key)
        told = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))
    assert image.sha256 in told
    assert image.source_sha256 not in told
