"""Whether sums are what counting says."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from backend.tallies.families import Family, Table
from backend.tallies.selectors import family_sums

_Sums = dict[tuple[Any, ...], Counter[str]]


def family_difference(family: Family, *, project_id: int, counted: Iterable[Mapping[str, Any]]) -> int:
    """How many of a project's sums, in all tables of the family, are not what was counted, those that are missing or too
    many included. Call it where all that is read is of one moment.

    Millions may be counted: give them in the order of days, so that one day's need to be held at once.
    """
    if "day" not in family.dimensions(family.changes):
        everything = {"project_id": project_id}
        return _tables_difference(family, everything, list(counted))
    count, seen = 0, set()
    for day, of_day in groupby(counted, key=itemgetter("day")):
        seen.add(day)
        count += _tables_difference(family, {"project_id": project_id, "day": day}, list(of_day))
    for day in _days(family, project_id) - seen:
        count += _tables_difference(family, {"project_id": project_id, "day": day}, [])
    return count


def _days(family: Family, project_id: int) -> set[Any]:
    """All days of which something is kept."""
    tables = (family.changes, *family.sums)
    rows = (table._default_manager.filter(project_id=project_id).order_by() for table in tables)
    return {day for one in rows for day in one.values_list("day", flat=True).distinct()}


def _tables_difference(family: Family, filters: dict[str, Any], counted: list[Mapping[str, Any]]) -> int:
    count = 0
    for table in family.sums:
        dimensions = family.dimensions(table)
        wanted = _gathered(family, table, counted)
        kept = family_sums(family, by=dimensions, filters=filters)
        count += sum(wanted.get(key) != kept.get(key) for key in wanted.keys() | kept.keys())
    return count


def _gathered(family: Family, table: Table, counted: list[Mapping[str, Any]]) -> _Sums:
    """What the table should say; nothing that is nought, as `family_sums` has it."""
    sums: _Sums = {}
    for change in counted:
        key = tuple(change[name] for name in family.dimensions(table))
        sums.setdefault(key, Counter()).update({name: change.get(name, 0) for name in family.amounts})
    return {key: amounts for key, amounts in sums.items() if any(amounts.values())}
