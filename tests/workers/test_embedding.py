"""The tasks as functions, with the real tiny model."""

import io
import threading
from datetime import timedelta

import numpy as np
import PIL.Image
import pytest
from django.db import connection
from django.utils import timezone

from backend.common.storage import file_read, file_write
from backend.embeddings.models import Embedding
from backend.embeddings.services import embedding_claim_batch, embedding_store, embedding_sweep
from backend.images.services import image_create
from tests.conftest import picture_bytes
from workers.tasks.embeddings import embed_queued

pytestmark = pytest.mark.django_db


def test_a_queued_picture_becomes_a_float16_file_equal_to_the_models_answer(image, api_get, tiny_artifacts):
    from models.sam.artifact import load_artifact
    from models.sam.predictor import SamPredictor

    assert embed_queued() == 1
    embedding = Embedding.objects.get()
    assert embedding.state == "ready", embedding.error_message
    shape = embedding.model_version.manifest["embedding_shape"]
    stored = np.frombuffer(file_read(embedding.file_key), "<f2").reshape(shape)
    folder = next(tiny_artifacts.glob("tiny/*/manifest.json")).parent
    pixels = np.asarray(PIL.Image.open(io.BytesIO(picture_bytes())).convert("RGB"))
    expected = SamPredictor(load_artifact(folder)).encode([pixels])[0].embedding.numpy()
    assert np.abs(stored.astype(np.float32) - expected).max() < 5e-3
    served = api_get(f"/api/v1/images/{image.pk}/embedding/")
    assert b"".join(served.streaming_content) == stored.tobytes()
    assert served["ETag"]
    unchanged = api_get(f"/api/v1/images/{image.pk}/embedding/", HTTP_IF_NONE_MATCH=served["ETag"])
    assert unchanged.status_code == 304
    part = api_get(f"/api/v1/images/{image.pk}/embedding/", HTTP_RANGE="bytes=4-11")
    assert part.status_code == 206
    assert b"".join(part.streaming_content) == stored.tobytes()[4:12]


@pytest.fixture
def api_get(owner):
    from rest_framework.test import APIClient

    client = APIClient()
    client.force_authenticate(owner)
    return client.get


def test_before_it_is_ready_the_answer_says_so(image, api_get):
    answer = api_get(f"/api/v1/images/{image.pk}/embedding/")
    assert (answer.status_code, answer.json()["code"]) == (409, "embedding.not_ready")


def test_one_unreadable_picture_fails_alone_and_can_be_retried(project, owner, api_get):
    images = [
        image_create(
            project=project, user=owner, file=io.BytesIO(picture_bytes(seed=n)), file_name=f"{n}.png"
        )[0]
        for n in range(3)
    ]
    good = file_read(images[1].display_key)
    file_write(images[1].display_key, b"the disk ate it")
    while embed_queued():
        pass
    states = [Embedding.objects.get(image_sha256=image.sha256).state for image in images]
    assert states == ["ready", "failed", "ready"]
    refused = api_get(f"/api/v1/images/{images[1].pk}/embedding/")
    assert (refused.status_code, refused.json()["code"]) == (409, "embedding.failed")
    assert refused.json()["extra"]["error_code"] == "embedding.image_unreadable"
    file_write(images[1].display_key, good)
    from rest_framework.test import APIClient

    client = APIClient()
    client.force_authenticate(owner)
    assert client.post(f"/api/v1/images/{images[1].pk}/embedding/retry/").json()["state"] == "queued"
    assert embed_queued() == 1
    assert Embedding.objects.get(image_sha256=images[1].sha256).state == "ready"


def test_an_expired_lease_is_queued_again_and_the_late_worker_is_ignored(image):
    claim, rows = embedding_claim_batch(limit=1, lease_seconds=60)
    assert embedding_claim_batch(limit=1, lease_seconds=60)[1] == []
    Embedding.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert embedding_sweep()["requeued"] == 1
    second, again = embedding_claim_batch(limit=1, lease_seconds=60)
    assert [row.pk for row in again] == [row.pk for row in rows]
    assert not embedding_store(embedding=rows[0], claim=claim, content=b"late", seconds=1)
    assert Embedding.objects.get().claimed_by == second


def test_a_picture_that_kills_every_worker_ends_as_failed(image):
    for _ in range(3):
        embedding_claim_batch(limit=1, lease_seconds=60)
        Embedding.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        embedding_sweep()
    embedding = Embedding.objects.get()
    assert (embedding.state, embedding.error_code) == ("failed", "embedding.worker_lost")


def test_the_server_decodes_for_browsers_that_cannot(image, owner):
    import base64

    from rest_framework.test import APIClient

    embed_queued()
    client = APIClient()
    client.force_authenticate(owner)
    body = {"point_coords": [[30, 20], [0, 0]], "point_labels": [1, -1], "mask_input": None}
    answer = client.post(f"/api/v1/images/{image.pk}/decode/", body)
    assert answer.status_code == 200, answer.json()
    rows, columns = answer.json()["low_res_size"]
    logits = np.frombuffer(base64.b64decode(answer.json()["low_res_masks"]), "<f4")
    assert logits.size == 4 * rows * columns
    assert np.isfinite(logits).all()
    again = client.post(
        f"/api/v1/images/{image.pk}/decode/",
        body | {"mask_input": base64.b64encode(logits[: rows * columns].tobytes()).decode()},
    )
    assert again.json()["low_res_masks"] != answer.json()["low_res_masks"]
    wrong = client.post(f"/api/v1/images/{image.pk}/decode/", body | {"mask_input": "AAAA"})
    assert wrong.json()["code"] == "decode.mask_input"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_never_take_the_same_row(project, owner):
    for n in range(24):
        image_create(
            project=project, user=owner, file=io.BytesIO(picture_bytes(seed=n)), file_name=f"{n}.png"
        )
    taken: list[int] = []
    barrier = threading.Barrier(4)

    def claim_all() -> None:
        barrier.wait()
        try:
            while rows := embedding_claim_batch(limit=3, lease_seconds=60)[1]:
                taken.extend(row.pk for row in rows)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 24
