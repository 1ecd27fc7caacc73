"""Leases that were given by a clock that was ahead: it was set back since, and nobody is to wait for the difference."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

# By how much clocks of several machines may differ: the doctor fails from here on.
CLOCKS_DIFFER: Final = timedelta(seconds=20)


def leases_shorten(rows: QuerySet[Any], lease_seconds: float) -> int:
    """Has leases of `rows` that end later than one that begins now begin now; how many these were.

    Whoever holds them and lives renews them as ever; the others run out as if the clock had not been touched.
    """
    latest = timezone.now() + timedelta(seconds=lease_seconds)
    ahead = rows.filter(lease_expires_at__gt=latest + CLOCKS_DIFFER)
    return ahead.update(lease_expires_at=latest)
