"""Reports asked for, what they measure by, and what they say of groups."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.fairness.models import DrawnImage, FairnessReport, MeasuredMask
from backend.fairness.services import Score, masks_chosen, masks_draw, scores_store
from backend.fairness.table import report_csv
from backend.images.models import Image
from backend.images.services import image_delete
from backend.jobs.models import Job
from backend.projects.audit import audit_list
from backend.projects.models import Project
from backend.projects.services import label_create
from backend.tags.services import images_tag, tag_create
from backend.users.models import User
from backend.work.models import Status, WorkItem
from tests.builders import make_image

Accepted = Callable[..., list[Image]]
Begin = Callable[..., FairnessReport]
Report = Callable[..., FairnessReport]


def nothing() -> None:
    """Instead of a sign of life."""


def groups(api: APIClient, report: FairnessReport, **query: Any) -> dict[str, Any]:
    answer = api.get(f"/api/v1/fairness-reports/{report.pk}/groups/", query)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_report_is_asked_for_once(api: APIClient, project: Project, accepted: Accepted) -> None:
    url = f"/api/v1/projects/{project.pk}/fairness-reports/"
    body = {"id": str(uuid.uuid4())}
    refused = api.post(url, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "fairness.nothing_accepted")
    accepted(range(2))
    first, again = api.post(url, body), api.post(url, body)
    assert (first.status_code, again.status_code) == (201, 200)
    made = first.json()
    assert made == again.json()
    assert (made["state"], made["model"], made["max_masks"]) == ("queued", str(project.model), 2000)
    assert (made["first_click"], made["seed"], made["masks_drawn"], made["file_url"]) == (
        "random",
        0,
        0,
        None,
    )
    assert Job.objects.get().queue == "gpu"
    assert [one["id"] for one in api.get(url).json()["results"]] == [made["id"]]
    assert api.get(f"/api/v1/fairness-reports/{made['id']}/").json() == made
    assert audit_list(project=project)[0].action == "fairness.started"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"model": "nobody@1"}, "fairness.model"),
        ({"max_masks": 0}, "input.invalid"),
        ({"max_masks": 10_001}, "input.invalid"),
        ({"seed": -1}, "input.invalid"),
        ({"first_click": "corner"}, "input.invalid"),
        ({"id": None}, "input.invalid"),
    ],
)
def test_bad_wishes(
    api: APIClient, project: Project, accepted: Accepted, body: dict[str, Any], code: str
) -> None:
    accepted(range(1))
    sent = {"id": str(uuid.uuid4())} | body
    answer = api.post(f"/api/v1/projects/{project.pk}/fairness-reports/", sent)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Job.objects.exists()


def test_another_version_is_measured_by_its_name(
    api: APIClient, project: Project, accepted: Accepted, other_model: Any
) -> None:
    accepted(range(1))
    body = {"id": str(uuid.uuid4()), "model": str(other_model)}
    made = api.post(f"/api/v1/projects/{project.pk}/fairness-reports/", body)
    assert made.json()["model"] == str(other_model)


def test_the_draw_follows_from_the_seed_and_takes_accepted_masks_only(
    project: Project, accepted: Accepted, begin: Begin
) -> None:
    accepted(range(4), masks=3)
    waiting = accepted(range(4, 5))
    WorkItem.objects.filter(image__in=waiting).update(status=Status.SUBMITTED)
    first, again, other = begin(max_masks=5, seed=3), begin(max_masks=5, seed=3), begin(max_masks=5, seed=4)
    chosen = masks_chosen(report=first, check=nothing)
    assert sum(len(ids) for ids in chosen.values()) == 5
    assert waiting[0].pk not in chosen
    assert masks_chosen(report=again, check=nothing) == chosen
    assert masks_chosen(report=other, check=nothing) != chosen
    everything = masks_chosen(report=begin(), check=nothing)
    assert {pk: len(ids) for pk, ids in everything.items()} == dict.fromkeys(everything, 3)
    assert len(everything) == 4


def test_every_mask_is_drawn_as_often_as_any_other(
    project: Project, accepted: Accepted, begin: Begin
) -> None:
    """An image with many masks is no likelier per mask: 400 seeds, 4 of 12 masks each, so 133 times; deviation 9.4."""
    accepted(range(1), masks=9)
    accepted(range(1, 4), masks=1)
    report = begin(max_masks=4)
    counts = dict.fromkeys(map(str, Mask.objects.values_list("pk", flat=True)), 0)
    for seed in range(400):
        report.seed = seed
        for ids in masks_chosen(report=report, check=nothing).values():
            for mask_id in ids:
                counts[mask_id] += 1
    assert sum(counts.values()) == 1600
    assert all(abs(count - 400 / 3) < 45 for count in counts.values())


def test_what_is_drawn_and_stored_is_so_once(accepted: Accepted, begin: Begin) -> None:
    accepted(range(2), masks=2)
    report = begin()
    chosen = masks_chosen(report=report, check=nothing)
    for _ in range(2):
        masks_draw(report=report, chosen=chosen)
    report.refresh_from_db()
    assert (report.images_drawn, report.masks_drawn) == (2, 4)
    drawn = report.images.first()
    assert drawn is not None
    scores = [Score(uuid.UUID(mask_id), 1, 0.5, 0.75) for mask_id in drawn.mask_ids]
    assert scores_store(drawn_image=drawn, scores=scores)
    assert not scores_store(drawn_image=drawn, scores=scores)
    report.refresh_from_db()
    assert (report.images_done, report.masks_measured, report.images_failed) == (1, 2, 0)
    assert MeasuredMask.objects.count() == 2
    # An image that was deleted meanwhile is none of it, and takes its rows along.
    other = report.images.get(is_done=False)
    image_delete(image=other.image)
    assert not scores_store(drawn_image=other, scores=scores)
    image_delete(image=drawn.image)
    assert (DrawnImage.objects.count(), MeasuredMask.objects.count()) == (0, 0)


def test_groups_by_tag_with_figures_and_a_warning(
    api: APIClient, project: Project, owner: User, accepted: Accepted, report: Report
) -> None:
    images = accepted(range(12), masks=6)
    night, day, rare = (tag_create(project=project, name=name) for name in ("night", "day", "rare"))
    images_tag(
        project=project, actor=owner, image_ids=[one.pk for one in images[:6]], add=[night.pk], remove=[]
    )
    images_tag(
        project=project, actor=owner, image_ids=[one.pk for one in images[6:]], add=[day.pk], remove=[]
    )
    images_tag(project=project, actor=owner, image_ids=[images[0].pk], add=[rare.pk], remove=[])
    # By hand: means .5 and .7; every image's own mean is its group's, give or take .01.
    ious = {
        image.pk: [base + (0.01 if place % 2 else -0.01)] * 6
        for place, image in enumerate(images)
        for base in [0.5 if place < 6 else 0.7]
    }
    made = report(ious)
    found = groups(api, made, by="tag")
    by_name = {group["name"]: group for group in found["groups"]}
    assert [*by_name] == ["night", "day", "rare"]
    assert (by_name["night"]["masks"], by_name["night"]["images"]) == (36, 6)
    assert by_name["night"]["miou"]["mean"] == pytest.approx(0.5)
    # Error sqrt(6/5 * 6 * .06^2) / 36 = .0044721; t for 5 degrees of freedom 2.57058.
    assert by_name["night"]["miou"]["high"] == pytest.approx(0.5 + 2.57058 * 0.0044721, abs=1e-5)
    assert by_name["day"]["difference"]["mean"] == pytest.approx(0.2)
    assert (by_name["rare"]["is_small"], by_name["rare"]["miou"]["low"]) == (True, None)
    assert by_name["night"]["color"] == night.color
    assert (found["masks"], found["pairs"], found["differing"]) == (72, 1, 1)
    (warning,) = found["warnings"]
    assert (warning["worse"], warning["better"]) == (str(night.pk), str(day.pk))
    assert warning["text"] == (
        "Masks tagged “night” are segmented worse at 1 click: 50.0 ± 1.1 against 70.0 ± 1.1 for masks tagged “day”."
    )
    # After three clicks there is no difference, and so no warning.
    later = groups(api, made, by="tag", clicks=3)
    assert later["overall"]["mean"] == pytest.approx(0.9)
    assert (later["pairs"], later["warnings"]) == (1, [])


def test_groups_by_label_and_by_what_is_said(
    api: APIClient, project: Project, accepted: Accepted, report: Report
) -> None:
    size = {"name": "size", "kind": "select", "choices": ["small", "large"], "default": None}
    asleep = {"name": "asleep", "kind": "checkbox", "default": False}
    weight = {"name": "weight", "kind": "number", "default": None}
    cat = label_create(project=project, name="cat", attributes=[size, asleep, weight])
    of_size, of_asleep, of_weight = cat.attributes.order_by("position")
    accepted(range(2), label_id=cat.pk, attributes={str(of_size.pk): "small"})
    accepted(range(2, 4), label_id=cat.pk, attributes={str(of_size.pk): "large", str(of_asleep.pk): True})
    accepted(range(4, 5), label_id=cat.pk)
    accepted(range(5, 6))
    accepted(range(6, 7), label_id=None)
    made = report({image.pk: [0.1 * place] for place, image in enumerate(Image.objects.order_by("pk"))})

    def told(by: str) -> list[tuple[str, str, int, float]]:
        found = groups(api, made, by=by)["groups"]
        return [(one["key"], one["name"], one["masks"], round(one["miou"]["mean"], 3)) for one in found]

    plain = project.labels.exclude(pk=cat.pk).get()
    assert told("label") == [
        (str(plain.pk), "object", 1, 0.5),
        (str(cat.pk), "cat", 5, 0.2),
        ("", "No label", 1, 0.6),
    ]
    assert told(f"attribute:{of_size.pk}") == [
        ("small", "small", 2, 0.05),
        ("large", "large", 2, 0.25),
        ("", "Not said", 1, 0.4),
    ]
    assert told(f"attribute:{of_asleep.pk}") == [("no", "no", 3, 0.167), ("yes", "yes", 2, 0.25)]
    # Only masks that could say it are asked.
    assert groups(api, made, by=f"attribute:{of_size.pk}")["masks"] == 5
    for by, code in (
        (f"attribute:{of_weight.pk}", "fairness.attribute"),
        ("attribute:999999", "fairness.attribute"),
        ("attribute:" + "9" * 18, "fairness.attribute"),
        ("author", "fairness.by"),
    ):
        answer = api.get(f"/api/v1/fairness-reports/{made.pk}/groups/", {"by": by})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert api.get(f"/api/v1/fairness-reports/{made.pk}/groups/", {"clicks": 2}).status_code == 400


def test_masks_that_are_gone_or_changed_are_told(api: APIClient, accepted: Accepted, report: Report) -> None:
    images = accepted(range(3))
    made = report({image.pk: [0.5] for image in images})
    first, second, _ = Mask.objects.order_by("created_at")
    assert api.delete(f"/api/v1/masks/{first.pk}/?revision=1").status_code == 204
    assert api.patch(f"/api/v1/masks/{second.pk}/", {"revision": 1, "z": 3}).status_code == 200
    found = groups(api, made)
    assert (found["masks"], found["masks_gone"], found["masks_changed"]) == (2, 1, 1)


def test_the_file_has_a_row_a_mask_and_no_formulas(
    project: Project, owner: User, accepted: Accepted, report: Report
) -> None:
    (image,) = accepted(range(1))
    tag = tag_create(project=project, name="=1+1")
    images_tag(project=project, actor=owner, image_ids=[image.pk], add=[tag.pk], remove=[])
    label_create(
        project=project, name="cat", attributes=[{"name": "asleep", "kind": "checkbox", "default": None}]
    )
    made = report({image.pk: [0.25]})
    lines = b"".join(report_csv(report=made)).decode().splitlines()
    mask = Mask.objects.get()
    assert lines == [
        "mask,revision,image,file_name,tags,label,iou_1,iou_3,cat: asleep",
        f"{mask.pk},1,{image.pk},0.png,'=1+1,object,0.25000,0.90000,",
    ]


def test_what_is_read_does_not_grow_with_masks_and_reports(
    api: APIClient, project: Project, accepted: Accepted, report: Report
) -> None:
    def queries() -> list[int]:
        counts = []
        for url in (f"projects/{project.pk}/fairness-reports/", f"fairness-reports/{made.pk}/groups/"):
            with CaptureQueriesContext(connection) as captured:
                assert api.get(f"/api/v1/{url}").status_code == 200
            counts.append(len(captured))
        return counts

    made = report({image.pk: [0.5] for image in accepted(range(1))})
    before = queries()
    accepted(range(1, 5), masks=3)
    made = report(
        {pk: [0.5] * (3 if seed else 1) for seed, pk in enumerate(Image.objects.values_list("pk", flat=True))}
    )
    assert queries() == before


def test_images_that_come_later_or_leave_work_are_no_matter(
    project: Project, accepted: Accepted, begin: Begin
) -> None:
    accepted(range(1))
    report = begin()
    make_image(project, seed=9)
    assert len(masks_chosen(report=report, check=nothing)) == 1
