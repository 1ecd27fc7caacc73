"""Windows of an image with embeddings of their own."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backend.embeddings.models import Embedding
from backend.embeddings.services import (
    crop_request,
    embedding_claim_batch,
    embedding_fail,
    embedding_store,
    embedding_sweep,
)
from backend.embeddings.windows import Window
from backend.images.models import Image
from backend.images.services import image_delete
from tests.builders import stored_files

WINDOW = [4, 2, 28, 26]
BYTES = np.arange(64 * 16 * 16, dtype="<f2").tobytes()


def ask(api: APIClient, image: Image, window: list[int]) -> tuple[int, dict[str, object]]:
    answer = api.post(f"/api/v1/images/{image.pk}/crops/", {"window": window})
    body: dict[str, object] = answer.json()
    return answer.status_code, body


def work() -> Embedding:
    """Stores the row that a worker would take next."""
    claim, (row,) = embedding_claim_batch(limit=1, lease_seconds=60)
    assert embedding_store(embedding=row, claim=claim, content=BYTES, seconds=0.1)
    return row


def test_a_window_is_computed_before_images_that_wait_and_once_for_all(api: APIClient, image: Image) -> None:
    status, asked = ask(api, image, WINDOW)
    assert (status, asked["window"]) == (201, WINDOW)
    assert work().window == "4-2-28-26"
    status, again = ask(api, image, WINDOW)
    assert (status, again["embedding"]["state"]) == (200, "ready")  # type: ignore[index]
    answer = api.get(str(again["embedding_url"]))
    assert answer.getvalue() == BYTES
    assert "immutable" in answer["Cache-Control"]
    told = api.get(f"/api/v1/images/{image.pk}/crops/4-2-28-26/").json()
    assert told == again
    # The whole image is another embedding, which still waits.
    image.refresh_from_db()
    assert image.embedding is not None
    assert (image.embedding.window, image.embedding.state) == ("", "queued")


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ([4, 2, 41, 26], "window.outside"),
        ([8, 2, 8, 26], "window.outside"),
        ([4, 2, 14, 26], "window.too_small"),
        ([0, 0, 40, 30], "window.whole_image"),
        ([4, 2, 28], "input.invalid"),
        ([-4, 2, 28, 20], "input.invalid"),
    ],
)
def test_a_window_that_is_none_is_refused(api: APIClient, image: Image, window: list[int], code: str) -> None:
    status, body = ask(api, image, window)
    assert (status, body["code"]) == (400, code)
    assert Embedding.objects.count() == 1


def test_before_it_is_ready_the_reason_is_told(api: APIClient, image: Image) -> None:
    url = f"/api/v1/images/{image.pk}/crops/4-2-28-26/"
    assert api.get(url).json()["code"] == "crop.not_found"
    assert api.get(f"{url}embedding/").json()["code"] == "crop.not_found"
    ask(api, image, WINDOW)
    assert api.get(f"{url}embedding/").json()["code"] == "embedding.not_ready"
    claim, (row,) = embedding_claim_batch(limit=1, lease_seconds=60)
    embedding_fail(embedding=row, claim=claim, code="x.y", message="no luck", is_permanent=True)
    assert "no luck" in api.get(f"{url}embedding/").json()["message"]
    # Asking again is trying again.
    assert ask(api, image, WINDOW)[1]["embedding"]["state"] == "queued"  # type: ignore[index]


def test_windows_belong_to_members(api: APIClient, stranger: APIClient, image: Image) -> None:
    ask(api, image, WINDOW)
    work()
    assert ask(stranger, image, WINDOW)[0] == 404
    for tail in ("", "embedding/"):
        assert stranger.get(f"/api/v1/images/{image.pk}/crops/4-2-28-26/{tail}").status_code == 404


def test_the_server_decodes_in_a_window(api: APIClient, image: Image) -> None:
    ask(api, image, WINDOW)
    work()
    prompts = {"point_coords": [[100.0, 60.0], [0.0, 0.0]], "point_labels": [1, -1]}
    url = f"/api/v1/images/{image.pk}/decode/"
    assert api.post(url, prompts).json()["code"] == "embedding.not_ready"
    answer = api.post(url, prompts | {"window": WINDOW})
    assert len(answer.json()["iou_predictions"]) == 4


@pytest.mark.django_db(transaction=True)
def test_a_window_goes_with_its_image_and_when_nobody_asks_for_it(image: Image, files: Path) -> None:
    def kept() -> list[str]:
        return [path.name for path in stored_files(files) if path.suffix == ".f16"]

    for x in (4, 5):
        crop_request(image=image, window=Window(x, 2, 28, 26))
        work()
    assert len(kept()) == 2
    old = Embedding.objects.filter(window="5-2-28-26")
    old.update(queued_at=timezone.now() - timedelta(days=8))
    embedding_sweep()
    assert [name.split(".")[2] for name in kept()] == ["4-2-28-26"]
    image_delete(image=image)
    assert kept() == []
    assert Embedding.objects.count() == 0
