"""`make run` under fire: kill -9 of its worker and Ctrl-C."""

import os
import signal
import time
from pathlib import Path

import pytest

from anymask import Client, token_create
from tests.e2e.conftest import RunningSystem, start_system, stop

pytestmark = pytest.mark.e2e


def demo_client(system: RunningSystem) -> Client:
    return Client(system.url, token_create(system.url, "demo", "demo"))


def test_a_killed_worker_is_replaced_and_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    system = start_system(tmp_path / "data")
    try:
        os.kill(system.child_pids("celery -A workers.main worker")[0], signal.SIGKILL)
        client = demo_client(system)
        deadline = time.monotonic() + 120
        while next(client.projects())["embedding_counts"]["ready"] < 8:
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
        [project] = demo_client(again).projects()
        assert project["image_count"] == 8
    finally:
        stop(again.process)
