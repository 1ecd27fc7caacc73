"""Sums as they change."""

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F

from backend.tallies.families import FAMILIES, Family, Table
from backend.tallies.models import Measure, TallyChange

AT_ONCE: Final = 5000

# By the values of a table's dimensions: its numbers, in the order of `Family.amounts`.
_Sums = dict[tuple[Any, ...], list[int]]


def tally_add(*, project_id: int, measure: Measure, amount: int, label_id: int | None = None) -> None:
    """Notes that a sum changed; call it in the transaction that changes what is counted."""
    if amount:
        TallyChange.objects.create(project_id=project_id, measure=measure, label_id=label_id, amount=amount)


def changes_note(
    family: Family, *, gone: Iterable[Mapping[str, Any]] = (), come: Iterable[Mapping[str, Any]] = ()
) -> None:
    """Notes what no longer counts and what does from now on, each with all dimensions of the family and some of its
    numbers; call it in the transaction that changes what is counted. What is in both costs nothing."""
    sums: _Sums = {}
    dimensions = family.dimensions(family.changes)
    for sign, changes in ((-1, gone), (1, come)):
        for change in changes:
            _gather(sums, dimensions, family, change, sign)
    rows = [_row(family, family.changes, key, amounts) for key, amounts in sums.items() if any(amounts)]
    if rows:
        family.changes._default_manager.bulk_create(rows)


def tallies_sweep() -> int:
    """Draws changes into their sums; how many. What another process is drawing in is left to it."""
    count = 0
    for family in FAMILIES:
        while drawn := _draw_some(family):
            count += drawn
    return count


@transaction.atomic
def _draw_some(family: Family) -> int:
    rows = family.changes._default_manager.order_by("pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    changes = list(rows.values("pk", *family.dimensions(family.changes), *family.amounts)[:AT_ONCE])
    for table in family.sums:
        sums: _Sums = {}
        dimensions = family.dimensions(table)
        for change in changes:
            _gather(sums, dimensions, family, change, 1)
        # In one order, so that two who draw at once never wait for each other.
        for key in sorted(sums, key=lambda key: [(value is not None, value) for value in key]):
            _add(family, table, key, sums[key])
    family.changes._default_manager.filter(pk__in=[change["pk"] for change in changes]).delete()
    return len(changes)


def _gather(
    sums: _Sums, dimensions: tuple[str, ...], family: Family, change: Mapping[str, Any], sign: int
) -> None:
    kept = sums.setdefault(tuple(change[name] for name in dimensions), [0] * len(family.amounts))
    for place, name in enumerate(family.amounts):
        kept[place] += sign * change.get(name, 0)


def _add(family: Family, table: Table, key: tuple[Any, ...], amounts: list[int]) -> None:
    if not any(amounts):
        return
    same = table._default_manager.filter(**dict(zip(family.dimensions(table), key, strict=True)))
    # One of them: where two drew at once, each may have made a row, and what is read is the sum of both.
    pk = same.order_by("pk").values_list("pk", flat=True).first()
    more = {name: F(name) + amount for name, amount in zip(family.amounts, amounts, strict=True) if amount}
    if pk is None or not table._default_manager.filter(pk=pk).update(**more):
        _row(family, table, key, amounts).save()


def _row(family: Family, table: Table, key: tuple[Any, ...], amounts: list[int]) -> Any:
    named = zip((*family.dimensions(table), *family.amounts), (*key, *amounts), strict=True)
    return table(**dict(named))


@transaction.atomic
def family_replace(family: Family, *, project_id: int, counted: Iterable[Mapping[str, Any]]) -> None:
    """Sets a project's sums to what was counted; what was known before is forgotten.

    Millions may be counted: give them in the order of days, so that few need to be held at once.
    """
    for table in (family.changes, *family.sums):
        table._default_manager.filter(project_id=project_id).delete()
    day_of = itemgetter("day") if "day" in family.dimensions(family.changes) else lambda _: None
    day = None
    sums: dict[Table, _Sums] = {table: {} for table in family.sums}
    for change in counted:
        if day_of(change) != day:
            _flush(family, sums)
            day = day_of(change)
        for table, kept in sums.items():
            _gather(kept, family.dimensions(table), family, change, 1)
    _flush(family, sums)


def _flush(family: Family, sums: dict[Table, _Sums]) -> None:
    for table, kept in sums.items():
        table._default_manager.bulk_create(
            [_row(family, table, key, amounts) for key, amounts in kept.items() if any(amounts)],
            batch_size=AT_ONCE,
        )
        kept.clear()
