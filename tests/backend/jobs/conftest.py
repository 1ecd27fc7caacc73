"""Jobs done here and now: claimed as a worker does, run, and noted."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.jobs import registry
from backend.jobs.claims import job_claim
from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.jobs.registry import JobKind, kind_add
from backend.jobs.running import job_run
from backend.projects import permissions
from backend.projects.models import Project

TEST_KIND = "test.steps"


def claim_one(worker: str = "w", lease_seconds: float = 60) -> JobContext | None:
    claim, job = job_claim(queue="default", worker=worker, lease_seconds=lease_seconds)
    return None if job is None else JobContext(job, claim)


def do_one(worker: str = "w") -> Job:
    """The job that waited longest, done."""
    context = claim_one(worker)
    assert context is not None
    job_run(context)()
    return Job.objects.get(pk=context.job.pk)


def start(client: APIClient, project: Project, kind: str = "export.coco", **params: Any) -> dict[str, Any]:
    body = {"id": str(uuid.uuid4()), "kind": kind, "params": params}
    answer = client.post(f"/api/v1/projects/{project.pk}/jobs/", body)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = json.loads(answer.content)
    return made


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes a kind of job of the test's own known, done by the function it is given; managers may start it."""

    def checked(project: Project, params: Mapping[str, Any]) -> dict[str, Any]:
        return dict(params)

    monkeypatch.setattr(registry, "_KINDS", dict(registry._KINDS))
    monkeypatch.setattr(registry, "_HANDLERS", dict(registry._HANDLERS))
    known = dict(permissions.JOB_KINDS) | {TEST_KIND: permissions.MANAGERS}
    monkeypatch.setattr(permissions, "JOB_KINDS", known)

    def make(handler: Callable[[JobContext], dict[str, Any]], **fields: Any) -> None:
        kind_add(JobKind(name=TEST_KIND, title="Steps", unit="steps", check=checked, **fields), handler)

    return make
