"""What machines ask that watch this one: readiness, metrics, and lines of the log that belong together."""

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from backend.common.log_lines import JsonFormatter
from backend.common.request_ids import RequestIdFilter, RequestIdMiddleware
from backend.launch.layout import ROOT
from backend.projects.models import Project
from tests.builders import make_image

TOKEN = {"headers": {"authorization": "Bearer of the keys"}}


@pytest.fixture
def watched(settings: Settings) -> None:
    settings.METRICS_TOKEN = "of the keys"
    settings.MIDDLEWARE = ["backend.operations.metrics.RequestMetricsMiddleware", *settings.MIDDLEWARE]


def value(text: str, line: str) -> float:
    [found] = re.findall(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)
    return float(found)


def test_readiness_names_its_parts(db: None, files: Path) -> None:
    answer = Client().get("/readyz")
    parts = {"database": "ok", "storage": "ok", "broker": "ok"}
    assert (answer.status_code, answer.json()) == (200, parts)
    assert not [path for path in files.rglob("*") if path.is_file()]


def test_readiness_is_503_where_a_part_is_away_and_keeps_why_to_itself(
    db: None, files: Path, settings: Settings
) -> None:
    settings.CELERY_BROKER_URL = "redis://:secret@127.0.0.1:1/0"
    answer = Client().get("/readyz")
    parts = {"database": "ok", "storage": "ok", "broker": "failed"}
    assert (answer.status_code, answer.json()) == (503, parts)


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer of the key", "Bearer of the keys ", "Token of the keys"]
)
def test_metrics_are_not_there_for_who_has_no_token(watched: None, db: None, given: str) -> None:
    assert Client().get("/metrics", headers={"authorization": given}).status_code == 404


def test_metrics_are_not_there_where_no_token_is_set(db: None) -> None:
    assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_metrics_tell_of_queues_and_requests(watched: None, project: Project) -> None:
    for seed in range(2):
        make_image(project, seed=seed, name=f"{seed}.png")
    route = 'anymask_request_seconds_count{method="GET",route="healthz",status="200"}'
    Client().get("/healthz")
    before = value(Client().get("/metrics", **TOKEN).content.decode(), route)
    Client().get("/healthz")
    Client().get("/api/v1/images/123/")
    answer = Client().get("/metrics", **TOKEN)
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert value(text, route) == before + 1
    assert 'route="api/v1/images/<int:image_id>/",status="401"' in text
    assert "123" not in "".join(re.findall(r'route="[^"]*"', text))
    assert value(text, 'anymask_queue_waiting{kind="",queue="embeddings"}') == 2
    assert value(text, 'anymask_queue_oldest_seconds{kind="",queue="embeddings"}') > 0
    assert value(text, 'anymask_queue_waiting{kind="export",queue="jobs"}') == 0
    assert value(text, 'anymask_queue_waiting{kind="",queue="webhooks"}') == 0


def test_processes_answer_for_each_other(tmp_path: Path) -> None:
    """Two processes count in one folder; a third tells the sum."""
    code = """
import sys, django
django.setup()
from django.test import RequestFactory
from django.http import HttpResponse
from backend.operations import metrics
for _ in range(int(sys.argv[1])):
    metrics.RequestMetricsMiddleware(lambda request: HttpResponse())(RequestFactory().get("/nowhere"))
if sys.argv[1] == "0":
    print(metrics.requests_text().decode())
"""
    environment = os.environ | {
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
        "METRICS_TOKEN": "x",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }
    for count in ("2", "3", "0"):
        text = subprocess.run(
            [sys.executable, "-c", code, count],
            cwd=ROOT,
            env=environment,
            text=True,
            capture_output=True,
            check=True,
        ).stdout
    assert value(text, 'anymask_request_seconds_count{method="GET",route="none",status="200"}') == 5


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("0123456789abcdef", True),
        ("", False),
        ("short", False),
        ("x" * 200, False),
        ("two\nlines of it", False),
    ],
)
def test_a_request_has_the_id_it_came_with_or_one_of_ours(db: None, given: str, is_taken: bool) -> None:
    answer = Client().get("/healthz", HTTP_X_REQUEST_ID=given)
    assert (answer["X-Request-ID"] == given) == is_taken
    assert re.fullmatch(r"[0-9a-f]{16,32}", answer["X-Request-ID"])


def test_lines_of_a_request_carry_its_id(rf: Any) -> None:
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, logger = Lines(), logging.getLogger("anymask.test")
    handler.addFilter(RequestIdFilter())
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)

    def view(request: Any) -> dict[str, str]:
        try:
            raise ValueError("no")
        except ValueError:
            logger.exception("said id=%s", 7)
        return {}

    try:
        RequestIdMiddleware(view)(rf.get("/", HTTP_X_REQUEST_ID="0123456789"))  # type: ignore[arg-type]
        logger.warning("after")
    finally:
        logger.removeHandler(handler)
    during, after = map(json.loads, lines)
    assert during["request_id"] == "0123456789"
    assert (during["level"], during["logger"], during["message"]) == ("ERROR", "anymask.test", "said id=7")
    assert "ValueError: no" in during["traceback"]
    assert after["message"] == "after"
    assert "request_id" not in after
