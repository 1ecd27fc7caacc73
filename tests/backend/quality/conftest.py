"""A project with people who label blind, images that are ready, and what they do over the API."""

import uuid
from collections.abc import Callable

import numpy as np
import pytest
from rest_framework.test import APIClient

from backend.embeddings import services as embeddings
from backend.images.models import Image
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.quality.models import ConsensusImage, ConsensusRound
from backend.quality.rounds import round_create
from backend.users.models import User
from tests.builders import encode_mask, make_image, make_mask_body, rectangle

Role = Membership.Role
HEIGHT, WIDTH = 30, 40


def box(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    """A mask of the images here with rows top..bottom-1 and columns left..right-1 set."""
    return rectangle(HEIGHT, WIDTH, top, left, bottom, right)


@pytest.fixture
def person(project: Project, make_user: Callable[[str], User]) -> Callable[..., User]:
    """A member: person("carl", Role.ANNOTATOR)."""

    def make(name: str, role: Membership.Role = Role.ANNOTATOR) -> User:
        user = make_user(name)
        membership_set(project=project, user=user, role=role)
        return user

    return make


@pytest.fixture
def people(person: Callable[..., User]) -> list[User]:
    """Three annotators."""
    return [person(name) for name in ("bill", "cleo", "dirk")]


@pytest.fixture
def images(project: Project) -> list[Image]:
    """Four images whose embeddings are there."""
    made = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(1, 5)]
    claim, rows = embeddings.embedding_claim_batch(limit=9, lease_seconds=60)
    for row in rows:
        embeddings.embedding_store(embedding=row, claim=claim, content=b"..", seconds=1)
    return made


@pytest.fixture
def begin(project: Project, owner: User) -> Callable[..., ConsensusRound]:
    """begin([image], [bill, cleo]): a round in which each of them labels each image."""

    def make(images: list[Image], people: list[User], per_image: int | None = None) -> ConsensusRound:
        return round_create(
            project=project,
            actor=owner,
            name="round",
            annotator_ids=[person.pk for person in people],
            annotators_per_image=per_image or len(people),
            image_ids=[image.pk for image in images],
        )

    return make


@pytest.fixture
def draw(client_of: Callable[[User], APIClient]) -> Callable[..., str]:
    """draw(bill, image_id, mask): saves a mask as a browser does; its id."""

    def save(user: User, image_id: int, mask: np.ndarray, label: int | None = None) -> str:
        image = Image.objects.select_related("project__model").get(pk=image_id)
        label = image.project.labels.get(name="object").pk if label is None else label
        body = make_mask_body(image, label, id=str(uuid.uuid4()), segmentation=encode_mask(mask))
        answer = client_of(user).post(f"/api/v1/images/{image_id}/masks/", body)
        assert answer.status_code == 201, answer.content
        return str(body["id"])

    return save


@pytest.fixture
def submit(client_of: Callable[[User], APIClient]) -> Callable[[User, int], None]:
    def send(user: User, image_id: int) -> None:
        answer = client_of(user).post(f"/api/v1/images/{image_id}/work/submit/")
        assert answer.status_code == 200, answer.content

    return send


def replica_of(image: Image, user: User) -> Image:
    return Image.objects.get(original=image, annotator=user)


@pytest.fixture
def compared(
    images: list[Image],
    people: list[User],
    begin: Callable[..., ConsensusRound],
    draw: Callable[..., str],
    submit: Callable[[User, int], None],
) -> ConsensusImage:
    """An image that three people drew: one object all three, one two of them, one a single one.

    Of the first 100 pixels: bill's rows 0..9, cleo's 1..10, dirk's 0..9 of ten columns. IoUs 90/110, 1, 90/110.
    """
    begun = begin(images[:1], people)
    boxes = {
        "bill": [box(0, 0, 10, 10), box(15, 20, 25, 30)],
        "cleo": [box(1, 0, 11, 10), box(15, 20, 25, 29)],
        "dirk": [box(0, 0, 10, 10), box(0, 30, 5, 35)],
    }
    for user in people:
        replica = replica_of(images[0], user)
        for mask in boxes[user.username]:
            draw(user, replica.pk, mask)
        submit(user, replica.pk)
    return begun.images.get()
