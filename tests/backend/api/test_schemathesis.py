"""Requests made up from the schema, by somebody logged in: whatever they are, no answer is a 5xx."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from backend.annotations.services import mask_create, mask_update
from backend.comments.services import thread_create
from backend.config.wsgi import application
from backend.projects.invitations import invitation_create
from backend.projects.members import membership_set
from backend.projects.models import Membership
from backend.users.models import ApiToken
from backend.users.tokens import token_create, token_create_for_script
from tests.backend.api.things import things_make
from tests.builders import make_mask_body

schema = schemathesis.openapi.from_wsgi("/api/schema?format=json", application)


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """The end of a request would close the connection and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def ids(
    owner: Any, project: Any, image: Any, model_version: Any, make_user: Callable[[str], Any]
) -> dict[str, object]:
    """A project with one of everything: made-up ids would meet nothing but 404."""
    label = project.labels.get()
    body = make_mask_body(image, label.pk)
    mask_id = uuid.UUID(body.pop("id"))
    mask, _ = mask_create(image=image, author=owner, mask_id=mask_id, label_id=body.pop("label"), **body)
    mask_update(mask=mask, editor=owner, revision=1, changes={"z": 1})
    thread_id = uuid.uuid4()
    thread_create(image=image, author=owner, thread_id=thread_id, x=3, y=4, text="Look here")
    bystander = make_user("bystander")
    membership_set(project=project, user=bystander, role=Membership.Role.VIEWER)
    invitation, _ = invitation_create(project=project, creator=owner, role=Membership.Role.VIEWER, days=1)
    return {
        "project_id": project.pk,
        "image_id": image.pk,
        "label_id": label.pk,
        "mask_id": str(mask_id),
        "revision": 1,
        "name": model_version.name,
        "version": model_version.version,
        "window": "4-4-20-20",
        "thread_id": str(thread_id),
        "comment_id": str(thread_id),
        "user_id": bystander.pk,
        "invitation_id": invitation.pk,
        **things_make(project=project, owner=owner),
        "token_id": token_create(user=owner, name="x", scope=ApiToken.Scope.READ, days=1)[0].pk,
    }


@schema.parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_made_up_request_is_a_5xx(case: schemathesis.Case, ids: dict[str, object], owner: Any) -> None:
    case.path_parameters = {name: ids[name] for name in case.path_parameters}
    token = token_create_for_script(user=owner)
    case.call_and_validate(headers={"Authorization": f"Token {token}"}, checks=[not_a_server_error])
