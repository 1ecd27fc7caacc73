"""Numbers for formats that call images and masks by number: the same in every export."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from backend.annotations.models import Mask
from backend.export.models import ImageNumber, MaskNumber, NumberCounter
from backend.images.models import Image
from backend.projects.models import Project

_AT_ONCE: Final = 2000


@transaction.atomic
def numbers_give(*, project: Project) -> None:
    """Gives a number to each image and mask of the project that has none. Two who export at once wait for each other."""
    NumberCounter.objects.bulk_create([NumberCounter(project=project)], ignore_conflicts=True)
    counter = NumberCounter.objects.select_for_update().get(project=project)
    images = Image.objects.filter(project=project, original=None, export_number=None).order_by("pk")
    for ids in _batches(images.values_list("pk", flat=True)):
        ImageNumber.objects.bulk_create(
            ImageNumber(image_id=pk, project=project, number=number)
            for number, pk in enumerate(ids, start=counter.last_image + 1)
        )
        counter.last_image += len(ids)
    has_one = MaskNumber.objects.filter(mask_id=OuterRef("pk"))
    masks = Mask.objects.filter(~Exists(has_one), image__project=project, image__original=None)
    masks = masks.order_by("created_at", "pk")
    for ids in _batches(masks.values_list("pk", flat=True)):
        MaskNumber.objects.bulk_create(
            MaskNumber(mask_id=pk, project=project, number=number)
            for number, pk in enumerate(ids, start=counter.last_mask + 1)
        )
        counter.last_mask += len(ids)
    counter.save()


def numbers_are_free(*, project: Project) -> bool:
    """Whether nothing of the project has a number yet."""
    given = (ImageNumber.objects.filter(project=project), MaskNumber.objects.filter(project=project))
    return not any(numbers.exists() for numbers in given)


@transaction.atomic
def numbers_keep(*, project: Project, images: Mapping[int, int], masks: Mapping[UUID, int]) -> None:
    """Gives images and masks that have none the numbers (from 1) they had elsewhere. One that is taken, or wanted by
    several, is left to who has it, or comes first: the others get one when they are exported."""
    NumberCounter.objects.bulk_create([NumberCounter(project=project)], ignore_conflicts=True)
    counter = NumberCounter.objects.select_for_update().get(project=project)
    for pk, number in _free(ImageNumber.objects.filter(project=project), images, "image_id"):
        ImageNumber.objects.create(image_id=pk, project=project, number=number)
        counter.last_image = max(counter.last_image, number)
    given = list(_free(MaskNumber.objects.filter(project=project), masks, "mask_id"))
    MaskNumber.objects.bulk_create(
        [MaskNumber(mask_id=pk, project=project, number=number) for pk, number in given], batch_size=_AT_ONCE
    )
    counter.last_mask = max([counter.last_mask, *(number for _, number in given)])
    counter.save()


def _free(given: QuerySet[Any], wanted: Mapping[Any, int], key: str) -> Iterator[tuple[Any, int]]:
    """Of what is wanted the pairs in which neither has another one."""
    pairs = list(wanted.items())
    taken: set[int] = set()
    for start in range(0, len(pairs), 500):
        some = dict(pairs[start : start + 500])
        taken |= set(given.filter(number__in=some.values()).values_list("number", flat=True))
        numbered = set(given.filter(**{f"{key}__in": list(some)}).values_list(key, flat=True))
        for pk, number in some.items():
            if number not in taken and pk not in numbered:
                taken.add(number)
                yield pk, number


def mask_numbers(*, mask_ids: Iterable[UUID]) -> dict[UUID, int]:
    """By mask, of those that have one."""
    rows = MaskNumber.objects.filter(mask_id__in=list(mask_ids))
    return dict(rows.values_list("mask_id", "number"))


def _batches(queryset: QuerySet[Any, Any]) -> Iterator[list[Any]]:
    """The keys in pieces. Each is read anew, as what was written since no longer belongs to the rows."""
    while keys := list(queryset[:_AT_ONCE]):
        yield keys
