"""The schema tells the truth: to requests in order and to requests made up from it, by everybody there is, come answers
it tells of.

`SCHEMATHESIS_EXAMPLES=200 pytest tests/backend/api/test_schemathesis.py` makes up so many at random for every operation,
and all that its limits suggest; the ordinary run a few, always the same. Each is sent by every asker.
"""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.test import override_settings
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from backend.config.storages import storage_entry
from backend.config.wsgi import application
from backend.embeddings.registration import (
    manifests_find,
    model_version_make_default,
    model_version_register,
)
from backend.launch.layout import ROOT
from backend.projects.invitations import invitation_create
from backend.projects.models import Membership
from backend.projects.services import project_create
from backend.users.models import ApiToken, User
from backend.users.services import user_create
from backend.users.tokens import token_create
from tests.backend.api.askers import NAMES, Asker, askers_make
from tests.backend.api.conversation import Conversation, Key
from tests.backend.api.world import World, world_make
from tests.case_counts import PROPERTY

OWNER: Final = "ada"
PASSWORD: Final = "secret-of-test"
NEW_PASSWORD: Final = "Heliotrope-7261"
EXAMPLES: Final = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
# Of what the world has none: small images without embeddings, that nobody submitted; rounds and jobs just begun; accepted
# masks to train on, models of before.
STATES: Final = {
    "GET /api/v1/images/{image_id}/preview/": 404,
    "GET /api/v1/images/{image_id}/embedding/": 409,
    "GET /api/v1/images/{image_id}/crops/{window}/embedding/": 409,
    "GET /api/v1/jobs/{job_id}/file/": 409,
    "POST /api/v1/consensus-images/{consensus_image_id}/reopen/": 409,
    "POST /api/v1/consensus-images/{consensus_image_id}/resolve/": 409,
    "POST /api/v1/images/{image_id}/decode/": 409,
    "POST /api/v1/images/{image_id}/ground-truth/": 409,
    "POST /api/v1/images/{image_id}/words/": 409,
    "POST /api/v1/images/{image_id}/work/accept/": 409,
    "POST /api/v1/images/{image_id}/work/reject/": 409,
    "POST /api/v1/images/{image_id}/work/withdraw/": 409,
    "POST /api/v1/projects/{project_id}/model/roll-back/": 409,
    "POST /api/v1/projects/{project_id}/training-runs/": 409,
    "POST /api/v1/quality-checks/{check_id}/apply/": 409,
}

pytestmark = pytest.mark.django_db

# A contract test says that it is what the code would write.
schema = schemathesis.openapi.from_path(ROOT / "schema.yml")
schema.app = application
schema.config.generation.with_security_parameters = False
schema.config.phases.update(
    phases=["examples", "fuzzing", "coverage"] if EXAMPLES else ["examples", "fuzzing"]
)


@pytest.fixture(autouse=True)
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up names of hosts are asked of nobody."""
    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        return real(host, *args, **options | {"flags": socket.AI_NUMERICHOST})

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.fixture(scope="module")
def world(
    django_db_setup: None,
    django_db_blocker: Any,
    tiny_artifacts: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """Made once: whatever a request changes is taken back."""
    folder = tmp_path_factory.mktemp("files")
    storages = settings.STORAGES | {"default": storage_entry(str(folder), folder)}
    with (
        django_db_blocker.unblock(),
        override_settings(STORAGES=storages, MODELS_DIR=tiny_artifacts, HAS_EMAIL=True),
        transaction.atomic(),
    ):
        version, _ = model_version_register(manifest_path=manifests_find(models_dir=tiny_artifacts)[0])
        model_version_make_default(model_version=version)
        owner = person_make(OWNER)
        yield world_make(project_create(owner=owner, name="Cats"), owner, person_make)
        transaction.set_rollback(True)


def person_make(username: str) -> User:
    return user_create(username=username, password=PASSWORD)


@pytest.fixture(scope="module")
def askers(world: World) -> dict[str, Asker]:
    return {asker.name: asker for asker in askers_make(world, person_make)}


@pytest.fixture(scope="module")
def conversation(world: World, askers: dict[str, Asker]) -> Conversation:
    # After everybody logged in: a password's reset holds until its person does.
    owner = world.people[Membership.Role.OWNER]
    variables = {
        "name": world.project.model.name,
        "version": world.project.model.version,
        "token_id": token_create(user=owner, name="x", scope=ApiToken.Scope.READ, days=1)[0].pk,
    }
    return Conversation(world, variables, bodies_of_no_project(world, owner))


@pytest.fixture(autouse=True)
def counted(conversation: Conversation, record_property: Callable[[str, object], None]) -> Iterator[None]:
    conversation.counts.clear()
    yield
    record_property(PROPERTY, dict(conversation.counts))


def bodies_of_no_project(world: World, owner: User) -> dict[Key, Any]:
    credentials = {"username": owner.username, "password": PASSWORD}
    _, secret = invitation_create(project=world.project, creator=owner, role=Membership.Role.VIEWER, days=1)
    return {
        ("POST", "auth/login/"): credentials,
        ("POST", "auth/token/"): credentials,
        ("POST", "auth/tokens/"): {"name": "script", "scope": "read", "days": 7},
        ("POST", "auth/password/"): {"old_password": PASSWORD, "new_password": NEW_PASSWORD},
        ("POST", "auth/password-reset/"): {"email": "ada@example.org"},
        ("POST", "auth/password-reset/confirm/"): {
            "uid": urlsafe_base64_encode(force_bytes(owner.pk)),
            "token": default_token_generator.make_token(owner),
            "new_password": NEW_PASSWORD,
        },
        ("POST", "projects/"): {"name": "Dogs"},
        ("POST", "invitations/accept/"): {"secret": secret},
        ("POST", "notifications/read/"): {"all": True},
    }


@pytest.mark.parametrize("name", NAMES)
def test_requests_in_order_are_answered_as_the_schema_says(
    name: str, askers: dict[str, Asker], conversation: Conversation
) -> None:
    refused = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        answer = conversation.send(conversation.case_in_order(operation), askers[name])
        if not 200 <= answer.status_code < 300:
            refused[operation.label] = answer.status_code
    if name == Membership.Role.OWNER:
        assert refused == STATES, "an operation that takes a body needs one in tests/backend/api/world.py"


@schema.parametrize()
@hypothesis_settings(
    max_examples=EXAMPLES or 3,
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_made_up_requests_are_answered_as_the_schema_says(
    case: schemathesis.Case, askers: dict[str, Asker], conversation: Conversation
) -> None:
    conversation.lead(case)
    for asker in askers.values():
        conversation.send(case, asker)
