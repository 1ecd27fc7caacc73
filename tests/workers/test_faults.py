"""kill -9 and a deleted broker folder: every image still becomes ready without a human."""

import shutil
from pathlib import Path

from tests.builders import make_file, make_pixels
from tests.workers.processes import running_system


def test_a_killed_worker_and_a_deleted_broker_folder_leave_no_image_behind(
    tmp_path: Path, tiny_artifacts: Path
) -> None:
    with running_system(tmp_path / "data", tiny_artifacts) as system:
        system.wait_all_ready()

        # the worker dies with rows in its hands
        large = {f"{n}.png": make_file(make_pixels(width=3000, height=2000, seed=n)) for n in range(4)}
        system.upload(**large)
        system.wait(lambda: system.counts()["running"] > 0, "the worker took a picture")
        system.kill("worker")
        assert system.counts()["running"] > 0, "it was killed too late to prove anything"
        system.start("worker")
        system.wait_all_ready()
        assert system.counts() == {"queued": 0, "running": 0, "ready": 12, "failed": 0}

        # the broker loses everything while pictures wait, and again while they are computed
        shutil.rmtree(tmp_path / "data" / "broker")
        system.upload(**{f"more{n}.png": make_file(make_pixels(seed=100 + n)) for n in range(4)})
        shutil.rmtree(tmp_path / "data" / "broker", ignore_errors=True)
        system.wait_all_ready()
        assert system.counts() == {"queued": 0, "running": 0, "ready": 16, "failed": 0}
