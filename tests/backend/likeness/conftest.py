"""Masks on images, and vectors as a worker would have made them."""

import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.likeness.models import MaskVector
from backend.likeness.services import Made, vectors_store
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.users.models import User
from tests.builders import encode_mask, make_image, make_mask_body, rectangle


@pytest.fixture
def image(project: Project) -> Image:
    return make_image(project, name="one.png")


@pytest.fixture
def draw(api: APIClient, project: Project) -> Callable[..., Mask]:
    """draw(image, left=5, label=None): a mask of 10 x 5 pixels, drawn by the project's owner."""

    def make(image: Image, left: int = 3, label: int | None = None) -> Mask:
        shape = rectangle(image.height, image.width, 4, left, 9, left + 10)
        body = make_mask_body(image, project.labels.get().pk, segmentation=encode_mask(shape), label=label)
        answer = api.post(f"/api/v1/images/{image.pk}/masks/", body)
        assert answer.status_code == 201, answer.content
        return Mask.objects.get(pk=body["id"])

    return make


@pytest.fixture
def member(
    project: Project, make_user: Callable[[str], User], client_of: Callable[[User], APIClient]
) -> Callable[[str], APIClient]:
    """member("viewer"): the client of somebody new with this role."""

    def make(role: str) -> APIClient:
        user = make_user(f"some-{role}-{uuid.uuid4().hex[:6]}")
        membership_set(project=project, user=user, role=Membership.Role(role))
        return client_of(user)

    return make


def look(mask: Mask, *direction: float) -> None:
    """Gives the mask a vector of this direction, by the project's model."""
    vector = np.array(direction, np.float64) / np.linalg.norm(direction)
    made = Made(mask.pk, mask.revision, vector.astype("<f2").tobytes())
    encoder = mask.image.project.model.encoder_id
    assert vectors_store(image=mask.image, encoder_id=encoder, made=[made]) == 1


def looked_at() -> set[Any]:
    return set(MaskVector.objects.values_list("mask_id", flat=True))
