"""Proposals in lists, in a histogram, in small pictures, and in exports."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import PIL.Image
import pytest
from rest_framework.test import APIClient

from backend.export.rows import Rows
from backend.export.selection import Selection
from backend.formats.records import UNLABELLED
from backend.images.models import Image
from backend.projects.models import Project
from backend.proposals.models import Proposal, ProposalRun
from backend.proposals.storing import proposals_store
from tests.backend.proposals.conftest import find, mask_body
from tests.builders import make_found, make_image


def listed(api: APIClient, address: str) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    while address:
        page = api.get(address).json()
        found += page["results"]
        address = page["next"]
    return found


@pytest.fixture
def equals(project: Project, image: Image, begin: Callable[..., ProposalRun]) -> list[Proposal]:
    """Three of .9, three of .5."""
    found = [
        make_found(image, 0, column, 9, column + 3, predicted_iou=0.9 if column % 2 else 0.5)
        for column in range(0, 30, 5)
    ]
    proposals_store(run=begin(), image=image, found=found)
    return list(Proposal.objects.order_by("-predicted_iou", "-id"))


def test_pages_follow_each_other_both_ways_and_the_first_tells_how_many_there_are(
    api: APIClient, project: Project, equals: list[Proposal]
) -> None:
    address = f"/api/v1/projects/{project.pk}/proposals/"
    first = api.get(f"{address}?page_size=2").json()
    assert first["total"] == 6
    second = api.get(first["next"]).json()
    assert second["total"] is None
    assert api.get(second["previous"]).json()["results"] == first["results"]
    falling = [one["id"] for one in listed(api, f"{address}?page_size=2")]
    assert falling == [str(one.pk) for one in equals]
    rising = [one["id"] for one in listed(api, f"{address}?page_size=4&ordering=predicted_iou")]
    assert rising == falling[::-1]
    refused = api.get(f"{address}?ordering=area")
    assert (refused.status_code, refused.json()["code"]) == (400, "input.invalid")


def test_filters_hold_for_list_and_histogram(
    api: APIClient,
    project: Project,
    image: Image,
    proposals: list[Proposal],
    begin: Callable[..., ProposalRun],
) -> None:
    other = make_image(project, seed=4)
    run = begin(stage="semi_automatic")
    find(run, other)
    api.post(f"/api/v1/images/{image.pk}/masks/", mask_body(proposals[0]))

    def total(**query: Any) -> int:
        address = f"/api/v1/projects/{project.pk}/proposals/"
        count: int = api.get(address, query).json()["total"]
        assert api.get(f"{address}confidences/", query).json()["total"] == count
        return count

    assert total() == 8
    assert total(run=run.pk) == total(stage="semi_automatic") == total(image=other.pk) == 4
    assert (total(state="accepted"), total(state="open")) == (1, 7)
    # From the least on, up to but without the most.
    assert (total(min_predicted_iou=0.9), total(max_predicted_iou=0.9)) == (4, 4)
    assert total(min_predicted_iou=0.4, max_predicted_iou=0.9, run=run.pk) == 1


def test_a_proposal_tells_all_there_is(
    api: APIClient, project: Project, image: Image, proposals: list[Proposal]
) -> None:
    shown = api.get(f"/api/v1/images/{image.pk}/proposals/").json()
    assert [one["predicted_iou"] for one in shown] == [0.95, 0.9, 0.4, 0.2]
    assert shown[0] == {
        "id": str(proposals[0].pk),
        "run": proposals[0].run_id,
        "image": image.pk,
        "file_name": "one.png",
        "stage": "fully_automatic",
        "segmentation": {"size": [30, 40], "counts": proposals[0].counts},
        "bbox": [0, 0, 10, 8],
        "area": 80,
        "predicted_iou": 0.95,
        "stability_score": 0.95,
        "point_coords": [[5.0, 4.0]],
        "crop_box": [0, 0, 40, 30],
        "model": str(project.model),
        "label": None,
        "state": "open",
        "outcome": None,
        "decided_by": None,
        "decided_at": None,
        "mask": None,
        "cutout_url": f"/api/v1/proposals/{proposals[0].pk}/cutout/",
    }


def test_the_histogram_has_twenty_bins_by_state(
    api: APIClient, project: Project, image: Image, begin: Callable[..., ProposalRun]
) -> None:
    values = [-0.1, 0.0, 0.049, 0.05, 0.9, 0.9, 1.0, 1.2]
    found = [
        make_found(image, 0, 4 * place, 9, 4 * place + 3, predicted_iou=iou)
        for place, iou in enumerate(values)
    ]
    proposals_store(run=begin(), image=image, found=found)
    api.post(
        f"/api/v1/projects/{project.pk}/proposals/decide/",
        {"decision": "reject", "ids": [str(Proposal.objects.filter(predicted_iou=0.9)[0].pk)]},
    )
    answer = api.get(f"/api/v1/projects/{project.pk}/proposals/confidences/").json()
    assert answer["total"] == 8
    assert [one["least"] for one in answer["bins"]] == [number / 20 for number in range(20)]
    assert [(place, one["open"]) for place, one in enumerate(answer["bins"]) if one["open"]] == [
        (0, 3),
        (1, 1),
        (18, 1),
        (19, 2),
    ]
    assert answer["bins"][18]["rejected"] == 1


@pytest.mark.parametrize("side", [40, 1200])
def test_a_cutout_shows_the_object_with_its_outline_and_is_kept(
    api: APIClient, project: Project, begin: Callable[..., ProposalRun], side: int
) -> None:
    image = make_image(project, seed=8, width=side, height=side * 3 // 4)
    third = side // 3
    found = make_found(image, third // 2, third, third, 2 * third)
    proposals_store(run=begin(), image=image, found=[found])
    address = f"/api/v1/proposals/{Proposal.objects.get().pk}/cutout/"
    answer = api.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "immutable" in answer["Cache-Control"]
    picture = PIL.Image.open(io.BytesIO(answer.content))
    assert picture.format == "JPEG"
    assert 100 < max(picture.size) <= 320
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    yellow = (pixels[..., 0] > 190) & (pixels[..., 1] > 150) & (pixels[..., 2] < 110)
    assert 0.01 < yellow.mean() < 0.2
    rows, columns = np.nonzero(yellow)
    inside = pixels[rows.min() + 8 : rows.max() - 8, columns.min() + 8 : columns.max() - 8]
    assert inside.mean() > 1.5 * pixels[:6].mean(), "what is around is dimmed"
    assert api.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_an_export_knows_the_crop_of_a_mask_that_was_found(
    api: APIClient, project: Project, image: Image, begin: Callable[..., ProposalRun]
) -> None:
    found = [make_found(image, crop_box=(5, 6, 30, 20)), make_found(image, 0, 0, 5, 5)]
    proposals_store(run=begin(), image=image, found=found)
    accepted, other = Proposal.objects.order_by("-crop_x")
    for proposal in (accepted, other):
        assert api.post(f"/api/v1/images/{image.pk}/masks/", mask_body(proposal)).status_code == 201
    assert api.delete(f"/api/v1/masks/{other.pk}/?revision=1").status_code == 204
    api.get(f"/api/v1/projects/{project.pk}/export/coco/?unlabelled=include").getvalue()
    rows = Rows(
        project,
        Selection(includes_unlabelled=True),
        {image.pk: "one.png"},
        {},
        {UNLABELLED.category_id},
        has_pictures=False,
    )
    ((_, masks),) = list(rows.items())
    assert [(mask.uuid, mask.crop_box) for mask in masks] == [(str(accepted.pk), (5, 6, 30, 20))]
