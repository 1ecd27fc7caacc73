"""Which request a line of the log belongs to: an id for each, in its answer and in every line written meanwhile."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

from django.http import HttpRequest, HttpResponse

HEADER: Final = "X-Request-ID"
# What proxies make; anything else could forge lines, or fill them.
_SANE: Final = re.compile(r"[A-Za-z0-9._:-]{8,128}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """Of the request that is being answered; empty outside of one."""
    return _current.get()


class RequestIdMiddleware:
    """Takes the id that a proxy gave the request, or makes one. Stands first, so that nothing is logged without."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        token = _current.set(given if _SANE.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response[HEADER] = _current.get()
        finally:
            _current.reset(token)
        return response


class RequestIdFilter(logging.Filter):
    """Gives every record its request's id, as `request_id`, and as `request` what a line says of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        found = request_id()
        record.request_id = found
        record.request = f" request={found}" if found else ""
        return True
