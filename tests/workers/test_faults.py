"""kill -9, a deleted broker folder, lost messages: every image still becomes ready without a human."""

import shutil

import pytest

from tests.builders import make_file, make_pixels
from tests.workers.processes import System


@pytest.fixture
def system(prepared_system: System) -> System:
    """The demo project, eight photographs uploaded and queued; only the web server runs."""
    prepared_system.start("web")
    prepared_system.login()
    return prepared_system


def test_a_worker_killed_in_the_middle_leaves_no_image_behind(system: System) -> None:
    system.start("clock")
    system.start("worker")
    system.wait_all_ready()
    system.upload(**{f"{n}.png": make_file(make_pixels(3000, 2000, seed=n)) for n in range(4)})
    system.wait(lambda: system.counts()["running"] > 0, "the worker took a picture")
    system.kill("worker")
    assert system.counts()["running"] > 0, "it was killed too late to prove anything"
    system.start("worker")
    system.wait_all_ready()
    assert system.counts() == {"queued": 0, "running": 0, "ready": 12, "failed": 0}
    assert "embedding_sweep requeued=" in system.log()
    assert system.ended == []


def test_a_broker_folder_deleted_again_and_again_stops_nobody(system: System) -> None:
    broker = system.data_dir / "broker"
    shutil.rmtree(broker)  # with the messages of eight pictures in it
    system.start("worker")
    system.wait(lambda: "ready." in (system.data_dir / "worker.log").read_text(), "the worker is up")
    assert system.counts()["queued"] == 8
    shutil.rmtree(broker)
    system.start("clock")
    system.wait(lambda: system.counts()["ready"] > 0, "the clock rings for what the messages were lost of")
    shutil.rmtree(broker, ignore_errors=True)
    system.upload(**{f"more{n}.png": make_file(make_pixels(seed=100 + n)) for n in range(4)})
    shutil.rmtree(broker, ignore_errors=True)
    system.wait_all_ready()
    assert system.counts() == {"queued": 0, "running": 0, "ready": 12, "failed": 0}
    assert system.ended == [], "neither web server nor worker nor clock may fall over it"


def test_a_web_server_whose_broker_folder_is_gone_still_wakes_the_worker(system: System) -> None:
    """Without the clock: the web server must make the folder again and its message must find the worker."""
    system.start("worker")
    system.wait_all_ready()
    shutil.rmtree(system.data_dir / "broker")
    system.upload(**{"one.png": make_file(make_pixels(seed=100))})
    system.wait_all_ready()
    assert system.ended == []
