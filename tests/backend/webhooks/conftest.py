from collections.abc import Iterator
from typing import Any

import pytest

from backend.projects.models import Project
from backend.users.models import User
from backend.webhooks.models import Webhook
from backend.webhooks.services import webhook_create
from tests.backend.webhooks.receiver import Receiver, running_receiver

EVENTS = ["image.submitted", "image.accepted", "image.rejected"]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A program on this machine, which the administrator opened to webhooks."""
    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_ALLOWED_HOSTS = frozenset({"127.0.0.1"})
    with running_receiver() as receiver:
        yield receiver


@pytest.fixture
def webhook(project: Project, owner: User, receiver: Receiver) -> Webhook:
    return webhook_create(project=project, creator=owner, url=receiver.url, events=EVENTS)
