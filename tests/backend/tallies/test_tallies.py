"""Sums that are kept must be what counting would say, whatever happens to masks and images."""

import random
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.projects.models import Project
from backend.projects.services import label_create
from backend.tallies.families import IMAGES, MASKS, STORAGE, WORK
from backend.tallies.models import MaskChange, MasksByDay, Measure, Tally, TallyChange
from backend.tallies.selectors import family_sums, tally_sums
from backend.tallies.services import tallies_sweep, tally_add
from tests.builders import encode_mask, make_image, make_mask_body, rectangle


def counted(project: Project) -> tuple[dict[int | None, int], int]:
    """Masks by label and annotated images, the slow way."""
    masks = Mask.objects.filter(image__project=project).order_by()
    by_label = dict(masks.values_list("label").annotate(count=Count("pk")))
    return by_label, masks.values("image").distinct().count()


def kept(project: Project) -> tuple[dict[int | None, int], int]:
    sums = tally_sums(project_ids=[project.pk])[project.pk]
    return {label: count for label, count in sums.masks_by_label.items() if count}, sums.annotated_images


def all_sums(project: Project) -> list[Any]:
    """What every table of every family says of the project, each by all it tells apart."""
    filters = {"project_id": project.pk}
    return [
        family_sums(family, by=family.dimensions(table), filters=filters)
        for family in (MASKS, IMAGES, WORK, STORAGE)
        for table in family.sums
    ]


class Crowd:
    """Random changes through the API, by a seed."""

    def __init__(self, api: APIClient, project: Project, seed: int) -> None:
        self.api, self.project, self.chance = api, project, random.Random(seed)
        self.labels = [None, project.labels.get().pk, label_create(project=project, name="cat").pk]
        self.images = [make_image(project, seed=number, name=f"{number}.png") for number in range(4)]
        self.revisions: dict[str, tuple[int, Image]] = {}
        self.deleted: dict[str, tuple[int, Image]] = {}

    def step(self) -> None:
        steps = ["create"] * 3 + ["relabel", "reshape", "redraw", "delete", "restore", "again"]
        steps += ["submit", "withdraw", "accept", "reject"]
        choice = self.chance.choice(steps)
        getattr(self, choice)()

    def create(self) -> None:
        image = self.chance.choice(self.images)
        body = make_mask_body(image, self.chance.choice(self.labels))  # type: ignore[arg-type]
        body |= {
            "model": self.chance.choice([body["model"], None]),
            "stage": self.chance.choice(["assisted_manual", "semi_automatic"]),
            "seconds_spent": self.chance.choice([0, self.chance.random() * 10]),
        }
        assert self.api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
        self.revisions[body["id"]] = (1, image)

    def again(self) -> None:
        """The same create once more: nothing comes of it."""
        if self.revisions:
            mask_id = self.chance.choice(list(self.revisions))
            body = make_mask_body(self.revisions[mask_id][1], None) | {"id": mask_id}  # type: ignore[arg-type]
            image = self.revisions[mask_id][1]
            assert self.api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 200

    def change(self, **fields: Any) -> None:
        if self.revisions:
            mask_id = self.chance.choice(list(self.revisions))
            revision, image = self.revisions[mask_id]
            answer = self.api.patch(f"/api/v1/masks/{mask_id}/", fields | {"revision": revision})
            assert answer.status_code == 200, answer.content
            self.revisions[mask_id] = (revision + 1, image)

    def relabel(self) -> None:
        self.change(label=self.chance.choice(self.labels))

    def reshape(self) -> None:
        self.change(z=self.chance.randrange(9))

    def redraw(self) -> None:
        """All images are of one size."""
        image = self.images[0]
        shape = rectangle(image.height, image.width, 0, 0, self.chance.randrange(1, 20), 9)
        fields = {"segmentation": encode_mask(shape), "seconds_spent": self.chance.random() * 10}
        self.change(**fields, tool=self.chance.choice(["brush", "smart"]))

    def work(self, step: str, **body: str) -> None:
        """Often not allowed from there, and then nothing changes."""
        image = self.chance.choice(self.images)
        answer = self.api.post(f"/api/v1/images/{image.pk}/work/{step}/", body)
        assert answer.status_code in (200, 409), answer.content

    def submit(self) -> None:
        self.work("submit")

    def withdraw(self) -> None:
        self.work("withdraw")

    def accept(self) -> None:
        self.work("accept")

    def reject(self) -> None:
        self.work("reject", reason="a hole")

    def delete(self) -> None:
        if self.revisions:
            mask_id = self.chance.choice(list(self.revisions))
            revision, image = self.revisions.pop(mask_id)
            assert self.api.delete(f"/api/v1/masks/{mask_id}/?revision={revision}").status_code == 204
            self.deleted[mask_id] = (revision, image)

    def restore(self) -> None:
        if self.deleted:
            mask_id = self.chance.choice(list(self.deleted))
            revision, image = self.deleted.pop(mask_id)
            body = {"revision": revision, "from": revision}
            answer = self.api.post(f"/api/v1/masks/{mask_id}/restore/", body)
            assert answer.status_code == 200, answer.content
            self.revisions[mask_id] = (answer.json()["revision"], image)


