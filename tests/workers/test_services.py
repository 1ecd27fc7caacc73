"""The same flow on real servers: PostgreSQL with Redis, PostgreSQL with RabbitMQ, files in an S3-compatible store."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import psycopg2
import pytest
from botocore.exceptions import BotoCoreError
from pycocotools import mask as coco_mask

from tests.builders import encode_mask, make_file, make_pixels, rectangle
from tests.workers.processes import BIN, System, running_system

pytestmark = pytest.mark.services

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://root@127.0.0.1:5432/postgres")
BROKERS = {
    "redis": (6379, os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")),
    "rabbitmq": (5672, os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")),
}


def needs(port: int, what: str) -> None:
    """Leaves the test out where the server is not installed; on CI its absence is a failure."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        message = f"{what} does not answer on localhost:{port}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture
def database_url() -> Iterator[str]:
    """A fresh PostgreSQL database, dropped afterwards."""
    needs(5432, "PostgreSQL")
    name = f"anymask_test_{uuid.uuid4().hex[:12]}"
    admin = psycopg2.connect(POSTGRES)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield f"{POSTGRES.rpartition('/')[0]}/{name}"
    with admin.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.close()


@pytest.fixture
def bucket_url() -> Iterator[str]:
    """A bucket in an S3-compatible server of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    for _ in range(100):
        try:
            client.create_bucket(Bucket="anymask")
            break
        except BotoCoreError:
            time.sleep(0.2)
    yield f"s3://anymask/files?endpoint_url={endpoint}&access_key=test&secret_key=test&region_name=us-east-1"
    server.terminate()
    server.wait(10)


def label_one_image(system: System) -> None:
    """Upload, wait for the worker, save a mask, export it."""
    image = system.upload(**{"one.png": make_file(make_pixels(64, 48, seed=7))})["created"][0]
    system.wait_all_ready()
    project = system.project()["id"]
    embedding = system.session.get(system.url(f"images/{image['id']}/embedding/"), timeout=10)
    assert embedding.status_code == 200
    assert len(embedding.content) == 64 * 16 * 16 * 2
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
