"""Reports whose figures are said instead of measured."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from backend.annotations.models import Mask
from backend.fairness.models import FairnessReport
from backend.fairness.services import Score, masks_chosen, masks_draw, report_create, scores_store
from backend.projects.models import Project
from backend.users.models import User


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
