"""What must not leave an image behind: a killed worker, a deleted broker, lost messages. Real processes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.deployment import Deployment, embedded_deployment, kill_group, wait_until


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """The demo project, uploaded and queued; nothing runs yet."""
    made = embedded_deployment(tmp_path / "data")
    yield made
    made.stop()


def wait_for_running(deployment: Deployment) -> None:
    def is_running() -> bool:
        return any(state == "running" for state, _ in deployment.embeddings())

    wait_until(is_running, "a running row", 60, lambda: deployment.log("worker"))


def test_kill_9_in_the_middle_of_an_embedding(deployment: Deployment) -> None:
    """The row is claimed before the model is loaded, so a worker killed at once dies in the middle."""
    deployment.start_clock()
    worker = deployment.start_worker()
    wait_for_running(deployment)
    kill_group(worker)
    rows = deployment.embeddings()
    assert ("running", 1) in rows, rows
    # What the supervisor does; nobody touches the rows.
    deployment.start_worker()
    deployment.wait_for_states("ready")
    assert max(attempts for _, attempts in deployment.embeddings()) == 2
    assert "embedding_sweep requeued=" in deployment.log("worker")


def test_the_broker_folder_is_deleted_while_the_worker_runs(deployment: Deployment) -> None:
    """Deleted with the messages in it, and once more while rows are running."""
    shutil.rmtree(deployment.data_dir / "broker")
    worker = deployment.start_worker()
    wait_until(lambda: "ready." in deployment.log("worker"), "the worker is up", 60)
    deployment.start_clock()
    shutil.rmtree(deployment.data_dir / "broker")
    wait_until(lambda: (deployment.data_dir / "broker").exists(), "the folder is back")
    wait_for_running(deployment)
    shutil.rmtree(deployment.data_dir / "broker")
    deployment.wait_for_states("ready")
    assert worker.poll() is None


def test_all_messages_are_lost_before_a_worker_sees_them(deployment: Deployment) -> None:
    messages = deployment.data_dir / "broker" / "queue"
    assert list(messages.glob("*.gpu.msg"))
    shutil.rmtree(messages)
    deployment.start_clock()
    deployment.start_worker()
    deployment.wait_for_states("ready")
