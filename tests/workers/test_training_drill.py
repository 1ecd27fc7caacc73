"""kill -9 of the worker in the middle of a training: its process ends with it, another worker goes on."""

import os
import shutil
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.processes import System
from tests.workers.trainings import ACCEPT_MASKS, STEPS, VERSIONS, lines, trainers

PATIENCE = 300.0  # seconds: it trains beside whatever else the machine does


@pytest.fixture
def system(prepared_folder: Path, tmp_path: Path, tiny_artifacts: Path) -> Iterator[System]:
    """The demo project with accepted masks; artifacts of its own."""
    shutil.copytree(prepared_folder, tmp_path / "data")
    shutil.copytree(tiny_artifacts, tmp_path / "models")
    system = System(tmp_path / "data", tmp_path / "models")
    system.manage("shell", "-c", ACCEPT_MASKS)
    system.begin()
    yield system
    system.stop()


def test_a_training_goes_on_after_kill_9_and_makes_one_version(system: System) -> None:
    project, job_id = system.project()["id"], str(uuid.uuid4())
    body = {"id": job_id, "steps": STEPS}
    url = system.url(f"projects/{project}/training-runs/")
    made = system.session.post(url, json=body, timeout=10)
    assert made.status_code == 201, made.text
    run_url = system.url(f"training-runs/{made.json()['id']}/")
    folder = system.data_dir / "training" / job_id
    curve = folder / "validation.jsonl"
    system.wait(lambda: lines(curve) >= 4, "it is in the middle of the training", seconds=PATIENCE)
    (trainer,) = trainers(folder)
    # The worker alone: what it started is left to itself.
    worker = system.running.pop("worker")
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(10)
    killed_at = time.monotonic()
    system.wait(lambda: not trainers(folder), "its process ended with it", seconds=5)
    print(f"\nthe process {trainer} ended {time.monotonic() - killed_at:.1f} s after its worker")
    assert system.session.get(run_url, timeout=10).json()["state"] == "running", "killed too late"

    system.start("worker")
    system.wait(
        lambda: system.session.get(run_url, timeout=10).json()["state"] == "succeeded",
        "another worker finished it",
        seconds=PATIENCE,
    )
    print(f"finished {time.monotonic() - killed_at:.1f} s after the kill")
    run = system.session.get(run_url, timeout=10).json()
    job = system.session.get(system.url(f"jobs/{job_id}/"), timeout=10).json()
    assert job["attempts"] == 2
    # It may end early, where it no longer gets better.
    told = job["result"]
    print(f"attempt {job['attempts']} went on at step {told['resumed_at']} of {told['steps']}")
    assert 1 <= job["result"]["resumed_at"] < job["result"]["steps"] <= STEPS
    steps = [point["step"] for point in run["curve"] if "val" in point]
    assert steps == sorted(set(steps))
    assert (steps[0], steps[-1]) == (0, job["result"]["steps"])
    assert run["metrics"]["child"]["masks"] == run["val_masks"]
    assert system.manage("shell", "-v", "0", "-c", VERSIONS).strip() == "1"
    picture = system.session.get(system.address + run["pictures_url"], timeout=10)
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert not folder.exists()
    assert system.ended == []
