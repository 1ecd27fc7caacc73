"""Sums as they change."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from django.db import connection, transaction
from django.db.models import F

from backend.tallies.models import Measure, Tally, TallyChange

AT_ONCE: Final = 5000


def tally_add(*, project_id: int, measure: Measure, amount: int, label_id: int | None = None) -> None:
    """Notes that a sum changed; call it in the transaction that changes what is counted."""
    if amount:
        TallyChange.objects.create(project_id=project_id, measure=measure, label_id=label_id, amount=amount)


def tallies_sweep() -> int:
    """Draws changes into their sums; how many. What another process is drawing in is left to it."""
    count = 0
    while drawn := _draw_some():
        count += drawn
    return count


@transaction.atomic
def _draw_some() -> int:
    rows = TallyChange.objects.order_by("pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    changes = list(rows[:AT_ONCE])
    sums: Counter[tuple[int, str, int | None]] = Counter()
    for change in changes:
        sums[change.project_id, change.measure, change.label_id] += change.amount
    # In one order, so that two who draw at once never wait for each other.
    for project_id, measure, label_id in sorted(sums, key=lambda key: (key[0], key[1], key[2] or 0)):
        amount = sums[project_id, measure, label_id]
        key = {"project_id": project_id, "measure": measure, "label_id": label_id}
        Tally.objects.bulk_create([Tally(**key, amount=0)], ignore_conflicts=True)
        Tally.objects.filter(**key).update(amount=F("amount") + amount)
    TallyChange.objects.filter(pk__in=[change.pk for change in changes]).delete()
    return len(changes)


@transaction.atomic
def tallies_replace(*, project_id: int, sums: Mapping[tuple[Measure, int | None], int]) -> None:
    """Sets a project's sums, by measure and label, to what was counted; what was known before is forgotten."""
    TallyChange.objects.filter(project_id=project_id).delete()
    Tally.objects.filter(project_id=project_id).delete()
    Tally.objects.bulk_create(
        Tally(project_id=project_id, measure=measure, label_id=label_id, amount=amount)
        for (measure, label_id), amount in sums.items()
    )
