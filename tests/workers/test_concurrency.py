"""Several processes on one table: no row claimed twice, no update lost. On SQLite and on PostgreSQL."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import requests
from tests.builders import encode_mask
from tests.deployment import ROOT, Deployment, embedded_deployment, postgresql_deployment
from tests.services import POSTGRES, require

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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            made = embedded_deployment(tmp_path / "data")
        else:
            require(POSTGRES)
            made = stack.enter_context(postgresql_deployment(tmp_path / "data"))
        stack.callback(made.stop)
        yield made


def test_three_workers_share_the_rows_and_none_is_claimed_twice(deployment: Deployment) -> None:
    deployment.manage("shell", "-c", MAKE_ROWS)
    settings = {"DJANGO_SETTINGS_MODULE": "backend.config.settings.development"}
    start = str(time.time() + 8)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM_ALL, start],
            cwd=ROOT,
            env=deployment.environment | settings,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    claimed = [[int(line) for line in worker.communicate(timeout=60)[0].split()] for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    together = sorted(pk for part in claimed for pk in part)
    assert len(together) == len(set(together))
    assert together == sorted(pk for (pk,) in deployment.query("SELECT id FROM embeddings_embedding"))
    assert {attempts for _, attempts in deployment.embeddings()} == {1}


def test_of_two_people_changing_one_mask_one_wins(deployment: Deployment) -> None:
    deployment.start_web()
    api = f"{deployment.url}/api/v1"
    token = requests.post(f"{api}/auth/token/", json={"username": "demo", "password": "demo"}).json()["token"]
    headers = {"Authorization": f"Token {token}"}
    (project,) = requests.get(f"{api}/projects/", headers=headers).json()["results"]
    image = requests.get(f"{api}/projects/{project['id']}/images/", headers=headers).json()["results"][0]
    label = requests.get(f"{api}/projects/{project['id']}/labels/", headers=headers).json()[0]
    body = {
        "id": "8d8ac610-566d-4ef0-9c22-186b2a5ed793",
        "label": label["id"],
        "segmentation": encode_mask(np.eye(image["height"], image["width"], dtype=bool)),
        "prompts": {"points": [], "box": None, "candidate": 0},
        "stage": "assisted_manual",
    }
    url = f"{api}/images/{image['id']}/masks/"

    def create(_: int) -> int:
        return requests.post(url, json=body, headers=headers).status_code

    def change(revision: int) -> int:
        sent = {"revision": revision, "seconds_spent": 1}
        return requests.patch(f"{api}/masks/{body['id']}/", json=sent, headers=headers).status_code

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(create, range(4))) == [200, 200, 200, 201]
        for revision in range(1, 9):
            assert sorted(people.map(change, [revision] * 4)) == [200, 409, 409, 409]
    (mask,) = requests.get(url, headers=headers).json()
    assert mask["revision"] == 9
