import base64
import io
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import PIL.Image
import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from backend.embeddings.models import Embedding
from backend.images.models import Image
from backend.images.services import image_create, image_delete
from backend.projects.models import Project
from tests.builders import make_image, make_mask_body, stored_files


def test_the_list_is_paged_and_filtered(api: APIClient, project: Project) -> None:
    images = [make_image(project, seed=seed) for seed in range(5)]
    Embedding.objects.filter(pk=images[1].embedding_id).update(state="ready")
    for _ in range(2):
        api.post(f"/api/v1/images/{images[2].pk}/masks/", make_mask_body(images[2], project.labels.get().pk))
    url = f"/api/v1/projects/{project.pk}/images/"

    def ids(query: str) -> list[int]:
        return [row["id"] for row in api.get(f"{url}?{query}").json()["results"]]

    assert ids("state=ready") == [images[1].pk]
    assert ids("annotated=true") == [images[2].pk]
    assert ids("annotated=false") == [image.pk for image in images if image != images[2]]
    assert api.get(f"{url}?annotated=true").json()["results"][0]["mask_count"] == 2
    assert api.get(f"{url}?state=nonsense").status_code == 400

    first = api.get(f"{url}?page_size=3").json()
    second = api.get(first["next"]).json()
    assert [row["id"] for row in first["results"] + second["results"]] == [image.pk for image in images]
    assert second["next"] is None


@pytest.mark.parametrize("position", ["abc", "", "-1", "9" * 4301, "1.5", "\u0663"])
def test_a_cursor_that_names_no_row_is_a_404(api: APIClient, project: Project, position: str) -> None:
    cursor = base64.b64encode(urlencode({"p": position}).encode()).decode()
    for url in ("/api/v1/projects/", f"/api/v1/projects/{project.pk}/images/"):
        answer = api.get(url, {"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_image_knows_its_neighbours(api: APIClient, project: Project) -> None:
    images = [make_image(project, seed=seed) for seed in range(3)]
    body = api.get(f"/api/v1/images/{images[1].pk}/").json()
    assert (body["previous_id"], body["next_id"]) == (images[0].pk, images[2].pk)
    assert (body["position"], body["total"]) == (2, 3)
    last = api.get(f"/api/v1/images/{images[2].pk}/").json()
    assert (last["next_id"], last["position"]) == (None, 3)


def test_files_are_immutable_under_the_url_the_api_gives_and_revalidated_under_others(
    api: APIClient, project: Project
) -> None:
    image = make_image(project)
    body = api.get(f"/api/v1/images/{image.pk}/").json()
    for url in (body["file_url"], body["thumbnail_url"]):
        answer = api.get(url)
        assert "immutable" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]
        assert api.get(url, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
        assert "no-cache" in api.get(url.split("?")[0])["Cache-Control"]


def test_a_large_picture_has_an_upright_preview_and_a_small_one_shows_itself(
    api: APIClient, project: Project, settings: Settings
) -> None:
    small = make_image(project)
    body = api.get(f"/api/v1/images/{small.pk}/").json()
    assert body["preview_url"] == body["file_url"]
    answer = api.get(f"/api/v1/images/{small.pk}/preview/")
    assert (answer.status_code, answer.json()["code"]) == (404, "image.no_preview")

    settings.PREVIEW_ABOVE_PIXELS, settings.PREVIEW_SIZE = 1000, 40
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[:, :40] = (200, 30, 30)
    file = io.BytesIO()
    lying = PIL.Image.fromarray(pixels)
    exif = lying.getexif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise: what was left is above then
    lying.save(file, "JPEG", exif=exif)
    large, _ = image_create(project=project, user=None, file=file, file_name="large.jpg")
    body = api.get(f"/api/v1/images/{large.pk}/").json()
    answer = api.get(body["preview_url"])
    assert "immutable" in answer["Cache-Control"]
    content = b"".join(answer.streaming_content)
    assert int(answer["Content-Length"]) == len(content)
    preview = PIL.Image.open(io.BytesIO(content)).convert("RGB")
    assert preview.size == (30, 40)
    above, below = preview.getpixel((15, 8)), preview.getpixel((15, 32))
    assert isinstance(above, tuple)
    assert isinstance(below, tuple)
    assert above[0] > 150
    assert below[0] < 50
    image_delete(image=large)


@pytest.mark.parametrize(
    ("header", "status", "span"),
    [
        ("bytes=0-9", 206, (0, 10)),
        ("bytes=10-", 206, (10, None)),
        ("bytes=-7", 206, (-7, None)),
        ("bytes=5-5", 206, (5, 6)),
        ("bytes=0-999999999", 206, (0, None)),
        ("bytes=999999999-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=0-1,5-6", 200, (0, None)),
        ("bytes=9-3", 200, (0, None)),
        (f"bytes={'9' * 4301}-", 200, (0, None)),
        (f"bytes=-{'9' * 4301}", 200, (0, None)),
        ("lines=1-2", 200, (0, None)),
    ],
)
def test_byte_ranges(
    api: APIClient,
    project: Project,
    files: Path,
    header: str,
    status: int,
    span: tuple[int, int | None] | None,
) -> None:
    image = make_image(project)
    whole = (files / image.original_key).read_bytes()
    answer = api.get(f"/api/v1/images/{image.pk}/file/", HTTP_RANGE=header)
    assert answer.status_code == status
    if span is None:
        assert answer["Content-Range"] == f"bytes */{len(whole)}"
        return
    assert answer.getvalue() == whole[span[0] : span[1]]
    assert int(answer["Content-Length"]) == len(whole[span[0] : span[1]])


def test_who_accepts_nothing_but_pictures_gets_the_picture_and_refusals_as_json(
    api: APIClient, project: Project
) -> None:
    image = make_image(project)
    answer = api.get(f"/api/v1/images/{image.pk}/thumbnail/", headers={"Accept": "image/webp"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    missing = api.get("/api/v1/images/0/thumbnail/", headers={"Accept": "image/webp"})
    assert (missing.status_code, missing.json()["code"]) == (404, "image.not_found")


def test_a_range_of_an_older_version_gets_the_whole_file(api: APIClient, project: Project) -> None:
    image = make_image(project)
    url = f"/api/v1/images/{image.pk}/file/"
    assert api.get(url, HTTP_RANGE="bytes=0-3", HTTP_IF_RANGE='"other"').status_code == 200
    tag = api.get(url)["ETag"]
    assert api.get(url, HTTP_RANGE="bytes=0-3", HTTP_IF_RANGE=tag).status_code == 206


def test_deleting_an_image_removes_its_files_and_its_embedding(
    api: APIClient,
    project: Project,
    files: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    image = make_image(project)
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"/api/v1/images/{image.pk}/").status_code == 204
    assert stored_files(files) == []
    assert not Image.objects.exists()
    assert not Embedding.objects.exists()


def test_an_embedding_another_project_uses_survives(api: APIClient, project: Project) -> None:
    other = Project.objects.get(pk=api.post("/api/v1/projects/", {"name": "other"}).json()["id"])
    image, twin = make_image(project), make_image(other)
    assert image.embedding_id == twin.embedding_id
    api.delete(f"/api/v1/images/{image.pk}/")
    assert Embedding.objects.get().pk == twin.embedding_id


def test_a_missing_file_is_a_404_with_a_code(api: APIClient, project: Project, files: Path) -> None:
    image = make_image(project)
    (files / image.original_key).unlink()
    answer = api.get(f"/api/v1/images/{image.pk}/file/")
    assert (answer.status_code, answer.json()["code"]) == (404, "file.missing")
