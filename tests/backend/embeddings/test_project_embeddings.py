"""The embeddings of a project as one piece of work: watched, stopped, started again."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.embeddings.models import Embedding
from backend.embeddings.services import embedding_claim_batch, embedding_fail
from backend.projects.models import Project
from backend.projects.services import project_update
from backend.users.models import User
from tests.builders import make_image


@pytest.fixture
def url(project: Project) -> str:
    for seed in range(4):
        make_image(project, seed=seed, name=f"{seed}.png")
    return f"/api/v1/projects/{project.pk}/embeddings/"


def fail_one(code: str = "embedding.image_missing") -> Embedding:
    claim, (row,) = embedding_claim_batch(limit=1, lease_seconds=60)
    embedding_fail(embedding=row, claim=claim, code=code, message="It is gone.", is_permanent=True)
    return row


def counts(body: dict[str, Any]) -> tuple[int, ...]:
    return tuple(body[name] for name in ("queued", "running", "ready", "failed", "cancelled"))


def test_progress_and_failures_by_file(api: APIClient, url: str, django_assert_num_queries: Any) -> None:
    fail_one()
    embedding_claim_batch(limit=1, lease_seconds=60)
    with django_assert_num_queries(10):
        body = api.get(url).json()
    assert counts(body) == (2, 1, 0, 1, 0)
    assert body["eta_seconds"] is None
    (failure,) = body["failures"]
    assert (failure["file_name"], failure["error_code"]) == ("0.png", "embedding.image_missing")
    assert failure["error_message"] == "It is gone."


def test_cancelling_leaves_what_runs_and_what_another_project_needs(
    api: APIClient, url: str, owner: User, make_project: Callable[..., Project], project: Project
) -> None:
    embedding_claim_batch(limit=1, lease_seconds=60)
    make_image(make_project(owner, "Dogs"), seed=1)
    body = api.post(f"{url}cancel/").json()
    assert counts(body) == (1, 1, 0, 0, 2)
    assert body["failures"] == []
    assert Embedding.objects.filter(error_code="embedding.cancelled", state="failed").count() == 2
    # What comes later is not affected.
    make_image(project, seed=9, name="later.png")
    assert counts(api.get(url).json()) == (2, 1, 0, 0, 2)


def test_trying_again_takes_the_failed_and_the_cancelled(api: APIClient, url: str) -> None:
    fail_one()
    api.post(f"{url}cancel/")
    body = api.post(f"{url}retry/").json()
    assert counts(body) == (4, 0, 0, 0, 0)
    assert set(Embedding.objects.values_list("attempts", "error_code")) == {(0, "")}


def test_a_cancelled_picture_that_another_project_gets_is_queued_again(
    api: APIClient, url: str, owner: User, make_project: Callable[..., Project]
) -> None:
    fail_one()
    api.post(f"{url}cancel/")
    dogs = make_project(owner, "Dogs")
    again = make_image(dogs, seed=3)
    failed = make_image(dogs, seed=0)
    assert again.embedding.state == "queued"
    failed.refresh_from_db()
    assert failed.embedding.state == "failed", "that one failed for a reason"
    assert counts(api.get(url).json()) == (1, 0, 0, 1, 2)


def test_another_model_asked_for_again_takes_up_what_was_cancelled(
    api: APIClient, url: str, project: Project, other_model: Any, model_version: Any, owner: User
) -> None:
    api.post(f"{url}cancel/")
    for model in (other_model, model_version):
        project_update(project=project, changes={"model": model}, actor=owner)
    assert counts(api.get(url).json()) == (4, 0, 0, 0, 0)