@pytest.mark.parametrize("seed", range(3))
def test_sums_are_what_counting_says_after_every_change(api: APIClient, project: Project, seed: int) -> None:
    crowd = Crowd(api, project, seed)
    for number in range(60):
        crowd.step()
        if number % 11 == 5:
            tallies_sweep()
        assert kept(project) == counted(project)
    assert api.delete(f"/api/v1/images/{crowd.images[0].pk}/").status_code == 204
    assert kept(project) == counted(project)
    answer = api.get(f"/api/v1/projects/{project.pk}/").json()
    by_label, annotated = counted(project)
    assert answer["mask_count"] == sum(by_label.values())
    assert answer["unlabelled_mask_count"] == by_label.get(None, 0)
    assert answer["annotated_image_count"] == annotated
    labels = api.get(f"/api/v1/projects/{project.pk}/labels/").json()
    assert {label["id"]: label["mask_count"] for label in labels if label["mask_count"]} == {
        label: count for label, count in by_label.items() if label
    }


@pytest.mark.parametrize("seed", range(3))
def test_every_sum_is_what_a_recount_finds(api: APIClient, project: Project, seed: int) -> None:
    crowd = Crowd(api, project, seed)
    for number in range(80):
        crowd.step()
        if number % 17 == 9:
            before = all_sums(project)
            tallies_sweep()
            assert all_sums(project) == before, "drawn in, nothing is another"
    assert api.delete(f"/api/v1/images/{crowd.images[0].pk}/").status_code == 204
    summed = all_sums(project)
    assert any(summed)
    call_command("tallies_recount")
    assert all_sums(project) == summed
    masks = family_sums(MASKS, by=[], filters={"project_id": project.pk})
    assert masks[()]["masks"] == Mask.objects.count()


def test_a_change_of_a_mask_costs_one_row(api: APIClient, project: Project, image: Image) -> None:
    body = make_mask_body(image, project.labels.get().pk)
    api.post(f"/api/v1/images/{image.pk}/masks/", body)
    assert MaskChange.objects.count() == 1
    api.patch(f"/api/v1/masks/{body['id']}/", {"revision": 1, "seconds_spent": 5})
    assert MaskChange.objects.order_by("pk").last().milliseconds == 1750  # type: ignore[union-attr]
    api.patch(f"/api/v1/masks/{body['id']}/", {"revision": 2, "z": 5})
    assert MaskChange.objects.count() == 2, "what counts is the same"


def test_rows_of_one_key_are_one_sum(api: APIClient, project: Project, image: Image) -> None:
    """Two sweeps at once may each begin a row, and people who are gone leave rows alike."""
    api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, project.labels.get().pk))
    tallies_sweep()
    row = MasksByDay.objects.get()
    row.pk = None
    row.save(force_insert=True)
    api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, project.labels.get().pk))
    tallies_sweep()
    assert sorted(MasksByDay.objects.values_list("masks", flat=True)) == [1, 2]
    assert family_sums(MASKS, by=[], filters={"project_id": project.pk})[()]["masks"] == 3


def test_a_refused_change_counts_nothing(api: APIClient, project: Project, image: Image) -> None:
    body = make_mask_body(image, project.labels.get().pk)
    api.post(f"/api/v1/images/{image.pk}/masks/", body)
    stale = {"revision": 7, "label": None}
    assert api.patch(f"/api/v1/masks/{body['id']}/", stale).status_code == 409
    assert api.delete(f"/api/v1/masks/{body['id']}/?revision=7").status_code == 409
    unknown = make_mask_body(image, 10**6) | {"id": str(uuid.uuid4())}
    assert api.post(f"/api/v1/images/{image.pk}/masks/", unknown).status_code == 400
    assert kept(project) == counted(project) == ({body["label"]: 1}, 1)


def test_changes_are_drawn_into_one_row_each(project: Project) -> None:
    for amount in (5, -2, 4):
        tally_add(project_id=project.pk, measure=Measure.MASKS, amount=amount)
    tally_add(project_id=project.pk, measure=Measure.MASKS, amount=0)
    before = kept(project)
    assert tallies_sweep() == 3
    assert tallies_sweep() == 0
    assert TallyChange.objects.count() == 0
    assert Tally.objects.get().amount == 7
    assert kept(project) == before


def test_a_recount_mends_what_came_in_past_the_services(
    api: APIClient, project: Project, image: Image
) -> None:
    api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, project.labels.get().pk))
    Tally.objects.create(project=project, measure=Measure.MASKS, amount=41)
    assert kept(project) != counted(project)
    call_command("tallies_recount")
    assert kept(project) == counted(project)


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("projects/", 7),
        ("projects/{project}/", 8),
        ("projects/{project}/labels/", 4),
        ("projects/{project}/work/", 4),
        ("projects/{project}/images/?page_size=60", 5),
        ("projects/{project}/images/?status=ready&annotated=true", 4),
        ("images/{image}/", 8),
        ("images/{image}/work/", 5),
        ("images/{image}/masks/", 3),
        ("images/{image}/masks/changes/", 5),
    ],
)
def test_a_request_takes_the_same_number_of_queries_for_any_number_of_rows(
    api: APIClient,
    project: Project,
    address: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(1, 4)]
    url = "/api/v1/" + address.format(project=project.pk, image=images[0].pk)
    for masks in (0, 3):
        for image in images[:masks]:
            label = label_create(project=project, name=image.file_name).pk
            api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, label))
        with django_assert_num_queries(queries + 2):  # the session and its person
            assert api.get(url).status_code == 200
