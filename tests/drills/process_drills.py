"""kill -9 of the processes of a server."""

import os
import signal
import uuid
from pathlib import Path

from tests.builders import make_file, make_pixels
from tests.drills.drill import Drill
from tests.drills.scene import Scene
from tests.workers.exports import MAKE_MASKS, MASKS
from tests.workers.trainings import ACCEPT_MASKS, STEPS, VERSIONS, lines, trainers

PATIENCE = 1800.0  # seconds: trainings are niced, and get what the machine has left


def web_kill(scene: Scene) -> None:
    """One process of the server, which its master replaces, and then all of them."""
    master = scene.system.running["web"].pid
    for _ in range(2):
        [child] = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        os.kill(int(child), signal.SIGKILL)
        scene.go_on(4)
    scene.kill("web")
    scene.go_on(3)
    scene.start("web")
    scene.until(scene.system.is_up, "the web server answers again")


def embedding_worker_kill(scene: Scene) -> None:
    """In the middle of large pictures, twice."""
    system = scene.system
    for turn in range(2):
        pictures = {
            f"large{turn}{n}.png": make_file(make_pixels(3000, 2000, seed=10 * turn + n)) for n in range(3)
        }
        system.upload(**pictures)
        scene.until(lambda: system.counts()["running"] > 0, "the worker took a picture")
        scene.worker_lost()
    lost = scene.sql("SELECT COUNT(*) FROM embeddings_embedding WHERE attempts > 1")[0][0]
    scene.say(f"{lost} pictures were begun more than once")


def make_many_masks(scene: Scene) -> None:
    scene.system.manage("shell", "-c", MAKE_MASKS)
    scene.made = MASKS


def export_worker_kill(scene: Scene) -> None:
    """In the middle of an export of 15,000 masks."""
    system = scene.system
    job = order(scene, f"projects/{system.project()['id']}/jobs/", {"kind": "export.coco"})
    scene.until(lambda: is_half_way(scene, job), "the worker is in the middle of the export", PATIENCE)
    scene.worker_lost()
    scene.until(lambda: system.client.job(job)["state"] == "succeeded", "another one finished it", PATIENCE)
    scene.say(f"the export took {system.client.job(job)['attempts']} attempts")


def order(scene: Scene, path: str, body: dict[str, object]) -> str:
    """A job, by an id of ours."""
    job = str(uuid.uuid4())
    made = scene.system.session.post(scene.system.url(path), json={"id": job, **body}, timeout=60)
    assert made.status_code == 201, made.text
    return job


def is_half_way(scene: Scene, job: str) -> bool:
    now = scene.system.client.job(job)
    assert now["state"] in ("queued", "running"), "it ended too early to prove anything"
    return now["state"] == "running" and now["progress"]["done"] >= 1


def accept_masks(scene: Scene) -> None:
    scene.system.manage("shell", "-c", ACCEPT_MASKS)
    scene.made = 2 * 8


def training_worker_kill(scene: Scene) -> None:
    """In the middle of a training: its process ends with it, and another worker goes on from the last step kept."""
    system = scene.system
    job = order(scene, f"projects/{system.project()['id']}/training-runs/", {"steps": STEPS})
    folder = system.data_dir / "training" / job
    scene.until(lambda: lines(folder / "validation.jsonl") >= 4, "it is in the middle of it", PATIENCE)
    [_] = trainers(folder)
    scene.worker_lost()
    scene.until(
        lambda: system.client.job(job)["state"] != "running" or bool(trainers(folder)), "it goes on", PATIENCE
    )
    scene.until(
        lambda: system.client.job(job)["state"] in ("succeeded", "failed"),
        "another one finished it",
        PATIENCE,
    )
    done = system.client.job(job)
    assert done["state"] == "succeeded", done
    versions = system.manage("shell", "-v", "0", "-c", VERSIONS).strip()
    assert versions == "1", f"{versions} versions were made of one training"
    resumed = done["result"]["resumed_at"]
    scene.say(
        f"attempt {done['attempts']} went on at step {resumed} of {done['result']['steps']}; 1 version was made"
    )


DRILLS = (
    Drill("web-kill", "kill -9 of a web process, twice, then of all of them", web_kill),
    Drill(
        "embedding-worker-kill",
        "kill -9 of the worker in the middle of pictures, twice",
        embedding_worker_kill,
    ),
    Drill(
        "training-worker-kill",
        "kill -9 of the worker in the middle of a training",
        training_worker_kill,
        before=accept_masks,
    ),
    Drill(
        "export-worker-kill",
        "kill -9 of the worker in the middle of an export",
        export_worker_kill,
        before=make_many_masks,
        # Each would have 15,000 masks to write.
        with_exports=False,
    ),
)
