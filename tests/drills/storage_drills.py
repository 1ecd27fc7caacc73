"""The disk is full; the bucket lets requests down."""

from tests.drills.disks import fill
from tests.drills.drill import Drill
from tests.drills.scene import Scene

FULL_SECONDS = 10.0
SHARE = 0.3
FAILING_SECONDS = 25.0


def disk_full(scene: Scene) -> None:
    """Database, files, broker and log are on one disk, as with `make run`, and there is no byte left on it."""
    assert scene.disk is not None
    ballast = fill(scene.disk)
    size = ballast.stat().st_size
    scene.go_on(FULL_SECONDS)
    fill(scene.disk)
    scene.go_on(2)
    ballast.unlink()
    scene.say(f"{size / 2**20:.0f} MiB of ballast for {FULL_SECONDS + 2:.0f} s")
    scene.go_on(5)
    jobs, images = ask_again(scene)
    scene.say(
        f"{jobs} jobs and {images} embeddings failed with storage.full and were asked for again by hand"
    )


def ask_again(scene: Scene) -> tuple[int, int]:
    """What a full disk ended, people see with its code and start again."""
    client, project = scene.system.client, scene.system.project()["id"]
    failed = list(client.jobs(project, state="failed"))
    for job in failed:
        assert job["error_code"] == "storage.full", job
        client.transport.send("POST", f"jobs/{job['id']}/retry/", is_repeatable=True)
    unready = list(client.images(project, state="failed"))
    if unready:
        client.transport.send("POST", f"projects/{project}/embeddings/retry/", is_repeatable=True)
    return len(failed), len(unready)


def s3_errors(scene: Scene) -> None:
    assert scene.bucket is not None
    scene.bucket.share = SHARE
    seen, failed = scene.bucket.seen, sum(scene.bucket.failed.values())
    scene.go_on(FAILING_SECONDS)
    scene.bucket.share = 0.0
    seen, failed = scene.bucket.seen - seen, sum(scene.bucket.failed.values()) - failed
    kinds = ", ".join(f"{number} {name}" for name, number in sorted(scene.bucket.failed.items()))
    scene.say(f"{failed} of {seen} requests to the bucket failed: {kinds}")
    assert failed > 10, "too few to prove anything"


DRILLS = (
    Drill(
        "disk-full",
        "no byte left on the one disk of database, files and broker",
        disk_full,
        database="sqlite",
        broker="folder",
        storage="small disk",
        refusals=frozenset({(507, "storage.full")}),
    ),
    Drill(
        "s3-errors",
        "30 % of all requests to the bucket fail, by 500, 503 or a cut connection",
        s3_errors,
        storage="bucket",
    ),
)
