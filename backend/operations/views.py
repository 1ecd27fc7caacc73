"""What machines ask that watch this one."""

import hmac
import logging
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from backend.operations.probes import broker_probe, database_probe, storage_probe

logger = logging.getLogger("anymask.health")

_PARTS: Final[dict[str, Callable[[], object]]] = {
    "database": database_probe,
    "storage": storage_probe,
    "broker": broker_probe,
}


@method_decorator(never_cache, name="dispatch")
class ReadyView(View):
    """200 where all that a web process needs works, else 503: `ok` or `failed` by part. Why stands in the log alone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        states = {name: _state(name, probe) for name, probe in _PARTS.items()}
        return JsonResponse(states, status=200 if set(states.values()) == {"ok"} else 503)


def _state(name: str, probe: Callable[[], object]) -> str:
    try:
        probe()
        return "ok"
    except Exception:
        # Each part raises its own family of errors; whichever it is, the part does not work.
        logger.exception("ready_failed part=%s", name)
        return "failed"


@method_decorator(never_cache, name="dispatch")
class MetricsView(View):
    """Prometheus' text format for who has METRICS_TOKEN; for everybody else there is nothing here."""

    def get(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("Authorization", "").encode()
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        if not settings.METRICS_TOKEN or not hmac.compare_digest(given, wanted):
            raise Http404
        # Not before it is asked for: the library decides on import how its numbers are kept.
        from prometheus_client import CONTENT_TYPE_LATEST

        from backend.operations.metrics import requests_text, rows_text

        return HttpResponse(requests_text() + rows_text(), content_type=CONTENT_TYPE_LATEST)
