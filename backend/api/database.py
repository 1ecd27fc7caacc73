"""Whether there is a database, asked before anything of a request is done: then everybody may simply send it again."""

import logging
from collections.abc import Callable
from typing import Final

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from backend.api.errors import error_body
from backend.common.errors import DatabaseUnavailable
from backend.common.failures import is_storage_full

logger = logging.getLogger("anymask.api")

_PREFIX: Final = "/api/v1/"


class DatabaseMiddleware:
    """Answers 503 `database.unavailable` where no connection can be made. It makes the one that the request takes anyway,
    and looks at an old one as Django would with the first query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_PREFIX):
            try:
                connection.close_if_health_check_failed()
                connection.ensure_connection()
            except Error as failure:
                if is_storage_full(failure):
                    # SQLite finds out with its first statement; the view says it.
                    return self.get_response(request)
                logger.warning("database_unavailable error=%s", str(failure).strip())
                error = DatabaseUnavailable()
                body = error_body(error.code, error.message)
                return JsonResponse(body, status=error.status, headers=error.headers)
        return self.get_response(request)
