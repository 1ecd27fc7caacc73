from datetime import datetime
from typing import Final

from django.db import connection
from django.utils import timezone

from backend.operations.findings import Check, Finding, failed, ok, warning

# Seconds. Leases are of a minute and are compared with the clock of whoever looks.
LATE: Final = 2.0
WRONG: Final = 20.0
_ADVICE: Final = "set the clocks of all machines by NTP: leases are judged by them"


def look() -> Finding:
    if connection.vendor != "postgresql":
        return ok("the database is a file of this machine and has no clock of its own")
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [there] = cursor.fetchone()
    return judged(before, there, timezone.now())


def judged(before: datetime, there: datetime, after: datetime) -> Finding:
    """What is to be said where the database's clock showed `there` some time between these two moments of ours."""
    apart = max((before - there).total_seconds(), (there - after).total_seconds(), 0.0)
    if apart < LATE:
        return ok(f"the database's clock is ours to within {LATE:.0f} s")
    found = f"the database's clock and ours are {apart:.1f} s apart"
    return failed(found, advice=_ADVICE) if apart >= WRONG else warning(found, advice=_ADVICE)


CHECK = Check("clock", look)
