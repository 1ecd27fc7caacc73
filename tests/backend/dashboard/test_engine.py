"""The data engine round by round: a model is promoted, another one, and rolled back; what people made stands in the
rounds it was made in."""

import csv
import io
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from backend.projects.models import Project
from backend.proposals.models import Proposal, ProposalRun
from backend.proposals.storing import proposals_store
from backend.tallies.families import IMAGES
from backend.tallies.selectors import family_sums
from backend.tallies.services import tallies_sweep
from backend.training.models import ModelChange, TrainingRun
from backend.users.models import User
from tests.builders import encode_mask, make_found, make_image, make_mask_body, make_training_run, rectangle

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
RECTANGLES = [(0, 0, 8, 10), (10, 0, 18, 10), (20, 0, 28, 10), (0, 20, 8, 30)]


class Loop:
    """A project whose model changes, with everything on the days that are said: so many after Monday."""

    def __init__(self, api: APIClient, project: Project, owner: User) -> None:
        self.api, self.project, self.owner = api, project, owner
        self.at = f"/api/v1/projects/{project.pk}"
        Project.objects.filter(pk=project.pk).update(created_at=MONDAY - timedelta(days=30))

    def masks(self, image: Image, day: int, count: int, **fields: Any) -> list[str]:
        """Of the project's model now, 4 s and 2 clicks each."""
        self.project.refresh_from_db()
        image.project = self.project
        clicks = {"points": [[5.5, 6.5, 1], [8.5, 6.5, 0]], "box": None, "candidate": 0}
        ids = []
        for _ in range(count):
            body = make_mask_body(image, None, prompts=clicks, seconds_spent=4) | fields  # type: ignore[arg-type]
            answer = self.api.post(f"/api/v1/images/{image.pk}/masks/", body)
            assert answer.status_code == 201, answer.content
            ids.append(body["id"])
        self.set_day(ids, day)
        return ids

    def set_day(self, ids: list[str], day: int) -> None:
        Mask.objects.filter(pk__in=ids).update(created_at=MONDAY + timedelta(days=day))

    def promote(self, version: ModelVersion, day: int) -> TrainingRun:
        run: TrainingRun = make_training_run(self.project, self.owner, version, "better")
        TrainingRun.objects.filter(pk=run.pk).update(
            train_images=5, train_masks=50, val_images=2, val_masks=9
        )
        assert self.api.post(f"/api/v1/training-runs/{run.pk}/promote/", {}).status_code == 200
        self._changed(day)
        return run

    def roll_back(self, day: int) -> None:
        assert self.api.post(f"{self.at}/model/roll-back/").status_code == 200
        self._changed(day)

    def _changed(self, day: int) -> None:
        latest = ModelChange.objects.latest("pk")
        ModelChange.objects.filter(pk=latest.pk).update(at=MONDAY + timedelta(days=day))
        self.project.refresh_from_db()

    def propose(self, image: Image, day: int) -> list[Proposal]:
        """A run over the image that finds `RECTANGLES`."""
        body = {"id": str(uuid.uuid4()), "stage": "semi_automatic"}
        answer = self.api.post(f"{self.at}/proposal-runs/", body)
        assert answer.status_code == 201, answer.content
        run = ProposalRun.objects.get(pk=answer.json()["id"])
        ProposalRun.objects.filter(pk=run.pk).update(created_at=MONDAY + timedelta(days=day))
        proposals_store(run=run, image=image, found=[make_found(image, *sides) for sides in RECTANGLES])
        return list(Proposal.objects.filter(run=run).order_by("pk"))

    def rows(self) -> list[dict[str, Any]]:
        answer = self.api.get(f"{self.at}/dashboard/engine/")
        assert answer.status_code == 200, answer.content
        found: list[dict[str, Any]] = answer.json()["rows"]
        return found


@pytest.fixture
def loop(api: APIClient, project: Project, owner: User) -> Loop:
    return Loop(api, project, owner)


@pytest.fixture
def third_model(other_model: ModelVersion) -> ModelVersion:
    return ModelVersion.objects.create(
        name="vit_b",
        version="0123456789ab",
        manifest=other_model.manifest | {"version": "0123456789ab"},
        parent=other_model,
    )


