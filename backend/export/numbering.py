"""Numbers for formats that call images and masks by number: the same in every export."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import BigIntegerField, Exists, F, Model, OuterRef, QuerySet, Subquery, Value, Window
from django.db.models.functions import RowNumber

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
    images = Image.objects.filter(project=project, original=None, export_number=None)
    counter.last_image += _numbered(ImageNumber, "image_id", images, project, counter.last_image, ["pk"])
    has_one = MaskNumber.objects.filter(mask_id=OuterRef("pk"))
    masks = Mask.objects.filter(~Exists(has_one), image__project=project, image__original=None)
    counter.last_mask += _numbered(
        MaskNumber, "mask_id", masks, project, counter.last_mask, ["created_at", "pk"]
    )
    counter.save()


def _numbered(
    kind: type[Model], column: str, rows: QuerySet[Any], project: Project, last: int, order: Sequence[str]
) -> int:
    """How many rows got a number, in this order. By the database itself: millions of them need not come here and go
    back, and to read them in pieces is to sort what is left for each piece."""
    number = Window(RowNumber(), order_by=[F(name).asc() for name in order]) + last
    chosen = rows.order_by().annotate(of=Value(project.pk, output_field=BigIntegerField()), number=number)
    query, values = chosen.values_list("pk", "of", "number").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {kind._meta.db_table} ({column}, project_id, number) {query}", values)
        return cursor.rowcount


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


def mask_number() -> Subquery:
    """A mask's number, as a column of a query for masks; null for those that have none."""
    return Subquery(MaskNumber.objects.filter(mask_id=OuterRef("pk")).values("number"))
