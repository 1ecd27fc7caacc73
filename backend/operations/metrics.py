"""What Prometheus is told: requests, as this process or all of them together answered them, and queues, as rows say.

Imported where `METRICS_TOKEN` is set, and nowhere else. With several web processes PROMETHEUS_MULTIPROC_DIR names a
folder in which each keeps its numbers, and any of them answers for all (`config/gunicorn.py` starts and ends that).
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Avg, Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from backend.embeddings.models import Embedding
from backend.jobs.health import WINDOW, queue_health
from backend.jobs.models import Job
from backend.jobs.registry import kinds_known
from backend.jobs.states import UNFINISHED, JobState
from backend.webhooks.deliveries import deliveries_due
from backend.webhooks.models import Delivery

_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)
_own: Final = CollectorRegistry()
_SECONDS: Final = Histogram(
    "anymask_request_seconds",
    "Seconds until an answer begins, by method, route and status.",
    ("method", "route", "status"),
    buckets=_BUCKETS,
    registry=_own,
)


class RequestMetricsMiddleware:
    """Times every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in _METHODS else "other"
        labels = _SECONDS.labels(method, _route(request), str(response.status_code))
        labels.observe(time.perf_counter() - began)
        return response


def requests_text() -> bytes:
    """Of requests, in Prometheus' text format: this process's, or where they share a folder those of all."""
    shown = _own
    if settings.PROMETHEUS_MULTIPROC_DIR:
        shown = CollectorRegistry()
        MultiProcessCollector(shown, path=settings.PROMETHEUS_MULTIPROC_DIR)
    return bytes(generate_latest(shown))


def rows_text() -> bytes:
    """Of queues, embeddings and workers."""
    shown = CollectorRegistry()
    shown.register(RowsCollector())
    return bytes(generate_latest(shown))


class RowsCollector(Collector):
    """Numbers of the whole installation, counted when they are asked for: in few queries, all of them by indexes."""

    def collect(self) -> Iterable[Metric]:
        yield from _queues()
        yield from _embeddings()
        workers = queue_health()["workers"]
        alive = sum(worker["is_alive"] for worker in workers)
        yield GaugeMetricFamily("anymask_workers_alive", "Workers that gave a sign of life lately.", alive)


def _queues() -> Iterator[Metric]:
    names = ("queue", "kind")
    waiting = GaugeMetricFamily("anymask_queue_waiting", "What waits for a worker.", labels=names)
    running = GaugeMetricFamily("anymask_queue_running", "What a worker does now.", labels=names)
    oldest = GaugeMetricFamily(
        "anymask_queue_oldest_seconds",
        "How long that waits which waited longest; 0 where nothing does.",
        labels=names,
    )
    for labels, waits, runs, since in _queue_rows():
        waiting.add_metric(labels, waits)
        running.add_metric(labels, runs)
        age = (timezone.now() - since).total_seconds() if since else 0.0
        oldest.add_metric(labels, max(0.0, age))
    yield from (waiting, running, oldest)


def _queue_rows() -> Iterator[tuple[tuple[str, str], int, int, datetime | None]]:
    """(queue, kind), how many wait, how many run, since when the first one waits."""
    State = Embedding.State
    found = Embedding.objects.filter(state__in=[State.QUEUED, State.RUNNING]).aggregate(
        waits=Count("pk", filter=Q(state=State.QUEUED)),
        runs=Count("pk", filter=Q(state=State.RUNNING)),
        since=Min("queued_at", filter=Q(state=State.QUEUED)),
    )
    yield ("embeddings", ""), found["waits"], found["runs"], found["since"]
    rows = Job.objects.filter(state__in=UNFINISHED).order_by().values("kind")
    rows = rows.annotate(
        waits=Count("pk", filter=Q(state=JobState.QUEUED)),
        runs=Count("pk", filter=Q(state=JobState.RUNNING)),
        since=Min("queued_at", filter=Q(state=JobState.QUEUED)),
    )
    by_kind: dict[str, Any] = {row["kind"]: row for row in rows}
    nothing: dict[str, Any] = {"waits": 0, "runs": 0, "since": None}
    for kind in sorted({*kinds_known(), *by_kind}):
        row = by_kind.get(kind, nothing)
        yield ("jobs", kind), row["waits"], row["runs"], row["since"]
    due = deliveries_due(now=timezone.now()).order_by()
    found = due.aggregate(waits=Count("pk"), since=Min("next_try_at"))
    runs = Delivery.objects.filter(lease_expires_at__isnull=False).count()
    yield ("webhooks", ""), found["waits"], runs, found["since"]


def _embeddings() -> Iterator[Metric]:
    recent = Embedding.objects.filter(ready_at__gte=timezone.now() - WINDOW)
    made = recent.aggregate(count=Count("pk"), mean=Avg("seconds"), most=Max("seconds"))
    minutes = f"{WINDOW.total_seconds() / 60:.0f} minutes"
    yield GaugeMetricFamily(
        "anymask_embeddings_recent", f"Embeddings made in the last {minutes}.", made["count"]
    )
    for name, what in (("mean", "on the average"), ("most", "at most")):
        yield GaugeMetricFamily(
            f"anymask_embedding_seconds_{name}",
            f"Seconds that an embedding of the last {minutes} took, {what}.",
            made[name] or 0.0,
        )
    failed = Embedding.objects.filter(state=Embedding.State.FAILED).count()
    yield GaugeMetricFamily("anymask_embeddings_failed", "Embeddings that failed for good.", failed)


def _route(request: HttpRequest) -> str:
    """The pattern that matched, never the address: there are few of them."""
    match = request.resolver_match
    if match is not None:
        return str(match.route)
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"