def decide(loop: Loop, image: Image, proposals: list[Proposal]) -> list[str]:
    """One is taken as it is, one is put right in 6 s, one is rejected, one is left; the ids of the masks."""
    untouched, fixed, rejected, _ = proposals
    ids = []
    for proposal, fields in (
        (untouched, {"seconds_spent": 0}),
        (
            fixed,
            {
                "seconds_spent": 6,
                "tool": "brush",
                "segmentation": encode_mask(rectangle(30, 40, 10, 0, 18, 9)),
                "model_segmentation": fixed.segmentation,
            },
        ),
    ):
        body = {
            "id": str(proposal.pk),
            "label": None,
            "segmentation": proposal.segmentation,
            "prompts": {"points": [], "box": None, "candidate": 0},
            "model": str(proposal.run.model_version),
            "stage": "semi_automatic",
        } | fields
        answer = loop.api.post(f"/api/v1/images/{image.pk}/masks/", body)
        assert answer.status_code == 201, answer.content
        ids.append(str(proposal.pk))
    answer = loop.api.post(f"/api/v1/images/{image.pk}/proposals/decide/", {"reject": [str(rejected.pk)]})
    assert answer.status_code == 200, answer.content
    return ids


@pytest.fixture
def played(loop: Loop, project: Project, other_model: ModelVersion, third_model: ModelVersion) -> Loop:
    """Round 0 until Tuesday, 1 until Thursday, 2 until Saturday, then back to the model of round 1."""
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(4)]
    loop.masks(images[0], 0, 2, seconds_spent=10)
    loop.masks(images[1], 0, 2, seconds_spent=10)
    # Imported: nobody drew it.
    loop.masks(images[1], 0, 4, seconds_spent=0, model=None, tool="import")
    loop.promote(other_model, 1)
    # Once more on one of the first images, a day later, and a shape drawn without the model.
    loop.masks(images[0], 2, 1)
    loop.masks(images[2], 2, 1)
    loop.masks(images[2], 2, 1, model=None, seconds_spent=8)
    found = loop.propose(images[2], 2)
    loop.set_day(decide(loop, images[2], found), 2)
    loop.promote(third_model, 3)
    loop.masks(images[3], 4, 3, seconds_spent=2)
    loop.roll_back(5)
    loop.masks(images[3], 6, 1, seconds_spent=1)
    call_command("tallies_recount")
    return loop


def test_each_round_has_what_was_made_with_its_model(
    played: Loop, model_version: ModelVersion, other_model: ModelVersion, third_model: ModelVersion
) -> None:
    first, second, third, back = played.rows()
    names = ("key", "name", "reason", "retrained_from")
    assert [tuple(row[name] for name in names) for row in (first, second, third, back)] == [
        ("0", str(model_version), None, None),
        ("1", str(other_model), "promoted", None),
        ("2", str(third_model), "promoted", str(other_model)),
        ("3", str(other_model), "rolled_back", None),
    ]
    assert [row["until"] for row in (first, second, third)] == [row["since"] for row in (second, third, back)]
    assert back["until"] is None
    assert [(row["images"], row["masks"]) for row in (first, second, third, back)] == [
        (2, 8),
        (2, 5),
        (1, 3),
        (1, 1),
    ]
    assert [row["masks_per_image"] for row in (first, second, third, back)] == [4, 2.5, 3, 1]


def test_seconds_and_clicks_are_those_of_masks_made_by_hand(played: Loop) -> None:
    first, second, third, back = played.rows()
    assert (first["hand_masks"], first["seconds_per_mask"], first["clicks_per_mask"]) == (4, 10, 2)
    # 4 s, 4 s and the shape's 8 s; beside them one proposal of 0 s and one that was put right in 6 s.
    assert second["hand_masks"] == 3
    assert second["seconds_per_mask"] == pytest.approx(16 / 3)
    assert second["seconds_per_any_mask"] == pytest.approx(22 / 5)
    assert (third["seconds_per_mask"], back["seconds_per_mask"]) == (2, 1)


def test_proposals_are_told_by_what_became_of_them(played: Loop) -> None:
    first, second, *_ = played.rows()
    assert (first["prefilled"], first["prefilled_share"], first["untouched_share"]) == (0, 0, None)
    names = ("prefilled", "prefilled_untouched", "prefilled_fixed", "prefilled_share")
    assert tuple(second[name] for name in names) == (2, 1, 1, 0.4)
    outcomes = ("open", "untouched", "fixed", "rejected")
    assert [second[f"proposals_{name}"] for name in outcomes] == [1, 1, 1, 1]
    shares = [second[f"{name}_share"] for name in outcomes[1:]]
    assert shares == [pytest.approx(1 / 3)] * 3


