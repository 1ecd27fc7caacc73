"""Every address with an id in it, by every method, asked by everybody who has no business there."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from backend.projects.access import API_ROOT
from backend.projects.models import Membership, Project
from backend.projects.permissions import FOR_PEOPLE, Cell, Relation
from backend.users.models import ApiToken, User
from backend.users.tokens import token_create
from tests.backend.api.test_permissions import METHODS, code_of, send
from tests.backend.api.world import World
from tests.backend.security.outsiders import other_project_make, outsiders_make, state_digest

SCHEMA: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
ENDPOINTS: Final = {
    path.removeprefix(f"/{API_ROOT}"): {method.upper() for method in operations}
    for path, operations in SCHEMA["paths"].items()
    if "{" in path
}
# Of everybody who is logged in: models are an installation's, not a project's.
SHARED: Final = {endpoint for endpoint in FOR_PEOPLE if endpoint.startswith("models/")}


def expected_of(who: str, endpoint: str, method: str) -> set[int]:
    """Statuses of refusals; a method that nobody may use may be said to be none, of whatever is there or not."""
    if who == "nobody":
        return {401}
    if who == "read token" and method not in ("GET", "HEAD", "OPTIONS"):
        return {403}
    if who.endswith("token") and endpoint.startswith("auth/tokens/") and method in ENDPOINTS[endpoint]:
        return {403}
    return {404} if method in ENDPOINTS[endpoint] else {405}


def test_the_schema_has_addresses_with_ids() -> None:
    assert len(ENDPOINTS) >= 100
    assert all(set(methods) <= set(METHODS) for methods in ENDPOINTS.values())


def test_nobody_reaches_an_object_of_a_project_they_are_not_in(
    world: World, make_user: Callable[[str], User], make_project: Callable[..., Project], files: Path
) -> None:
    other = other_project_make(make_user, make_project)
    victim = world.people[Membership.Role.OWNER]
    token, _ = token_create(user=victim, name="x", scope=ApiToken.Scope.READ, days=1)
    model = world.project.model
    world.variables.update(name=model.name, version=model.version, token_id=token.pk)
    counts: Counter[str] = Counter()
    wrong = []
    for who, client in outsiders_make(other, make_user).items():
        before = state_digest(files)
        for endpoint in sorted(set(ENDPOINTS) - SHARED):
            for method in METHODS:
                answer = ask(client, world, method, endpoint, victim)
                counts[f"{who} {answer.status_code}"] += 1
                expected = expected_of(who, endpoint, method)
                if answer.status_code not in expected or not code_of(answer):
                    wrong.append((who, method, endpoint, answer.status_code, answer.content[:200]))
        assert state_digest(files) == before, f"{who} changed something"
    for line, count in sorted(counts.items()):
        print(f"\n{line}: {count}", end="")
    print(f"\n{counts.total()} requests to {len(ENDPOINTS) - len(SHARED)} addresses")
    assert not wrong, wrong
    # What was refused is there for who may have it.
    assert ask(_logged_in(victim), world, "GET", "projects/{project_id}/", victim).status_code == 200


def ask(client: APIClient, world: World, method: str, endpoint: str, victim: User) -> Any:
    """What a member would send, from somebody who is none."""
    cell = Cell(Membership.Role.OWNER, method, endpoint, Relation.ANY, True)
    return send(client, world, cell, victim)


def _logged_in(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client
