"""Asking for runs, which images they look at, and what is kept of what they find."""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.jobs.models import Job
from backend.jobs.registry import job_title
from backend.projects.models import Project
from backend.projects.services import label_create
from backend.proposals.models import Proposal, ProposalRun, ProposedImage
from backend.proposals.presets import PRESETS
from backend.proposals.selectors import images_left
from backend.proposals.storing import images_counted, proposals_store
from backend.users.models import User
from backend.work.models import Hold, Status, WorkItem
from models.sam.mask_generation.settings import PRESETS as GENERATOR_PRESETS
from tests.backend.proposals.conftest import find, mask_body, states
from tests.builders import make_found, make_image, make_mask_body


def test_a_run_is_asked_for_once_however_often_it_is_sent(
    api: APIClient, project: Project, owner: User, image: Image
) -> None:
    label = label_create(project=project, name="found")
    body = {
        "id": str(uuid.uuid4()),
        "stage": "semi_automatic",
        "settings": {"points_per_side": 8},
        "label": label.pk,
    }
    first, second = (api.post(f"/api/v1/projects/{project.pk}/proposal-runs/", body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    run = first.json()
    assert run == second.json()
    assert run["settings"] == PRESETS["fitted"] | {"points_per_side": 8}
    assert {name: run[name] for name in ("state", "stage", "preset", "model", "label", "images_total")} == {
        "state": "queued",
        "stage": "semi_automatic",
        "preset": "fitted",
        "model": str(project.model),
        "label": label.pk,
        "images_total": 1,
    }
    assert run["job"] == body["id"]
    job = Job.objects.get()
    assert (job.kind, job.queue, job.created_by) == ("propose", "gpu", owner)
    assert job_title(job) == "Proposals, stage 2"
    assert api.get(f"/api/v1/proposal-runs/{run['id']}/").json() == run
    assert api.get(f"/api/v1/projects/{project.pk}/proposal-runs/").json()["results"] == [run]


def test_boxes_are_asked_for_where_the_model_has_a_detector(
    api: APIClient, project: Project, image: Image
) -> None:
    path = f"/api/v1/projects/{project.pk}/proposal-runs/"
    body = {"id": str(uuid.uuid4()), "stage": "semi_automatic", "source": "both"}
    refused = api.post(path, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "proposal.no_detector")
    assert not Job.objects.exists()
    version = project.model
    version.manifest["detector"] = {"file": "detector.safetensors", "sha256": "0" * 64, "bytes": 1}
    version.save()
    made = api.post(path, body)
    assert (made.status_code, made.json()["source"]) == (201, "both")
    plain = api.post(path, {"id": str(uuid.uuid4()), "stage": "semi_automatic"})
    assert plain.json()["source"] == "grid"


def test_presets_are_the_generators() -> None:
    for name, settings in PRESETS.items():
        there = asdict(GENERATOR_PRESETS[name])
        del there["points_per_batch"], there["output_mode"]
        assert dict(settings) == there
    assert set(PRESETS) == set(GENERATOR_PRESETS)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"settings": {"points_per_side": 128, "crop_n_layers": 2}}, "proposal.settings"),
        (
            {"settings": {"points_per_side": 4, "crop_n_layers": 3, "crop_n_points_downscale_factor": 2}},
            "proposal.settings",
        ),
        ({"settings": {"pred_iou_thresh": 1.5}}, "input.invalid"),
        ({"image_ids": [10**9]}, "proposal.images"),
        ({"label": 10**9}, "mask.label"),
        ({"stage": "assisted_manual"}, "input.invalid"),
    ],
)
def test_what_cannot_be_run_is_refused(
    api: APIClient, project: Project, fields: dict[str, Any], code: str
) -> None:
    body = {"id": str(uuid.uuid4()), "stage": "fully_automatic"} | fields
    answer = api.post(f"/api/v1/projects/{project.pk}/proposal-runs/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Job.objects.exists()


def test_an_id_belongs_to_one_job_and_runs_are_started_at_their_own_address(
    api: APIClient, project: Project, make_project: Callable[..., Project], owner: User
) -> None:
    body = {"id": str(uuid.uuid4()), "stage": "fully_automatic"}
    other = make_project(owner, "Dogs")
    assert api.post(f"/api/v1/projects/{other.pk}/proposal-runs/", body).status_code == 201
    taken = api.post(f"/api/v1/projects/{project.pk}/proposal-runs/", body)
    assert (taken.status_code, taken.json()["code"]) == (409, "job.id_taken")
    job = {"id": str(uuid.uuid4()), "kind": "propose"}
    answer = api.post(f"/api/v1/projects/{project.pk}/jobs/", job)
    assert (answer.status_code, answer.json()["code"]) == (400, "proposal.start_elsewhere")


def test_a_run_looks_at_images_that_are_not_accepted_unless_it_is_told_otherwise(
    project: Project, begin: Callable[..., ProposalRun]
) -> None:
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(5)]
    for image, status in zip(images, ("ready", "in_progress", "submitted", "accepted"), strict=False):
        WorkItem.objects.filter(pk=image.pk).update(status=status)
    WorkItem.objects.filter(pk=images[4].pk).update(status="ready", hold=Hold.CONSENSUS)

    def looked_at(**fields: Any) -> list[int]:
        return [images.index(image) for image in images_left(run=begin(**fields))]

    assert looked_at() == [0, 1, 2]
    assert looked_at(statuses=["accepted", "ready"]) == [0, 3]
    assert looked_at(image_ids=[images[3].pk, images[0].pk]) == [0, 3]
    assert looked_at(image_ids=[images[3].pk, images[0].pk], statuses=["ready"]) == [0]
    run = begin()
    make_image(project, seed=9, name="later.png")
    assert images_left(run=run).count() == 3


