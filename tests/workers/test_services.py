"""The core flow over HTTP with real servers: upload, queue, worker process, embedding, mask, export."""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from tests.builders import encode_mask, make_file, make_pixels
from tests.deployment import Deployment, postgresql_deployment, wait_until
from tests.services import POSTGRES, RABBITMQ, REDIS, fresh_database, require, s3_server

pytestmark = pytest.mark.services


@pytest.fixture(params=["redis", "rabbitmq", "redis and s3"])
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """PostgreSQL and a broker each; the last one keeps its files in a bucket. Web, worker and clock run."""
    broker = RABBITMQ if request.param == "rabbitmq" else REDIS
    for url in (POSTGRES, broker):
        require(url)
    with ExitStack() as stack:
        if "s3" in request.param:
            endpoint = stack.enter_context(s3_server())
            keys = "access_key=test&secret_key=test&region_name=us-east-1"
            storage = f"s3://photos/team?endpoint_url={endpoint}&{keys}"
            database = stack.enter_context(fresh_database())
            made = Deployment(tmp_path, DATABASE_URL=database, CELERY_BROKER_URL=broker, STORAGE_URL=storage)
            made.prepare()
            made.manage("demo_create")
        else:
            made = stack.enter_context(postgresql_deployment(tmp_path / "data", CELERY_BROKER_URL=broker))
        stack.callback(made.stop)
        made.start_worker()
        made.start_clock()
        made.start_web()
        yield made


def test_from_a_photograph_to_an_export(deployment: Deployment, tmp_path: Path) -> None:
    api = f"{deployment.url}/api/v1"
    script = requests.Session()
    token = script.post(f"{api}/auth/token/", json={"username": "demo", "password": "demo"}).json()["token"]
    script.headers["Authorization"] = f"Token {token}"
    project: dict[str, Any] = script.post(f"{api}/projects/", json={"name": "Mine"}).json()

    picture = make_file(make_pixels(120, 80), "JPEG")
    answer = script.post(
        f"{api}/projects/{project['id']}/images/", files={"files": ("a.jpg", io.BytesIO(picture))}
    )
    assert answer.status_code == 201, answer.text
    image = answer.json()["created"][0]
    assert script.get(f"{deployment.url}{image['file_url']}").content == picture

    def is_ready() -> bool:
        return bool(script.get(f"{api}/images/{image['id']}/").json()["embedding"]["state"] == "ready")

    wait_until(is_ready, "the embedding is ready", 90, lambda: deployment.log("worker"))
    embedding_url = script.get(f"{api}/images/{image['id']}/").json()["embedding_url"]
    embedding = script.get(f"{deployment.url}{embedding_url}")
    shape = project["model"]["manifest"]["embedding_shape"]
    values = np.frombuffer(embedding.content, "<f2").reshape(shape)
    assert np.isfinite(values).all()
    assert values.std() > 0
    part = script.get(f"{deployment.url}{embedding_url}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, embedding.content[10:20])

    pixels = np.zeros((80, 120), bool)
    pixels[10:40, 20:70] = True
    label = script.get(f"{api}/projects/{project['id']}/labels/").json()[0]
    mask = {
        "id": "8d8ac610-566d-4ef0-9c22-186b2a5ed793",
        "label": label["id"],
        "segmentation": encode_mask(pixels),
        "prompts": {"points": [[40, 20, 1]], "box": None, "candidate": 1},
        "stage": "assisted_manual",
    }
    saved = script.post(f"{api}/images/{image['id']}/masks/", json=mask)
    assert saved.status_code == 201, saved.text
    exported = json.loads(script.get(f"{api}/projects/{project['id']}/export/coco/").content)
    assert exported["annotations"][0]["segmentation"] == mask["segmentation"]
    assert exported["annotations"][0]["area"] == 30 * 50
    deployment.wait_for_states("ready")
