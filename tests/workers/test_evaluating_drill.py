"""kill -9 of the worker in the middle of an evaluation: another one goes on with the images that are left."""

import time
import uuid
from pathlib import Path

from tests.workers.accepting import accept_masks
from tests.workers.processes import System


def test_an_evaluation_goes_on_after_kill_9_with_the_images_that_are_left(
    prepared_system: System, tmp_path: Path
) -> None:
    system = prepared_system
    system.begin()
    system.wait_all_ready()
    project = system.project()["id"]
    accept_masks(system, project)
    body = {"id": str(uuid.uuid4()), "task": "probe", "settings": {"max_masks_per_image": 8}}
    made = system.session.post(system.url(f"projects/{project}/evaluations/"), json=body, timeout=10)
    assert made.status_code == 201, made.text
    url = system.url(f"evaluations/{made.json()['id']}/")
    folder = tmp_path / "data" / "evaluations" / body["id"]

    def lines() -> list[str]:
        """What was measured, an image a line; the last may be half written."""
        path = folder / "records.jsonl"
        text = path.read_text() if path.is_file() else ""
        return text[: text.rfind("\n") + 1].splitlines()[1:]

    def shown() -> dict[str, object]:
        answer: dict[str, object] = system.session.get(url, timeout=10).json()
        return answer

    system.wait(lambda: len(lines()) >= 2, "two images are done", seconds=300)
    system.kill("worker")
    assert shown()["state"] == "running", "it was killed too late to prove anything"
    before = lines()
    shard = (folder / "accepted masks.tar").stat().st_mtime_ns
    assert 2 <= len(before) < 8

    system.start("worker")
    killed_at = time.monotonic()
    system.wait(lambda: len(lines()) > len(before), "another worker goes on", seconds=300)
    # The same file, with more behind what was there; and the images were not written again.
    assert lines()[: len(before)] == before
    assert (folder / "accepted masks.tar").stat().st_mtime_ns == shard
    system.wait(lambda: shown()["state"] == "succeeded", "another worker finished it", seconds=300)
    print(
        f"\nkilled with {len(before)} of 8 images done; finished {time.monotonic() - killed_at:.1f} s later"
    )
    ended = shown()
    assert (ended["images"], ended["images_left_out"]) == (8, 0)
    report = ended["report"]
    assert isinstance(report, dict)
    assert report["datasets"]["accepted masks"]["masks"] == 64
    job = system.session.get(system.url(f"jobs/{body['id']}/"), timeout=10).json()
    assert (job["attempts"], job["result"]["images"]) == (2, 8)
    page = system.session.get(system.url(f"jobs/{body['id']}/file/"), timeout=10)
    assert "Latent probing" in page.text
    system.wait(lambda: not folder.exists(), "the folder is gone", seconds=30)
    assert system.ended == []
