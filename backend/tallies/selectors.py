from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, Sum

from backend.tallies.models import Measure, Tally, TallyChange


@dataclass
class Sums:
    """What a project holds."""

    masks_by_label: Counter[int | None] = field(default_factory=Counter)
    annotated_images: int = 0

    @property
    def masks(self) -> int:
        return sum(self.masks_by_label.values())


def label_sum(rows: type[Tally] | type[TallyChange], label: Any) -> QuerySet[Any]:
    """The part of a label's number of masks that stands in these rows, as a subquery; `label` is its key."""
    chosen = rows._default_manager.filter(measure=Measure.MASKS, label=label).order_by()
    return chosen.values("label").annotate(sum=Sum("amount")).values("sum")


def tally_sums(*, project_ids: Iterable[int]) -> dict[int, Sums]:
    """By project id, as of one moment: one statement reads the sums and what is not drawn in yet."""
    ids = list(project_ids)
    columns = ("project_id", "measure", "label_id", "amount")
    kept = Tally.objects.filter(project__in=ids).order_by().values_list(*columns)
    changes = TallyChange.objects.filter(project__in=ids).order_by().values_list(*columns)
    sums = {pk: Sums() for pk in ids}
    for project_id, measure, label_id, amount in kept.union(changes, all=True):
        if measure == Measure.MASKS:
            sums[project_id].masks_by_label[label_id] += amount
        else:
            sums[project_id].annotated_images += amount
    return sums