def test_what_lies_over_a_mask_is_left_out(
    api: APIClient, project: Project, image: Image, begin: Callable[..., ProposalRun]
) -> None:
    body = make_mask_body(image, project.labels.get().pk)
    assert api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    # The mask's are rows 4..8 of columns 3..12: 40 of its 50 pixels, and a box that only touches it.
    same, beside = make_found(image, 4, 3, 8, 13), make_found(image, 8, 3, 16, 13)
    run = begin()
    row = proposals_store(run=run, image=image, found=[same, beside])
    assert row is not None
    assert (row.open, row.covered) == (1, 1)
    assert Proposal.objects.get().bbox == [3, 8, 10, 8]
    shown = api.get(f"/api/v1/proposal-runs/{run.pk}/").json()
    assert (shown["images_done"], shown["covered"], shown["counts"]["open"]) == (1, 1, 1)


def test_open_proposals_give_way_to_those_of_a_later_run(
    api: APIClient, image: Image, begin: Callable[..., ProposalRun]
) -> None:
    first = begin()
    accepted, rejected, *_ = find(first, image)
    assert api.post(f"/api/v1/images/{image.pk}/masks/", mask_body(accepted)).status_code == 201
    api.post(f"/api/v1/images/{image.pk}/proposals/decide/", {"reject": [str(rejected.pk)]})
    beside = begin(supersede=False)
    find(beside, image)
    assert states(first) == ["untouched", "rejected", "open", "open"]
    later = begin()
    find(later, image)
    assert states(first) == ["untouched", "rejected", "superseded", "superseded"]
    # One lies over the mask that was accepted.
    assert states(beside) == ["superseded"] * 3
    assert api.get(f"/api/v1/proposal-runs/{first.pk}/").json()["counts"] == {
        "open": 0,
        "accepted": 1,
        "untouched": 1,
        "fixed": 0,
        "rejected": 1,
        "superseded": 2,
    }
    shown = api.get(f"/api/v1/images/{image.pk}/proposals/").json()
    assert [one["run"] for one in shown] == [later.pk] * 3


def test_an_image_is_done_once_and_one_that_is_no_longer_wanted_is_passed_over(
    project: Project, image: Image, begin: Callable[..., ProposalRun]
) -> None:
    other = make_image(project, seed=5)
    gone = make_image(project, seed=6)
    run = begin()
    assert len(find(run, image)) == 4
    assert proposals_store(run=run, image=image, found=[make_found(image)]) is None
    WorkItem.objects.filter(pk=other.pk).update(status=Status.ACCEPTED)
    assert proposals_store(run=run, image=other, found=[make_found(other)]) is None
    Image.objects.filter(pk=gone.pk).delete()
    assert proposals_store(run=run, image=gone, found=[make_found(gone)]) is None
    assert Proposal.objects.count() == 4
    assert images_counted(run=run, is_over=True) == (1, 1)


def test_an_image_that_cannot_be_looked_at_is_done_and_keeps_what_it_had(
    api: APIClient, image: Image, begin: Callable[..., ProposalRun]
) -> None:
    first = begin()
    find(first, image)
    run = begin()
    proposals_store(run=run, image=image, found=[], error_code="proposal.image_unusable")
    assert states(first) == ["open"] * 4
    shown = api.get(f"/api/v1/proposal-runs/{run.pk}/").json()
    assert (shown["images_done"], shown["images_failed"]) == (1, 1)


def test_proposals_go_with_their_image_and_project(
    api: APIClient, project: Project, proposals: list[Proposal], image: Image
) -> None:
    assert api.post(f"/api/v1/images/{image.pk}/masks/", mask_body(proposals[0])).status_code == 201
    assert api.delete(f"/api/v1/images/{image.pk}/").status_code == 204
    assert not any(model.objects.exists() for model in (Proposal, ProposedImage, Mask))
    assert api.delete(f"/api/v1/projects/{project.pk}/").status_code == 204
    assert not ProposalRun.objects.exists()
