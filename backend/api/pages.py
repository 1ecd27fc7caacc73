"""The pages beside the API: the front end's index.html and the health check."""

import logging
from typing import Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from backend.api.codes import error_codes

logger = logging.getLogger("anymask.health")

_ERROR_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Anymask: codes of errors</title>'
    "<h1>Codes of errors</h1><table><tr><th>code</th><th>status</th><th>what is said</th></tr>\n{}</table></html>"
)


@require_safe
@ensure_csrf_cookie
def front_end(request: HttpRequest) -> HttpResponse:
    """index.html for every path the browser routes itself; it hands out the CSRF cookie and is never kept."""
    try:
        page = (settings.FRONTEND_DIST / "index.html").read_bytes()
    except FileNotFoundError:
        return HttpResponse(
            "The front end is not built: run `npm ci && npm run build` in frontend/.",
            status=503,
            content_type="text/plain; charset=utf-8",
        )
    return HttpResponse(page, headers={"Cache-Control": "no-cache"})


@require_safe
def error_page(request: HttpRequest) -> HttpResponse:
    """All stable codes, each under its own anchor: where the `type` of a problem leads."""
    rows = format_html_join(
        "\n",
        '<tr id="{}"><td><code>{}</code></td><td>{}</td><td>{}</td></tr>',
        (
            (one.code, one.code, ", ".join(map(str, sorted(one.statuses))), " / ".join(one.messages))
            for one in error_codes()
        ),
    )
    return HttpResponse(format_html(_ERROR_PAGE, rows))


@method_decorator(never_cache, name="dispatch")
class HealthView(View):
    """200 when the database and the file storage work, 503 with the part that does not."""

    def get(self, request: HttpRequest) -> HttpResponse:
        parts = {"database": _database_works(), "storage": _storage_works()}
        return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _database_works() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except DatabaseError:
        logger.exception("health_database_failed")
        return False


def _storage_works() -> bool:
    try:
        default_storage.save("health/probe", ContentFile(b"ok"))
        with default_storage.open("health/probe", "rb") as file:
            return bool(file.read() == b"ok")
    except Exception:
        # A bucket's client raises its own family of errors; whichever it is, the storage does not work.
        logger.exception("health_storage_failed")
        return False
