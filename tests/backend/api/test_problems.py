"""Refusals as RFC 9457 has them, for who asks; and the list of all codes."""

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from backend.api.codes import error_codes
from backend.launch.layout import ROOT
from backend.projects.models import Project
from tests.builders import make_image, make_mask_body

PROBLEM = "application/problem+json"
KNOWN = {one.code: one for one in error_codes()}


@pytest.mark.parametrize("accept", [PROBLEM, f"application/json, {PROBLEM};q=0.9", f"{PROBLEM}, */*"])
def test_a_refusal_becomes_a_problem_for_who_takes_one(api: APIClient, accept: str) -> None:
    plain = api.get("/api/v1/projects/9999/")
    answer = api.get("/api/v1/projects/9999/", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert answer.json() == {
        "type": "/api/errors#project.not_found",
        "title": "Not Found",
        "status": 404,
        "detail": plain.json()["message"],
        "instance": "/api/v1/projects/9999/",
        **plain.json(),
    }
    assert plain["Content-Type"] == "application/json"


def test_who_takes_problems_gets_everything_else_as_it_is(api: APIClient, project: Project) -> None:
    answer = api.get(f"/api/v1/projects/{project.pk}/", headers={"Accept": PROBLEM})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json()["id"] == project.pk


def test_problems_come_from_every_part_of_the_server(api: APIClient, project: Project, settings: Any) -> None:
    image = make_image(project)
    body = make_mask_body(image, project.labels.get().pk)
    api.post(f"/api/v1/images/{image.pk}/masks/", body)
    asks = {"Accept": PROBLEM}
    stale = api.patch(f"/api/v1/masks/{body['id']}/", {"revision": 9}, headers=asks).json()
    assert (stale["code"], stale["status"]) == ("mask.stale_revision", 409)
    assert stale["extra"]["current"]["id"] == body["id"]
    assert api.get("/api/nothing", headers=asks).json()["code"] == "not_found"
    assert APIClient().get("/api/v1/projects/", headers=asks).json()["code"] == "auth.not_authenticated"
    unsupported = api.post("/api/v1/auth/logout/", headers=asks | {"Idempotency-Key": "x"})
    assert unsupported.json()["code"] == "idempotency.unsupported"
    settings.MAX_REQUEST_BYTES = 10
    large = api.post("/api/v1/projects/", {"name": "x" * 50}, headers=asks)
    assert (large["Content-Type"], large.json()["code"]) == (PROBLEM, "request.too_large")


def test_the_type_leads_to_the_code(api: APIClient) -> None:
    problem = api.get("/api/v1/projects/9999/", headers={"Accept": PROBLEM}).json()
    address, _, anchor = problem["type"].partition("#")
    page = Client().get(address)
    assert page.status_code == 200
    assert f'id="{anchor}"' in page.content.decode()


def test_codes_are_printed_and_the_documents_show_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("error_codes", "--json")
    assert {one["code"] for one in json.loads(capsys.readouterr().out)} == set(KNOWN)
    call_command("error_codes")
    shown = (ROOT / "ERRORS.md").read_text().partition("<!-- error_codes -->\n")[2]
    assert shown.partition("<!-- /error_codes -->")[0] == capsys.readouterr().out


def test_every_code_that_a_test_meets_is_in_the_list() -> None:
    met = set()
    for path in (ROOT / "tests" / "backend").rglob("test_*.py"):
        for line in path.read_text().splitlines():
            if "status_code" in line or '["code"]' in line:
                met |= set(re.findall(r'"([a-z_]+\.[a-z_]+)"', line))
    assert len(met) > 60
    nouns = {code.partition(".")[0] for code in KNOWN}
    # What an import says of single rows is no refusal.
    told_in_rows = {"import.attributes_lost", "import.picture_missing"}
    assert sorted(code for code in met - set(KNOWN) - told_in_rows if code.partition(".")[0] in nouns) == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("auth.not_authenticated", 401),
        ("auth.csrf_failed", 403),
        ("image.assigned_to_other", 403),
        ("mask.not_found", 404),
        ("mask.stale_revision", 409),
        ("precondition.failed", 412),
        ("request.too_large", 413),
        ("idempotency.reused", 422),
        ("throttled", 429),
        ("storage.full", 507),
        ("webhook.scheme", 400),
        ("comment.of_other", 403),
    ],
)
def test_a_code_is_known_with_its_status_and_sentence(code: str, status: int) -> None:
    assert status in KNOWN[code].statuses
    assert KNOWN[code].messages
