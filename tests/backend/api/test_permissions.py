"""The table of permissions against the server, cell by cell: real people, real requests."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from backend.comments.models import Comment
from backend.jobs.models import Job
from backend.launch.layout import ROOT
from backend.projects.access import API_ROOT, endpoint_of
from backend.projects.models import Membership, Project
from backend.projects.permissions import (
    FOR_PEOPLE,
    FOR_STRANGERS,
    PROJECT_RULES,
    Cell,
    Relation,
    matrix,
    may,
)
from backend.users.models import User
from backend.work.models import Status, WorkItem
from tests.backend.api.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Files that are not there in these tests, and settings that meet no state: the person was let in and told so.
_STATES = {
    404: ("image.no_preview",),
    409: (
        "embedding.not_ready",
        "fairness.nothing_accepted",
        "evaluation.nothing_accepted",
        "consensus.state",
        "quality_check.open",
        "ground_truth.not_accepted",
        "job.no_file",
        "training.too_few",
        "training.nothing_before",
    ),
}


def send(client: APIClient, world: World, cell: Cell, user: User) -> Any:
    variables = world.variables | ({"user_id": user.pk} if cell.relation == Relation.OWN else {})
    if "{user_id}" not in cell.endpoint and cell.relation != Relation.ANY:
        set_relation(world, cell, user)
    address = f"/{API_ROOT}" + cell.endpoint.format(**variables)
    body = world.bodies.get((cell.method, cell.endpoint))
    if cell.method == "DELETE" and body:
        address += "?" + "&".join(f"{name}={value}" for name, value in body.items())
        body = None
    for file in [*(body or {}).get("files", []), (body or {}).get("file")]:
        if file:
            file.seek(0)  # the role before has sent it too
    kind = "multipart" if body and {"file", "files"} & set(body) else "json"
    return getattr(client, cell.method.lower())(address, body, format=None if cell.method == "GET" else kind)


def set_relation(world: World, cell: Cell, user: User) -> None:
    """The image's work becomes what the cell is about, in a status from which the step can be taken; so does whose
    the comment and the job are."""
    Comment.objects.update(author=user.pk if cell.relation == Relation.OWN else world.variables["user_id"])
    Job.objects.update(created_by=user.pk if cell.relation == Relation.OWN else world.variables["user_id"])
    is_finished = cell.relation == Relation.LOCKED or cell.endpoint.endswith(
        ("accept/", "reject/", "withdraw/")
    )
    WorkItem.objects.filter(pk=world.image.pk).update(
        status=Status.SUBMITTED if is_finished else Status.IN_PROGRESS,
        assignee=user.pk if cell.relation == Relation.OWN else world.variables["user_id"],
    )


def refused_with(cell: Cell) -> str:
    """Whoever may do it on an image of their own is told that it is about this one."""
    if "{user_id}" in cell.endpoint or not may(cell.role, cell.method, cell.endpoint, Relation.OWN):
        return "project.role_forbids"
    if "{comment_id}" in cell.endpoint:
        return "comment.of_other"
    if "{job_id}" in cell.endpoint:
        return "job.of_other"
    codes = {Relation.OTHER: "image.assigned_to_other", Relation.LOCKED: "image.locked"}
    return codes.get(cell.relation, "project.role_forbids")


def code_of(answer: Any) -> str | None:
    return answer.json().get("code") if answer.headers.get("Content-Type") == "application/json" else None


def cells_by_kind() -> dict[str, list[Cell]]:
    """The table's cells by the kind of thing that they are about: a project's own endpoints by what follows its id."""
    found: dict[str, list[Cell]] = {}
    for cell in matrix():
        kind = cell.endpoint.removeprefix("projects/{project_id}/").partition("/")[0]
        found.setdefault(kind or "projects", []).append(cell)
    return found


@contextmanager
def undone() -> Iterator[None]:
    """What is done to the database in here is taken back: to make a world takes a hundred times as long as a cell."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("kind", cells_by_kind())
def test_the_server_does_what_the_table_says(
    kind: str, world: World, client_of: Callable[[User], APIClient], subtests: pytest.Subtests
) -> None:
    for cell in cells_by_kind()[kind]:
        row = f"{cell.method} {cell.endpoint} {cell.relation}"
        with subtests.test(row, role=cell.role), undone():
            judge(cell, world, client_of)


def judge(cell: Cell, world: World, client_of: Callable[[User], APIClient]) -> None:
    user = world.people[cell.role]
    answer = send(client_of(user), world, cell, user)
    if not cell.allowed:
        assert (answer.status_code, code_of(answer)) == (403, refused_with(cell))
        return
    if answer.status_code in _STATES:
        assert code_of(answer) in _STATES[answer.status_code]
    else:
        assert 200 <= answer.status_code < 300, answer.content


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every route below the API's root as the table writes it, and its view's class."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif isinstance(pattern, URLPattern) and route.startswith(API_ROOT):
            yield endpoint_of(route), pattern.callback.view_class  # type: ignore[attr-defined]


def test_the_table_has_every_endpoint_and_method_there_is_and_no_other() -> None:
    served = {
        (endpoint, method)
        for endpoint, view in routes()
        for method in METHODS
        if hasattr(view, method.lower())
    }
    listed = [
        (endpoint, method)
        for table in (PROJECT_RULES, FOR_PEOPLE, FOR_STRANGERS)
        for endpoint, methods in table.items()
        for method in methods
    ]
    assert len(listed) == len(set(listed)), "nothing stands in two tables"
    assert set(listed) == served


def test_an_endpoint_the_table_does_not_know_is_shut(
    api: APIClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = dict(PROJECT_RULES)
    del known["projects/{project_id}/labels/"]
    monkeypatch.setattr("backend.projects.access.PROJECT_RULES", known)
    answer = api.get(f"/api/v1/projects/{project.pk}/labels/")
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.forbidden")


def test_what_is_somebody_elses_work_is_said_before_what_a_role_allows(
    world: World, stranger: APIClient
) -> None:
    """Unsent work in a browser where somebody else logged in must be kept, not taken for work on what is gone."""
    answer = stranger.delete(
        f"/api/v1/masks/{world.mask.pk}/?revision=1",
        headers={"X-As-User": str(world.people[Membership.Role.OWNER].pk)},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.other_user")


def test_the_matrix_is_printed_and_the_documents_show_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("permission_matrix", "--json")
    cells = json.loads(capsys.readouterr().out)
    assert len(cells) == len(list(matrix()))
    assert {
        "role": "viewer",
        "method": "DELETE",
        "endpoint": "projects/{project_id}/",
        "relation": "any",
        "allowed": False,
    } in cells
    call_command("permission_matrix")
    shown = (ROOT / "ARCHITECTURE.md").read_text().partition("<!-- permission_matrix -->\n")[2]
    assert shown.partition("<!-- /permission_matrix -->")[0] == capsys.readouterr().out


def test_a_project_tells_what_ones_role_may_change(
    world: World, client_of: Callable[[User], APIClient]
) -> None:
    for role, user in world.people.items():
        allowed = client_of(user).get(f"/api/v1/projects/{world.project.pk}/").json()["allowed"]
        assert ("POST images/{image_id}/masks/ own" in allowed) == (role != "viewer")
        assert ("POST images/{image_id}/masks/ other" in allowed) == (
            role in ("owner", "manager", "reviewer")
        )
        assert ("DELETE projects/{project_id}/" in allowed) == (role == "owner")
