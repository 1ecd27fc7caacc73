"""A bucket in an S3-compatible server of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError

from tests.workers.processes import BIN

BUCKET = "anymask"


def bucket_client(port: int) -> Any:
    """boto3's, of the server at this port."""
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def bucket_address(port: int) -> str:
    """STORAGE_URL of the bucket in the server at this port."""
    endpoint = f"http://127.0.0.1:{port}"
    return (
        f"s3://{BUCKET}/files?endpoint_url={endpoint}&access_key=test&secret_key=test&region_name=us-east-1"
    )


@contextmanager
def running_bucket() -> Iterator[int]:
    """The port of a server with an empty bucket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = bucket_client(port)
    for _ in range(100):
        try:
            client.create_bucket(Bucket=BUCKET)
            break
        except BotoCoreError:
            time.sleep(0.2)
    try:
        yield port
    finally:
        server.terminate()
        server.wait(10)
