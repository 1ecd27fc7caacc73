"""PostgreSQL, Redis, RabbitMQ and an S3 server: real ones, on this machine."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import psycopg2
import pytest

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://root@localhost:5432/test")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://localhost:6379/9")
RABBITMQ = os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@localhost:5672//")


def require(url: str) -> None:
    """Skips the test where the service is missing. On CI it must be there, and the test fails by itself."""
    parts = urlsplit(url)
    if os.environ.get("CI") == "true" or _answers(parts.hostname or "", parts.port or 0):
        return
    pytest.skip(f"nothing answers on {parts.hostname}:{parts.port}")


@contextmanager
def fresh_database(template: str = "template1") -> Iterator[str]:
    """The url of a new PostgreSQL database, a copy of the one named `template`; dropped afterwards."""
    name = f"anymask_{uuid.uuid4().hex[:12]}"
    with closing(psycopg2.connect(POSTGRES)) as server:
        server.autocommit = True
        server.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield f"{POSTGRES.rsplit('/', 1)[0]}/{name}"
        finally:
            server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def s3_server() -> Iterator[str]:
    """The endpoint of an S3 server with a bucket named `photos`."""
    import boto3

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not _answers("127.0.0.1", port):
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        endpoint = f"http://127.0.0.1:{port}"
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket="photos")
        yield endpoint
    finally:
        server.kill()
        server.wait()


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False
