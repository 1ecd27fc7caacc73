"""A project with accepted masks, and runs whose end is known."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from backend.images.models import Image
from backend.projects.models import Project
from backend.training.models import TrainingRun
from backend.users.models import User
from backend.work.models import Status, WorkItem
from tests.builders import make_image, make_mask_body, make_training_run


@pytest.fixture
def accept(owner: User, client_of: Callable[[User], APIClient]) -> Callable[..., list[Image]]:
    """accept(project, seeds, masks): images of these seeds with so many masks each, accepted."""

    def make(project: Project, seeds: range, masks: int = 2) -> list[Image]:
        browser = client_of(owner)
        label = project.labels.get().pk
        images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in seeds]
        for image in images:
            for _ in range(masks):
                answer = browser.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, label))
                assert answer.status_code == 201
        WorkItem.objects.filter(image__in=images).update(status=Status.ACCEPTED)
        return images

    return make


@pytest.fixture
def finished(owner: User) -> Callable[..., TrainingRun]:
    """finished(project, version, verdict): a run of the project that made this version."""
    return lambda project, version, verdict: make_training_run(project, owner, version, verdict)
