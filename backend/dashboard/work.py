"""Images by status over time, and what reviewers said of them."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone

from backend.dashboard.naming import Dimension, key_of, names_of
from backend.dashboard.scopes import Scope
from backend.tallies.families import STORAGE, WORK
from backend.tallies.selectors import family_sums
from backend.work.models import Status
from backend.work.statuses import RESTING

# Nobody has begun: how far the machine was on some day is not kept.
NOT_BEGUN: Final = "not_begun"
STATUSES: Final = (NOT_BEGUN, Status.IN_PROGRESS, Status.SUBMITTED, Status.ACCEPTED, Status.REJECTED)

_COLUMNS: Final = {
    Dimension.DAY: "day",
    Dimension.AUTHOR: "assignee_id",
    Dimension.REVIEWER: "actor_id",
    Dimension.PROJECT: "project_id",
}
# What a step from one status to another is called; others are not told.
_STEPS: Final = {
    **{(before, Status.IN_PROGRESS): "begun" for before in RESTING},
    (Status.IN_PROGRESS, Status.SUBMITTED): "submitted",
    (Status.SUBMITTED, Status.ACCEPTED): "accepted",
    (Status.SUBMITTED, Status.REJECTED): "rejected",
    (Status.ACCEPTED, Status.REJECTED): "reopened",
}
STEPS: Final = ("begun", "submitted", "accepted", "rejected", "reopened")
_BY_REVIEWERS: Final = frozenset({"accepted", "rejected", "reopened"})


def statuses(*, scope: Scope) -> dict[str, Any]:
    """`rows`, one for each day: how many images had each of `STATUSES` at its end (in UTC); of images that are there
    now."""
    changes = _status_changes(scope)
    if not changes:
        return {"rows": []}
    first = max(scope.since or date.min, min(changes))
    last = min(scope.until or date.max, timezone.now().date())
    counts: Counter[str] = Counter()
    for day in sorted(changes):
        if day < first:
            counts.update(changes[day])
    rows = []
    for day in _days(first, last):
        counts.update(changes.get(day, {}))
        rows.append({"day": day, **{status: counts[status] for status in STATUSES}})
    return {"rows": rows}


def _status_changes(scope: Scope) -> dict[date, Counter[str]]:
    """By day: by how much the images of each status changed. Two statements."""
    filters = Scope(scope.project_ids, None, scope.until).filters
    changes: dict[date, Counter[str]] = {}
    for (day,), amounts in family_sums(STORAGE, by=["day"], filters=filters).items():
        changes.setdefault(day, Counter())[NOT_BEGUN] += amounts["images"]
    for (day, before, after), amounts in family_sums(
        WORK, by=["day", "before", "after"], filters=filters
    ).items():
        kept = changes.setdefault(day, Counter())
        kept[_told(before)] -= amounts["images"]
        kept[_told(after)] += amounts["images"]
    return changes


def _told(status: str) -> str:
    return NOT_BEGUN if status in RESTING else status


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def reviews(*, scope: Scope, by: Dimension, filters: dict[Dimension, Any]) -> dict[str, Any]:
    """`rows`, one for each value of `by`, and their `total`: how many images were begun, submitted, accepted, rejected
    and reopened. By reviewer only what those do is told. `filters`: of the author or the reviewer."""
    wanted = {
        _COLUMNS[dimension] + ("__isnull" if value is None else ""): True if value is None else value
        for dimension, value in filters.items()
    }
    sums: dict[Any, Counter[str]] = {}
    for (value, before, after), amounts in family_sums(
        WORK, by=[_COLUMNS[by], "before", "after"], filters=scope.filters | wanted
    ).items():
        step = _STEPS.get((Status(before), Status(after)))
        is_asked_for = by != Dimension.REVIEWER and Dimension.REVIEWER not in filters
        if step and (is_asked_for or step in _BY_REVIEWERS):
            sums.setdefault(value, Counter())[step] += amounts["images"]
    names = names_of(by, list(sums))
    order = sorted(sums, key=lambda value: value if by == Dimension.DAY else -sums[value].total())
    rows = [{"key": key_of(value), "name": names[value], **_outcome(sums[value])} for value in order]
    return {"rows": rows, "total": _outcome(sum(sums.values(), Counter()))}


def _outcome(counts: Counter[str]) -> dict[str, Any]:
    judged = counts["accepted"] + counts["rejected"]
    return {
        **{step: counts[step] for step in STEPS},
        "accepted_share": counts["accepted"] / judged if judged else None,
    }