def test_a_model_is_told_beside_the_one_it_came_from(played: Loop) -> None:
    first, second, third, back = played.rows()
    assert (first["miou"], first["verdict"], first["train_images"]) == (None, None, None)
    figures = {name: second[name] for name in second if name.startswith("miou")}
    expected = {"": 0.8, "_before": 0.7, "_difference": 0.1, "_low": 0.05, "_high": 0.15}
    assert figures == {f"miou{end}": pytest.approx(value) for end, value in expected.items()}
    assert (second["verdict"], second["is_held_out"]) == ("better", False)
    assert (third["train_images"], third["train_masks"], third["val_images"], third["val_masks"]) == (
        5,
        50,
        2,
        9,
    )
    # The same model as in round 1.
    assert back["miou"] == second["miou"]


def test_what_another_project_trained_is_not_measured_here(
    loop: Loop, owner: User, other_model: ModelVersion, make_project: Callable[..., Project]
) -> None:
    make_training_run(make_project(owner, "Dogs"), owner, other_model, "better")
    assert loop.api.patch(f"{loop.at}/", {"model": other_model.pk}).status_code == 200
    row = loop.rows()[-1]
    assert (row["reason"], row["miou"], row["train_images"]) == ("chosen", None, None)


def test_a_project_with_one_model_has_one_round(loop: Loop, project: Project) -> None:
    [row] = loop.rows()
    assert (row["key"], row["until"], row["masks"], row["seconds_per_mask"]) == ("0", None, 0, None)
    loop.masks(make_image(project), 0, 3)
    # Not drawn in yet.
    assert loop.rows()[0]["masks"] == 3
    tallies_sweep()
    assert loop.rows()[0]["masks"] == 3


def images_by_model(project: Project) -> dict[int | None, int]:
    sums = family_sums(IMAGES, by=["model_version_id"], filters={"project_id": project.pk})
    return {model: amounts["annotated_images"] for (model,), amounts in sums.items()}


def test_an_image_is_one_of_each_model_that_gave_it_masks(
    loop: Loop, project: Project, model_version: ModelVersion, other_model: ModelVersion
) -> None:
    image = make_image(project)
    [drawn] = loop.masks(image, 0, 1, model=None)
    assert images_by_model(project) == {None: 1}
    first, second = loop.masks(image, 0, 2)
    assert images_by_model(project) == {model_version.pk: 1}
    loop.masks(image, 0, 1, model=str(other_model))
    assert images_by_model(project) == {model_version.pk: 1, other_model.pk: 1}
    for mask in (first, second):
        assert loop.api.delete(f"/api/v1/masks/{mask}/?revision=1").status_code == 204
    assert images_by_model(project) == {other_model.pk: 1}
    # The shape drawn by hand is given clicks.
    change = {"revision": 1, "model": str(model_version), "tool": "smart"}
    assert loop.api.patch(f"/api/v1/masks/{drawn}/", change).status_code == 200
    assert images_by_model(project) == {model_version.pk: 1, other_model.pk: 1}
    assert loop.api.delete(f"/api/v1/images/{image.pk}/").status_code == 204
    assert images_by_model(project) == {}


def test_it_comes_as_csv(played: Loop) -> None:
    answer = played.api.get(f"{played.at}/dashboard/engine/?format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="engine.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["masks"] for row in rows] == ["8", "5", "3", "1"]
    assert set(rows[0]) == set(played.rows()[0])


def test_it_takes_the_same_number_of_queries_for_any_number_of_masks_and_rounds(
    loop: Loop,
    project: Project,
    other_model: ModelVersion,
    third_model: ModelVersion,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(3)]
    for number, version in enumerate((other_model, third_model)):
        for image in images[: 2 * number + 1]:
            loop.masks(image, number, 2)
        loop.propose(images[0], number)
        loop.promote(version, number)
        # The session and its person, whether they may, the project; rounds, masks, images, proposals, trainings.
        with django_assert_num_queries(9):
            assert len(loop.rows()) == number + 2
