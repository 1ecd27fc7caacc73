"""A project with accepted masks, and reports whose figures are said instead of measured."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.fairness.models import FairnessReport
from backend.fairness.services import Score, masks_chosen, masks_draw, report_create, scores_store
from backend.images.models import Image
from backend.projects.models import Project
from backend.users.models import User
from backend.work.models import Status, WorkItem
from tests.builders import make_image, make_mask_body


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


@pytest.fixture
def begin(project: Project, owner: User) -> Callable[..., FairnessReport]:
    """begin(max_masks=5): a report, asked for and not measured."""

    def make(**fields: Any) -> FairnessReport:
        chosen = {"model": None, "max_masks": 2000, "seed": 0} | fields
        return report_create(project=project, creator=owner, job_id=uuid.uuid4(), **chosen)[0]

    return make


@pytest.fixture
def report(begin: Callable[..., FairnessReport]) -> Callable[[Mapping[int, Sequence[float]]], FairnessReport]:
    """report({image key: its masks' IoUs after 1 click}): a report that measured these; after 3 clicks all have 0.9."""

    def make(ious: Mapping[int, Sequence[float]]) -> FairnessReport:
        made = begin()
        masks_draw(report=made, chosen=masks_chosen(report=made, check=lambda: None))
        for drawn in made.images.all():
            masks = Mask.objects.filter(image=drawn.image_id).order_by("created_at")
            pairs = list(zip(masks, ious[drawn.image_id], strict=True))
            scores = [Score(mask.pk, mask.revision, iou, 0.9) for mask, iou in pairs]
            assert scores_store(drawn_image=drawn, scores=scores)
        made.refresh_from_db()
        return made

    return make
