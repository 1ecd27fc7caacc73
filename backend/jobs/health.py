"""How the queues and those who work them are, in five queries for any number of rows."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import Avg, Count, Q
from django.utils import timezone

from backend.embeddings.models import Embedding
from backend.jobs.models import Job, Worker
from backend.jobs.selectors import failed_since_yesterday
from backend.jobs.states import UNFINISHED, JobState
from backend.jobs.workers import dead_since

WINDOW: Final = timedelta(minutes=10)


def queue_health() -> dict[str, Any]:
    """What `HealthSerializer` shows. It names no project: everybody may see it."""
    dead = dead_since()
    workers = [
        {
            "name": worker.name,
            "queues": worker.queues,
            "device": worker.device,
            "model": worker.model,
            "started_at": worker.started_at,
            "seen_at": worker.seen_at,
            "is_alive": worker.seen_at >= dead,
            "busy_with": worker.busy_with,
        }
        for worker in Worker.objects.order_by("name")
    ]
    encoders = sum(worker["is_alive"] and "gpu" in worker["queues"] for worker in workers)
    return {"workers": workers, "embeddings": _embeddings(encoders), "jobs": _jobs()}


def _embeddings(encoders: int) -> dict[str, Any]:
    unready = [Embedding.State.QUEUED, Embedding.State.RUNNING, Embedding.State.FAILED]
    rows = Embedding.objects.filter(state__in=unready).order_by().values_list("state")
    counts = dict.fromkeys(map(str, unready), 0) | dict(rows.annotate(count=Count("pk")))
    recent = Embedding.objects.filter(ready_at__gte=timezone.now() - WINDOW)
    made = recent.aggregate(count=Count("pk"), seconds=Avg("seconds"))
    waiting = counts["queued"] + counts["running"]
    eta = None
    if not waiting:
        eta = 0.0
    elif made["seconds"] is not None and encoders:
        eta = round(waiting * made["seconds"] / encoders, 1)
    per_minute = round(made["count"] / (WINDOW.total_seconds() / 60), 1)
    return {**counts, "per_minute": per_minute, "eta_seconds": eta}


def _jobs() -> dict[str, int]:
    counts = Job.objects.filter(state__in=UNFINISHED).aggregate(
        queued=Count("pk", filter=Q(state=JobState.QUEUED)),
        running=Count("pk", filter=Q(state=JobState.RUNNING)),
    )
    return {**counts, "failed_last_day": failed_since_yesterday().count()}
