"""Runs asked for over the API, what the generator would have found, and people who decide."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.images.models import Image
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.proposals.models import Proposal, ProposalRun
from backend.proposals.storing import proposals_store
from backend.users.models import User
from tests.builders import make_found, make_image

Role = Membership.Role
# Rectangles of 40 x 30 pixels that lie apart: top, left, bottom, right, predicted IoU.
RECTANGLES = [(0, 0, 8, 10, 0.95), (10, 0, 18, 10, 0.9), (20, 0, 28, 10, 0.4), (0, 20, 8, 30, 0.2)]


@pytest.fixture
def image(project: Project) -> Image:
    return make_image(project, name="one.png")


@pytest.fixture
def begin(api: APIClient, project: Project) -> Callable[..., ProposalRun]:
    """begin(stage="semi_automatic", ...): a run, asked for and not done."""

    def make(**fields: Any) -> ProposalRun:
        body = {"id": str(uuid.uuid4()), "stage": "fully_automatic"} | fields
        answer = api.post(f"/api/v1/projects/{project.pk}/proposal-runs/", body)
        assert answer.status_code == 201, answer.content
        return ProposalRun.objects.get(pk=answer.json()["id"])

    return make


def find(run: ProposalRun, image: Image) -> list[Proposal]:
    """What a run over the image finds: `RECTANGLES`, the likeliest first."""
    found = [make_found(image, *sides, predicted_iou=iou) for *sides, iou in RECTANGLES]
    proposals_store(run=run, image=image, found=found)
    return list(Proposal.objects.filter(run=run, image=image).order_by("-predicted_iou"))


@pytest.fixture
def proposals(begin: Callable[..., ProposalRun], image: Image) -> list[Proposal]:
    """Four proposals on the image, the likeliest first."""
    return find(begin(), image)


@pytest.fixture
def member(
    project: Project, make_user: Callable[[str], User], client_of: Callable[[User], APIClient]
) -> Callable[[str], APIClient]:
    """member("reviewer"): the client of somebody new with this role."""

    def make(role: str) -> APIClient:
        user = make_user(f"some-{role}-{uuid.uuid4().hex[:6]}")
        membership_set(project=project, user=user, role=Role(role))
        return client_of(user)

    return make


def mask_body(proposal: Proposal, **fields: Any) -> dict[str, Any]:
    """What the annotator's page posts when somebody takes a proposal as it is."""
    return {
        "id": str(proposal.pk),
        "label": None,
        "segmentation": proposal.segmentation,
        "prompts": {"points": [[*proposal.point_coords[0], 1]], "box": None, "candidate": 0},
        "model": str(proposal.run.model_version),
        "predicted_iou": proposal.predicted_iou,
        "stability_score": proposal.stability_score,
        "stage": proposal.run.stage,
        "tool": "smart",
    } | fields


def states(run: ProposalRun | None = None) -> list[str]:
    """By falling predicted IoU; an accepted one's outcome."""
    rows = Proposal.objects.filter(run=run) if run else Proposal.objects.all()
    return [row.outcome or row.state for row in rows.order_by("-predicted_iou")]
