"""Signs of life of worker processes."""

import os
import socket
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from backend.common.leases import CLOCKS_DIFFER
from backend.jobs.models import Worker

FORGOTTEN_AFTER = timedelta(hours=1)
# A worker that misses two signs of life may be busy; one that misses three is gone.
_BEATS_MISSED: Final = 3


def worker_name() -> str:
    """Host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def dead_since() -> datetime:
    """A worker last seen before this is gone."""
    return timezone.now() - timedelta(seconds=max(15.0, _BEATS_MISSED * settings.WORKER_BEAT_SECONDS))


def is_worker_here_alive() -> bool:
    """Whether any worker of this host gave a sign of life lately."""
    here = Worker.objects.filter(name__startswith=f"{socket.gethostname()}:")
    return here.filter(seen_at__gte=dead_since()).exists()


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
    # Seen by a clock that was ahead: whoever lives is seen again.
    Worker.objects.filter(seen_at__gt=now + CLOCKS_DIFFER).update(seen_at=now)


def worker_gone(*, name: str) -> None:
    """The worker ended as it should."""
    Worker.objects.filter(name=name).delete()
