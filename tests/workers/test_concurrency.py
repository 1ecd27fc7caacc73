"""Several processes on one table: no row claimed twice, no update lost. On SQLite and on PostgreSQL."""

import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import requests

from backend.launch.layout import ROOT
from tests.builders import encode_mask
from tests.workers.processes import System

ROWS = 60
MAKE_ROWS = f"""
from django.utils import timezone
from backend.embeddings.models import Embedding, ModelVersion
model = ModelVersion.objects.get()
now = timezone.now()
Embedding.objects.bulk_create(
    [Embedding(image_sha256=f"{{n:064d}}", model_version=model, queued_at=now) for n in range({ROWS})]
)
"""
SHOW_ROWS = """
from backend.embeddings.models import Embedding
print(*(f"{row.pk}:{row.attempts}" for row in Embedding.objects.order_by("pk")))
"""
CLAIM_ALL = """
import sys, time, django
django.setup()
from backend.embeddings.services import embedding_claim_batch
from django.db import connection
connection.ensure_connection()
time.sleep(max(0, float(sys.argv[1]) - time.time()))
empty = 0
while empty < 3:
    claim, rows = embedding_claim_batch(limit=3, lease_seconds=600)
    empty = 0 if rows else empty + 1
    print(*(row.pk for row in rows), sep="\\n")
"""


def test_three_workers_share_the_rows_and_none_is_claimed_twice(any_system: System) -> None:
    any_system.manage("shell", "-c", MAKE_ROWS)
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
    claimed = [[int(line) for line in worker.communicate(timeout=60)[0].split()] for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    together = sorted(pk for part in claimed for pk in part)
    shown = [entry.split(":") for entry in any_system.manage("shell", "-v", "0", "-c", SHOW_ROWS).split()]
    assert len(shown) >= ROWS
    assert together == [int(pk) for pk, _ in shown], "each row is claimed once"
    assert {attempts for _, attempts in shown} == {"1"}


def test_of_four_people_changing_one_mask_one_wins(any_system: System) -> None:
    any_system.start("web")
    any_system.login()
    project = any_system.project()["id"]
    image = any_system.session.get(any_system.url(f"projects/{project}/images/"), timeout=10).json()[
        "results"
    ][0]
    label = any_system.session.get(any_system.url(f"projects/{project}/labels/"), timeout=10).json()[0]
    body = {
        "id": str(uuid.uuid4()),
        "label": label["id"],
        "segmentation": encode_mask(np.eye(image["height"], image["width"], dtype=bool)),
        "prompts": {"points": [], "box": None, "candidate": 0},
        "stage": "assisted_manual",
    }
    url = any_system.url(f"images/{image['id']}/masks/")

    def create(_: int) -> int:
        return any_system.session.post(url, json=body, timeout=30).status_code

    def change(revision: int) -> int:
        sent = {"revision": revision, "seconds_spent": 1}
        return any_system.session.patch(
            any_system.url(f"masks/{body['id']}/"), json=sent, timeout=30
        ).status_code

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(create, range(4))) == [200, 200, 200, 201]
        for revision in range(1, 9):
            assert sorted(people.map(change, [revision] * 4)) == [200, 409, 409, 409]
    (mask,) = any_system.session.get(url, timeout=10).json()
    assert mask["revision"] == 9


def test_labels_made_at_once_get_numbers_of_their_own(any_system: System) -> None:
    any_system.start("web")
    any_system.login()
    url = any_system.url(f"projects/{any_system.project()['id']}/labels/")
    before = {label["category_id"] for label in any_system.session.get(url, timeout=10).json()}

    def create(number: int) -> int:
        return any_system.session.post(url, json={"name": f"label {number}"}, timeout=30).status_code

    with ThreadPoolExecutor(4) as people:
        assert set(people.map(create, range(24))) == {201}
    numbers = [label["category_id"] for label in any_system.session.get(url, timeout=10).json()]
    assert sorted(numbers) == sorted({*before, *range(max(before) + 1, max(before) + 25)})


def test_a_reader_of_the_feed_misses_nothing_while_four_people_write(any_system: System) -> None:
    """Numbers given out before their changes are committed would leave gaps that no later answer fills."""
    any_system.start("web")
    any_system.login()
    project = any_system.project()["id"]
    image = any_system.session.get(any_system.url(f"projects/{project}/images/"), timeout=10).json()[
        "results"
    ][0]
    label = any_system.session.get(any_system.url(f"projects/{project}/labels/"), timeout=10).json()[0]
    body = {
        "label": label["id"],
        "segmentation": encode_mask(np.eye(image["height"], image["width"], dtype=bool)),
        "prompts": {"points": [], "box": None, "candidate": 0},
        "stage": "assisted_manual",
    }
    url = any_system.url(f"images/{image['id']}/masks/")
    token = any_system.session.headers["Authorization"]

    def write(_: int) -> None:
        """Ten masks, every second one changed, every third one deleted."""
        with requests.Session() as session:
            session.headers["Authorization"] = token
            for number in range(10):
                sent = body | {"id": str(uuid.uuid4())}
                session.post(url, json=sent, timeout=30).raise_for_status()
                mask = any_system.url(f"masks/{sent['id']}/")
                if number % 2:
                    change = {"revision": 1, "seconds_spent": number}
                    session.patch(mask, json=change, timeout=30).raise_for_status()
                if number % 3 == 0:
                    session.delete(f"{mask}?revision={1 + number % 2}", timeout=30).raise_for_status()

    seen: dict[str, int] = {}
    cursor = any_system.session.get(f"{url}changes/", timeout=10).json()["cursor"]

    def read() -> None:
        nonlocal cursor
        answer = any_system.session.get(f"{url}changes/", params={"since": cursor}, timeout=30).json()
        assert answer["complete"] is False
        cursor = answer["cursor"]
        seen.update({mask["id"]: mask["revision"] for mask in answer["masks"]})
        for tombstone in answer["deleted"]:
            seen.pop(tombstone["id"], None)

    with ThreadPoolExecutor(4) as people:
        writing = [people.submit(write, person) for person in range(4)]
        while not all(task.done() for task in writing):
            read()
        for task in writing:
            task.result()
    read()
    stored = {mask["id"]: mask["revision"] for mask in any_system.session.get(url, timeout=10).json()}
    assert len(stored) == 24
    assert seen == stored
