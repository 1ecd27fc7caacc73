"""What a worker or a person holds and nobody has been heard of. A sweep gives such things back every few seconds: where
some stay, it is not the holder alone that is gone, but the clock or the workers."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from backend.embeddings.selectors import embeddings_expired
from backend.embeddings.services import embedding_sweep
from backend.jobs.claims import jobs_sweep
from backend.jobs.selectors import jobs_expired
from backend.operations.findings import Check, Finding, failed, ok
from backend.webhooks.deliveries import deliveries_sweep
from backend.webhooks.models import Delivery
from backend.work.leases import leases_sweep
from backend.work.models import WorkItem


def look() -> Finding:
    counts = _counts()
    count = sum(counts.values())
    if count:
        said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        return failed(
            f"{said} are held beyond their lease",
            count=count,
            advice="see that the clock (celery beat) and a worker run; --repair gives them back",
        )
    return ok("nothing is held beyond its lease")


def mend() -> str:
    """As the sweeps do it: back to the queue, or failed where all attempts are used up."""
    before = left = _counts()
    while any(left.values()):
        embedding_sweep()
        jobs_sweep()
        deliveries_sweep()
        leases_sweep()
        # Each sweep takes so many at once.
        stuck, left = left, _counts()
        if left == stuck:
            break
    said = ", ".join(f"{before[name] - left[name]} {name}" for name in before if before[name])
    return f"given back: {said or 'nothing'}"


def _counts() -> dict[str, int]:
    return {name: rows.count() for name, rows in _stuck().items()}


def _stuck() -> dict[str, QuerySet[Any]]:
    """Rows whose lease ended several sweeps ago."""
    then = timezone.now() - timedelta(seconds=max(30.0, 3 * settings.SWEEP_SECONDS))
    return {
        "embeddings": embeddings_expired(now=then),
        "jobs": jobs_expired(now=then),
        "deliveries": Delivery.objects.filter(lease_expires_at__lt=then),
        "images": WorkItem.objects.filter(lease_expires_at__lt=then),
    }


CHECK = Check("leases", look, mend)
