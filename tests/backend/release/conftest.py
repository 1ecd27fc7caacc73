"""A project with accepted images and masks of every stage, and releases of it done here and now."""

import io
import json
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.common.storage import file_read
from backend.formats.records import ObjectMask
from backend.images.models import Image
from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.projects.models import Project
from backend.projects.services import label_create
from backend.release.jobs import RELEASE, release_check, release_write
from backend.work.models import WorkItem
from tests.builders import encode_mask, make_image, make_mask_body, rectangle

HEIGHT, WIDTH = 60, 80


def box(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    """A mask of the images here with rows top..bottom-1 and columns left..right-1 set."""
    return rectangle(HEIGHT, WIDTH, top, left, bottom, right)


def mask_of(pixels: np.ndarray) -> ObjectMask:
    rows, columns = np.nonzero(pixels)
    x, y = int(columns.min()), int(rows.min())
    return ObjectMask(
        number=1,
        category_id=1,
        z=0,
        height=pixels.shape[0],
        width=pixels.shape[1],
        counts=encode_mask(pixels)["counts"],
        bbox=(x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1),
        area=int(pixels.sum()),
        uuid="",
        stage="assisted_manual",
        model=None,
        predicted_iou=None,
        stability_score=None,
        prompts={},
        attributes={},
        author=None,
        seconds_spent=0,
        revision=1,
    )


@pytest.fixture
def draw(api: APIClient, project: Project) -> Callable[..., Mask]:
    """draw(image, mask): saves a mask as a browser does."""

    def save(image: Image, pixels: np.ndarray, **fields: Any) -> Mask:
        body = make_mask_body(image, project.labels.order_by("pk")[0].pk, segmentation=encode_mask(pixels))
        answer = api.post(f"/api/v1/images/{image.pk}/masks/", body | fields)
        assert answer.status_code == 201, answer.content
        return Mask.objects.get(pk=body["id"])

    return save


@pytest.fixture
def accepted(project: Project, draw: Callable[..., Mask]) -> list[Image]:
    """Three accepted images and one that is ready: two masks, one drawn by hand with a hollow, none, and one.

    On the first a quarter of the image, fully automatic, and a corner of 4 pixels; on the second an L.
    """
    images = [
        make_image(project, seed=seed, name=f"{seed}.png", width=WIDTH, height=HEIGHT) for seed in range(4)
    ]
    cat = label_create(project=project, name="cat")
    draw(images[0], box(0, 0, 30, 40), stage="fully_automatic", label=cat.pk)
    draw(images[0], box(58, 78, 60, 80))
    hollow = box(10, 10, 30, 30) & ~box(10, 20, 20, 30)
    by_hand = {"model": None, "predicted_iou": None, "stability_score": None, "label": None}
    draw(images[1], hollow, prompts={"points": [], "box": None, "candidate": 0}, **by_hand)
    draw(images[3], box(0, 0, 9, 9))
    WorkItem.objects.filter(pk__in=[image.pk for image in images[:3]]).update(status="accepted")
    return images[:3]


def job_of(project: Project, **params: Any) -> JobContext:
    """A release that is being made."""
    owner = project.memberships.get(role="owner").user
    job = Job.objects.create(
        uuid=uuid.uuid4(),
        kind=RELEASE,
        project=project,
        created_by=owner,
        params=release_check(project, owner, {"name": "Street cats 1", **params}),
        queued_at=timezone.now(),
        state="running",
        claimed_by="here",
    )
    return JobContext(job, claim="here")


def released(project: Project, **params: Any) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    """The archive and the result of a job done here."""
    context = job_of(project, **params)
    result = release_write(context)
    assert context.done == context.total
    return archive_of(context), result


def archive_of(context: JobContext) -> zipfile.ZipFile:
    assert context.file
    return zipfile.ZipFile(io.BytesIO(file_read(context.file.key)))


def card_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    card: dict[str, Any] = json.loads(archive.read("data_card.json"))
    return card
