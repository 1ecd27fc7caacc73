"""Every route of the schema, asked by somebody who is not a member and by somebody who is not logged in."""

import uuid
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from backend.comments.services import thread_create
from backend.images.models import Image
from backend.projects.invitations import invitation_create
from backend.projects.models import Membership, Project
from backend.users.models import ApiToken, User
from backend.users.tokens import token_create
from tests.backend.api.things import things_make
from tests.builders import make_image, make_mask_body

VIEWER = Membership.Role.VIEWER
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
def ids(api: APIClient, project: Project, owner: User) -> dict[str, Any]:
    image: Image = make_image(project)
    label = project.labels.get()
    mask = api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, label.pk)).json()
    thread_id = uuid.uuid4()
    thread_create(image=image, author=owner, thread_id=thread_id, x=3, y=4, text="Look here")
    return {
        "project_id": project.pk,
        "image_id": image.pk,
        "label_id": label.pk,
        "mask_id": mask["id"],
        "revision": 1,
        "name": project.model.name,
        "version": project.model.version,
        "window": "4-4-20-20",
        "thread_id": thread_id,
        "comment_id": thread_id,
        "user_id": owner.pk,
        "invitation_id": invitation_create(project=project, creator=owner, role=VIEWER, days=1)[0].pk,
        **things_make(project=project, owner=owner),
        "token_id": token_create(user=owner, name="x", scope=ApiToken.Scope.READ, days=1)[0].pk,
    }


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
