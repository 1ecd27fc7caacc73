"""What an export of millions of masks takes: time, masks a second, and the worker's memory, by the job a person starts.

python -m tests.bench.export --database URL [--format coco] [--labels 12] [--json PATH]

The database is one that `tests.bench.scale --keep` left; with 12 of its 30 labels two of its five million masks go out.
The baseline, in the same run: PostgreSQL's own COPY of the same rows to nowhere. Not a test: times depend on the machine.
"""

import argparse
import hashlib
import json
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2
import requests

from tests.bench.scale import PASSWORD
from tests.workers.processes import System


class _Nowhere:
    """A file that counts."""

    bytes = 0

    def write(self, piece: bytes) -> int:
        self.bytes += len(piece)
        return len(piece)


def main() -> None:
    """Start, export, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", required=True, help="as `tests.bench.scale --keep` left it")
    parser.add_argument("--format", default="coco")
    parser.add_argument("--labels", type=int, default=12, help="masks of so many labels")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        system = System(
            Path(folder),
            Path(folder),
            DATABASE_URL=options.database,
            LOGIN_RATE="1000/min",
            JOB_LEASE_SECONDS="60",
        )
        system.start("web")
        system.start("worker")
        system.start("clock")
        try:
            row = measure(system, options.format, options.labels)
        except BaseException:
            print(system.log(), file=sys.stderr)
            raise
        finally:
            system.stop()
    print(
        f"{options.format}: {row['masks']:,} masks on {row['images']:,} images in {row['seconds']:.0f} s, "
        f"{row['masks_per_second']:,.0f} masks/s, {row['bytes'] / 1e6:,.0f} MB; "
        f"COPY of the same rows {row['copy_seconds']:.0f} s: {row['ratio_vs_copy']:.1f}x\n"
        f"the worker's memory: {row['idle_mb']:.0f} MB before, {row['peak_mb']:.0f} MB at most; "
        f"downloaded in {row['download_seconds']:.0f} s, checksum equal: {row['checksum_equal']}"
    )
    if options.json:
        options.json.write_text(json.dumps(row, indent=2) + "\n")


def measure(system: System, format_name: str, label_count: int) -> dict[str, Any]:
    """One row."""
    session = requests.Session()
    system.wait(lambda: system.is_up(), "the web server answers")
    credentials = {"username": "ada", "password": PASSWORD}
    token = session.post(system.url("auth/token/"), json=credentials, timeout=60).json()["token"]
    session.headers["Authorization"] = f"Token {token}"

    def get(path: str) -> Any:
        answer = session.get(system.url(path), timeout=600)
        answer.raise_for_status()
        return answer.json()

    project = max(get("projects/")["results"], key=lambda one: one["image_count"])["id"]
    labels = [label["id"] for label in get(f"projects/{project}/labels/")][:label_count]
    copy_seconds = copied(system, project, labels)
    worker = system.running["worker"].pid
    idle = peak_mb(worker)
    started = time.monotonic()
    job_id = str(uuid.uuid4())
    answer = session.post(
        system.url(f"projects/{project}/jobs/"),
        json={"id": job_id, "kind": "export", "params": {"format": format_name, "labels": labels}},
        timeout=600,
    )
    answer.raise_for_status()
    job = finished(lambda: get(f"jobs/{job_id}/"))
    seconds = time.monotonic() - started
    if job["state"] != "succeeded":
        raise SystemExit(f"The export ended as {job['state']}: {job['error_code']} {job['error_message']}")
    peak = peak_mb(worker)
    started = time.monotonic()
    digest = hashlib.sha256()
    with session.get(system.url(f"jobs/{job_id}/file/"), stream=True, timeout=600) as file:
        for piece in file.iter_content(1 << 20):
            digest.update(piece)
    result = job["result"]
    return {
        "format": format_name,
        "images": result["images"],
        "masks": result["masks"],
        "bytes": result["bytes"],
        "seconds": seconds,
        "masks_per_second": result["masks"] / seconds,
        "copy_seconds": copy_seconds,
        "ratio_vs_copy": seconds / copy_seconds,
        "idle_mb": idle,
        "peak_mb": peak,
        "download_seconds": time.monotonic() - started,
        "checksum_equal": digest.hexdigest() == result["sha256"],
    }


def finished(look: Callable[[], Any]) -> Any:
    """The job once it has ended; how far it is goes to stderr every half minute."""
    told = time.monotonic()
    while (job := look())["state"] in ("queued", "running"):
        if time.monotonic() - told > 30:
            told = time.monotonic()
            print(job["state"], job["progress"], job["eta_seconds"], file=sys.stderr, flush=True)
        time.sleep(1)
    return job


def copied(system: System, project: int, labels: list[int]) -> float:
    """Seconds in which the database gives out the same rows."""
    started = time.monotonic()
    with psycopg2.connect(system.environment["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        rows = cursor.mogrify(
            "SELECT m.* FROM annotations_mask m JOIN images_image i ON i.id = m.image_id "
            "WHERE i.project_id = %s AND m.label_id = ANY (%s)",
            [project, labels],
        ).decode()
        cursor.copy_expert(f"COPY ({rows}) TO STDOUT", _Nowhere())
    return time.monotonic() - started


def peak_mb(pid: int) -> float:
    """The most memory that the process ever held, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 1000


if __name__ == "__main__":
    main()
