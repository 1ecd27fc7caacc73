"""`make run` under fire: kill -9 of its worker and Ctrl-C."""

import json
import os
import signal
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import RunningSystem, start_system, stop

pytestmark = pytest.mark.e2e


def call(url: str, token: str | None = None, body: dict[str, str] | None = None) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Token {token}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def ready_images(system: RunningSystem, token: str) -> int:
    [project] = call(f"{system.url}/api/v1/projects/", token)["results"]
    return int(project["embedding_counts"]["ready"])


def test_a_killed_worker_is_replaced_and_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    system = start_system(tmp_path / "data")
    try:
        os.kill(system.child_pids("celery -A workers.main worker")[0], signal.SIGKILL)
        credentials = {"username": "demo", "password": "demo"}
        token = call(f"{system.url}/api/v1/auth/token/", body=credentials)["token"]
        deadline = time.monotonic() + 120
        while ready_images(system, token) < 8:
            assert time.monotonic() < deadline, "the demo's embeddings never became ready"
            time.sleep(0.5)
    finally:
        code = stop(system.process)
    # make reports an interrupted recipe as 130 or as its own failure, depending on who saw the signal first
    assert code in (0, 2, 130, -signal.SIGINT)
    assert system.child_pids("") == []


def test_a_second_start_serves_within_seconds_and_never_doubles_the_demo(tmp_path: Path) -> None:
    first = start_system(tmp_path / "data")
    stop(first.process)
    again = start_system(tmp_path / "data")
    try:
        token = call(f"{again.url}/api/v1/auth/token/", body={"username": "demo", "password": "demo"})[
            "token"
        ]
        [project] = call(f"{again.url}/api/v1/projects/", token)["results"]
        assert project["image_count"] == 8
    finally:
        stop(again.process)
