"""The same flow on real servers: PostgreSQL with Redis, PostgreSQL with RabbitMQ, files in an S3-compatible store."""

import uuid
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from pycocotools import mask as coco_mask
from pytest_django import Settings

from backend.common.storage import file_read, file_write, files_delete
from backend.config.storages import storage_entry
from backend.embeddings.orphans import orphans
from tests.builders import encode_mask, make_file, make_pixels, rectangle
from tests.workers.processes import System, running_system
from tests.workers.servers import BROKERS, needs

pytestmark = pytest.mark.services


def label_one_image(system: System) -> None:
    """Upload, wait for the worker, save a mask, export it."""
    picture = make_file(make_pixels(64, 48, seed=7))
    [image] = system.upload(**{"one.png": picture})
    system.wait_all_ready()
    project = system.project()["id"]
    embedding = system.session.get(system.url(f"images/{image['id']}/embedding/"), timeout=10)
    assert embedding.status_code == 200
    shape = system.project()["model"]["manifest"]["embedding_shape"]
    values = np.frombuffer(embedding.content, "<f2").reshape(shape)
    assert np.isfinite(values).all()
    assert values.std() > 0
    part = {"Range": "bytes=10-19"}
    ranged = system.session.get(system.url(f"images/{image['id']}/embedding/"), headers=part, timeout=10)
    assert (ranged.status_code, ranged.content) == (206, embedding.content[10:20])
    original = system.session.get(system.url(f"images/{image['id']}/file/"), timeout=10)
    assert original.content == picture
    label = system.session.get(system.url(f"projects/{project}/labels/"), timeout=10).json()[0]["id"]
    mask = rectangle(48, 64, 5, 7, 20, 30)
    body = {
        "id": str(uuid.uuid4()),
        "label": label,
        "segmentation": encode_mask(mask),
        "prompts": {"points": [[9, 9, 1]], "box": None, "candidate": 1},
        "stage": "assisted_manual",
        "seconds_spent": 2.0,
    }
    saved = system.session.post(system.url(f"images/{image['id']}/masks/"), json=body, timeout=10)
    assert saved.status_code == 201, saved.text
    exported = system.session.get(system.url(f"projects/{project}/export/coco/"), timeout=30).json()
    [annotation] = exported["annotations"]
    assert (coco_mask.decode(annotation["segmentation"]).astype(bool) == mask).all()


@pytest.mark.parametrize("broker", list(BROKERS))
def test_postgresql_with_a_real_broker(
    broker: str, database_url: str, tmp_path: Path, tiny_artifacts: Path
) -> None:
    port, url = BROKERS[broker]
    needs(port, broker)
    with running_system(
        tmp_path / "data", tiny_artifacts, DATABASE_URL=database_url, CELERY_BROKER_URL=url
    ) as system:
        label_one_image(system)
        system.kill("worker")
        system.upload(**{"two.png": make_file(make_pixels(seed=8))})
        system.start("worker")
        system.wait_all_ready()


def test_files_in_an_s3_compatible_store(bucket_url: str, tmp_path: Path, tiny_artifacts: Path) -> None:
    with running_system(tmp_path / "data", tiny_artifacts, STORAGE_URL=bucket_url) as system:
        label_one_image(system)
    assert not (tmp_path / "data" / "files").exists()


def test_orphans_are_found_in_a_bucket(bucket_url: str, db: None, settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {"default": storage_entry(bucket_url, tmp_path)}
    for key in ("images/0123/original.png", "embeddings/tiny/0/00/00.1.f16", "other/file"):
        file_write(key, b"x")
    now = timezone.now()
    assert list(orphans(before=now - timedelta(days=1))) == []
    found = list(orphans(before=now + timedelta(minutes=1)))
    assert found == ["images/0123/original.png", "embeddings/tiny/0/00/00.1.f16"]
    files_delete(found)
    assert list(orphans(before=now + timedelta(minutes=1))) == []
    assert file_read("other/file") == b"x"
