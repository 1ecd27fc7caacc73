"""Signs of life of worker processes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from backend.jobs.models import Worker

FORGOTTEN_AFTER = timedelta(hours=1)


def worker_seen(
    *,
    name: str,
    queues: Iterable[str],
    device: str,
    model: str,
    busy_with: Iterable[str],
    started_at: datetime,
) -> None:
    """The worker lives, and does this now. Rows of those long gone are removed on the way."""
    now = timezone.now()
    Worker.objects.update_or_create(
        name=name,
        defaults={
            "queues": sorted(queues),
            "device": device,
            "model": model,
            "busy_with": sorted(busy_with),
            "started_at": started_at,
            "seen_at": now,
        },
    )
    Worker.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()


def worker_gone(*, name: str) -> None:
    """The worker ended as it should."""
    Worker.objects.filter(name=name).delete()
