"""API clients, and what they find accepted."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.images.models import Image
from backend.projects.models import Project
from backend.users.models import User
from backend.work.models import Status, WorkItem
from tests.builders import make_image, make_mask_body


@pytest.fixture
def client_of() -> Callable[[Any], APIClient]:
    """An API client logged in as this user, like a browser with a session."""

    def make(user: Any) -> APIClient:
        client = APIClient()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def api(client_of: Callable[[Any], APIClient], owner: Any) -> APIClient:
    """The owner's client."""
    return client_of(owner)


@pytest.fixture
def stranger(client_of: Callable[[Any], APIClient], make_user: Callable[[str], Any]) -> APIClient:
    """The client of somebody who is a member of nothing."""
    return client_of(make_user("eve"))


@pytest.fixture
def accepted(
    project: Project, owner: User, client_of: Callable[[User], APIClient]
) -> Callable[..., list[Image]]:
    """accepted(range(3), masks=2): images of these seeds with so many masks each, accepted."""

    def make(seeds: range, masks: int = 1, **fields: Any) -> list[Image]:
        browser = client_of(owner)
        fields = {"label_id": project.labels.order_by("pk")[0].pk} | fields
        images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in seeds]
        for image in images:
            for _ in range(masks):
                body = make_mask_body(image, **fields)
                answer = browser.post(f"/api/v1/images/{image.pk}/masks/", body)
                assert answer.status_code == 201, answer.content
        WorkItem.objects.filter(image__in=images).update(status=Status.ACCEPTED)
        return images

    return make
