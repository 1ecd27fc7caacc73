"""Jobs in real processes: claimed by one worker each, given back on SIGTERM, continued after kill -9."""

import json
import signal
import subprocess
import sys
import time
import uuid

from backend.launch.layout import ROOT
from tests.workers.exports import MAKE_MASKS, MASKS
from tests.workers.processes import System

ROWS = 60
MAKE_JOBS = f"""
from django.utils import timezone
from backend.jobs.models import Job
Job.objects.bulk_create(
    [Job(kind="export.coco", unit="images", queued_at=timezone.now()) for _ in range({ROWS})]
)
"""
CLAIM_ALL = """
import sys, time, django
django.setup()
from django.db import connection
from backend.jobs.claims import job_claim
connection.ensure_connection()
time.sleep(max(0, float(sys.argv[1]) - time.time()))
empty = 0
while empty < 3:
    claim, job = job_claim(queue="default", worker="w", lease_seconds=600)
    empty = 0 if job else empty + 1
    if job:
        print(job.pk, claim)
"""
SHOW_JOBS = """
import json
from backend.jobs.models import Job
rows = Job.objects.order_by("pk").values_list("pk", "state", "attempts", "claimed_by")
print(json.dumps([list(row) for row in rows]))
"""


def test_three_workers_share_the_jobs_and_none_is_claimed_twice(any_system: System) -> None:
    any_system.manage("shell", "-c", MAKE_JOBS)
    start = str(time.time() + 8)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM_ALL, start],
            cwd=ROOT,
            env=any_system.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    parts = [worker.communicate(timeout=90)[0].splitlines() for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    claimed = [line.split() for part in parts for line in part]
    print(f"\n{ROWS} jobs, claimed by three processes: {[len(part) for part in parts]}")
    rows = json.loads(any_system.manage("shell", "-v", "0", "-c", SHOW_JOBS))
    assert sorted((int(pk), claim) for pk, claim in claimed) == [(pk, claim) for pk, _, _, claim in rows]
    assert {(state, attempts) for _, state, attempts, _ in rows} == {("running", 1)}


def test_an_export_survives_a_shutdown_and_a_kill_of_its_worker(prepared_system: System) -> None:
    system = prepared_system
    system.begin()
    system.wait_all_ready()
    system.manage("shell", "-c", MAKE_MASKS)
    project = system.project()["id"]
    job = system.url(f"jobs/{uuid.uuid4()}/")
    body = {"id": job.split("/")[-2], "kind": "export.coco"}
    made = system.session.post(system.url(f"projects/{project}/jobs/"), json=body, timeout=10)
    assert made.status_code == 201, made.text

    def shown() -> dict[str, object]:
        answer: dict[str, object] = system.session.get(job, timeout=10).json()
        return answer

    def is_half_way() -> bool:
        now = shown()
        return now["state"] == "running" and now["progress"]["done"] >= 1  # type: ignore[index]

    system.wait(is_half_way, "the worker is in the middle of the export")
    worker = system.running.pop("worker")
    worker.send_signal(signal.SIGTERM)
    worker.wait(15)
    given_back = shown()
    assert (given_back["state"], given_back["attempts"]) == ("queued", 0), (
        "it ended too late to prove anything"
    )
    assert system.session.get(system.url("queue/"), timeout=10).json()["workers"] == []

    system.start("worker")
    system.wait(is_half_way, "another worker began anew")
    busy = system.session.get(system.url("queue/"), timeout=10).json()["workers"]
    assert [one["is_alive"] for one in busy] == [True]
    system.kill("worker")
    assert shown()["state"] == "running", "it was killed too late to prove anything"

    system.start("worker")
    killed_at = time.monotonic()
    system.wait(lambda: shown()["state"] == "succeeded", "the third one finished it")
    print(f"\nfinished {time.monotonic() - killed_at:.1f} s after the kill")
    done = shown()
    assert done["attempts"] == 2
    assert [line["text"].split(" on ")[0] for line in done["log"]] == [  # type: ignore[attr-defined]
        "Attempt 1",
        "The worker was shut down; another one begins anew.",
        "Attempt 1",
        "The worker that did it was lost.",
        "Attempt 2",
        f"8 images and {MASKS:,} masks in {done['result']['file_name']}.",  # type: ignore[index]
    ]
    content = system.session.get(f"{job}file/", timeout=60).content
    streamed = system.session.get(system.url(f"projects/{project}/export/coco/"), timeout=120).content
    assert content == streamed
    assert len(json.loads(content)["annotations"]) == MASKS
    stored = system.data_dir / "files" / "jobs"
    system.wait(
        lambda: len([path for path in stored.rglob("*") if path.is_file()]) == 1,
        "what the killed one was writing is gone",
    )
    assert system.ended == []
