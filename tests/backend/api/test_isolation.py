"""Every route of the schema, asked by somebody who is not a member and by somebody who is not logged in."""

import uuid
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from backend.users.models import ApiToken, User
from backend.users.tokens import token_create
from tests.backend.api.world import World

SCHEMA: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
OPEN = {
    "/api/v1/auth/login/",
    "/api/v1/auth/options/",
    "/api/v1/auth/password-reset/",
    "/api/v1/auth/password-reset/confirm/",
    "/api/v1/auth/token/",
}
ROUTES = [
    (method, path)
    for path, operations in SCHEMA["paths"].items()
    for method in operations
    if path.startswith("/api/v1/") and path not in OPEN
]
OF_A_PROJECT = [(method, path) for method, path in ROUTES if "_id}" in path]


@pytest.fixture
def ids(world: World, owner: User) -> dict[str, Any]:
    token, _ = token_create(user=owner, name="x", scope=ApiToken.Scope.READ, days=1)
    model = world.project.model
    return {**world.variables, "name": model.name, "version": model.version, "token_id": token.pk}


def test_the_schema_has_routes_of_every_kind() -> None:
    assert len(OF_A_PROJECT) >= 20


@pytest.mark.parametrize(("method", "path"), OF_A_PROJECT)
def test_what_belongs_to_a_project_does_not_exist_for_others(
    stranger: APIClient, ids: dict[str, Any], method: str, path: str
) -> None:
    answer = getattr(stranger, method)(path.format(**ids))
    assert answer.status_code == 404
    assert answer.json()["code"].endswith("not_found")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_everything_asks_who_one_is(ids: dict[str, Any], method: str, path: str) -> None:
    answer = getattr(APIClient(), method)(path.format(**ids))
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.not_authenticated")
    assert set(answer.json()) == {"code", "message", "extra"}


@pytest.mark.parametrize(("method", "path"), OF_A_PROJECT)
def test_absurd_ids_are_404_not_a_crash(api: APIClient, ids: dict[str, Any], method: str, path: str) -> None:
    absurd = dict.fromkeys(ids, 10**30) | dict.fromkeys(
        ("mask_id", "thread_id", "comment_id", "job_id"), uuid.UUID(int=0)
    )
    assert getattr(api, method)(path.format(**absurd)).status_code == 404
