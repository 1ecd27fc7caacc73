"""Many masks at once leave the same rows and sums as one by one."""

import uuid
from typing import Any

import numpy as np
import pytest

from backend.annotations.bulk import MaskDraft, masks_create
from backend.annotations.models import Mask, MaskSequence
from backend.annotations.services import mask_create, mask_delete
from backend.common.errors import Conflict, PermissionRefused
from backend.formats.rle import region_parse
from backend.images.models import Image
from backend.projects.models import Membership, Project
from backend.projects.services import label_create
from backend.tallies.models import MasksByAll, Tally, TallyChange
from backend.tallies.services import tallies_sweep
from backend.users.models import User
from backend.work.models import WorkItem
from tests.builders import encode_mask, make_image

PROMPTS = {"points": [[3.5, 4.0, 1]], "box": None, "candidate": 1}


def drafts(project: Project, count: int = 4) -> list[MaskDraft]:
    label = project.labels.order_by("pk")[0]
    made = []
    for number in range(count):
        drawn = np.zeros((30, 40), bool)
        drawn[number : number + 5, 3 : 20 - number] = True
        region = region_parse(encode_mask(drawn)["counts"], height=30, width=40)
        made.append(
            MaskDraft(
                id=uuid.uuid4(),
                region=region,
                label=label if number % 3 else None,
                prompts=PROMPTS,
                stage="semi_automatic",
                z=number,
                predicted_iou=0.5,
                tool="import",
            )
        )
    return made


def one_by_one(image: Image, author: User, wanted: list[MaskDraft]) -> None:
    for draft in wanted:
        mask_create(
            image=image,
            author=author,
            mask_id=draft.id,
            label_id=draft.label.pk if draft.label else None,
            segmentation={"size": [30, 40], "counts": draft.region.counts},
            prompts=draft.prompts,
            stage=draft.stage,
            z=draft.z,
            predicted_iou=draft.predicted_iou,
            tool=draft.tool,
        )


def state(image: Image) -> dict[str, Any]:
    """All that is stored of the image's masks, but for the moment and whose image it is."""
    left_out = {"id", "image_id", "created_at", "updated_at"}
    masks = Mask.objects.filter(image=image).order_by("sequence").values()
    return {
        "masks": [{name: value for name, value in row.items() if name not in left_out} for row in masks],
        "order": [row.z for row in Mask.objects.filter(image=image)],
        "sequence": MaskSequence.objects.get(image=image).last,
        "work": WorkItem.objects.filter(image=image).values("mask_count", "status", "assignee", "is_taken")[
            0
        ],
    }


def sums() -> dict[tuple[str, int | None], int]:
    tallies_sweep()
    assert not TallyChange.objects.exists()
    found = {(row.measure, row.label_id): row.amount for row in Tally.objects.filter(amount__gt=0)}
    return found


def test_rows_and_sums_are_those_of_one_by_one(project: Project, owner: User) -> None:
    label_create(project=project, name="cat")
    first, second = make_image(project), make_image(project, seed=1)
    before = sums()
    one_by_one(first, owner, drafts(project))
    after_one = sums()
    masks_create(image=second, author=owner, drafts=drafts(project))
    after_both = sums()
    assert state(first) == state(second)
    for key, amount in after_one.items():
        assert after_both[key] - amount == amount - before.get(key, 0), key


def masks_in_figures() -> int:
    tallies_sweep()
    return sum(row.masks for row in MasksByAll.objects.all())


def test_the_figures_of_masks_know_them(project: Project, owner: User) -> None:
    masks_create(image=make_image(project), author=owner, drafts=drafts(project, 3))
    assert masks_in_figures() == 3
    assert {row.label_id for row in MasksByAll.objects.all()} == {None, project.labels.get().pk}


def test_a_second_batch_goes_on(project: Project, owner: User) -> None:
    image = make_image(project)
    masks_create(image=image, author=owner, drafts=drafts(project, 2))
    masks_create(image=image, author=owner, drafts=drafts(project, 3))
    assert list(Mask.objects.filter(image=image).values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]
    assert image.work.__class__.objects.get(pk=image.pk).mask_count == 5
    assert sums()["annotated_images", None] == 1


def test_an_id_that_is_or_was_a_masks_lets_none_in(project: Project, owner: User) -> None:
    image = make_image(project)
    stored = drafts(project, 2)
    masks_create(image=image, author=owner, drafts=stored)
    mask_delete(mask=Mask.objects.get(pk=stored[0].id), editor=owner, revision=1)
    for taken in stored:
        with pytest.raises(Conflict):
            masks_create(image=image, author=owner, drafts=[*drafts(project, 2), taken])
    twice = drafts(project, 1)
    with pytest.raises(Conflict):
        masks_create(image=image, author=owner, drafts=[*twice, *twice])
    assert Mask.objects.count() == 1


def test_nobody_is_let_past_the_image(project: Project, owner: User) -> None:
    image = make_image(project)
    Membership.objects.filter(user=owner).update(role="annotator")
    WorkItem.objects.filter(image=image).update(status="accepted")
    with pytest.raises(PermissionRefused):
        masks_create(image=image, author=owner, drafts=drafts(project, 1))


def test_the_number_of_statements_does_not_grow_with_the_masks(
    project: Project, owner: User, django_assert_max_num_queries: Any
) -> None:
    image = make_image(project)
    many = drafts(project, 1) + [d for _ in range(30) for d in drafts(project, 4)]
    with django_assert_max_num_queries(25):
        masks_create(image=image, author=owner, drafts=many)
