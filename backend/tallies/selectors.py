from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, Sum, Value
from django.db.models.expressions import Expression

from backend.tallies.families import Family, Table
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


@dataclass(frozen=True)
class Derived:
    """What rows are told apart by that follows from a column: its week, say. `name` is no column's."""

    name: str
    column: str
    expression: Expression


def family_sums(
    family: Family, *, by: Sequence[str | Derived], filters: Mapping[str, Any]
) -> dict[tuple[Any, ...], Counter[str]]:
    """The family's numbers by the values of `by`, columns, of what passes the filters (Django's, by column, with its
    lookups). As of one moment: one statement reads the sums and what is not drawn in yet. Nothing that is nought."""
    columns = {one.column if isinstance(one, Derived) else one for one in by}
    wanted = {*columns, *(name.partition("__")[0] for name in filters)}
    parts = [_summed(table, family, by, filters) for table in (family.smallest(wanted), family.changes)]
    sums: dict[tuple[Any, ...], Counter[str]] = {}
    for row in parts[0].union(parts[1], all=True):
        kept = sums.setdefault(row[: len(by)], Counter())
        for name, amount in zip(family.amounts, row[len(by) :], strict=True):
            kept[name] += amount or 0
    return {key: amounts for key, amounts in sums.items() if any(amounts.values())}


def _summed(
    table: Table, family: Family, by: Sequence[str | Derived], filters: Mapping[str, Any]
) -> QuerySet[Any, Any]:
    rows = table._default_manager.filter(**filters).order_by()
    # One group for all where nothing is told apart, which `values()` without a name would not make.
    derived = [one for one in by if isinstance(one, Derived)] or [Derived("all", "", Value(0))]
    rows = rows.annotate(**{one.name: one.expression for one in derived})
    names = [one.name if isinstance(one, Derived) else one for one in by]
    # Named apart from the columns, which they would hide.
    sums = {f"sum_{name}": Sum(name) for name in family.amounts}
    return rows.values(*(names or ["all"])).annotate(**sums).values_list(*names, *sums)
