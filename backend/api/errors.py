"""Every refusal, wherever it was raised, as {"code", "message", "extra"}."""

import logging
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from backend.common.errors import (
    ApplicationError,
    CacheUnavailable,
    DatabaseFailed,
    StorageFull,
    StorageUnavailable,
    first_complaint,
    printable,
)
from backend.common.failures import is_bucket_away, is_cache_away, is_database_away, is_storage_full

logger = logging.getLogger("anymask.api")

# Of errors that DRF raises by itself.
DRF_CODES: Final[dict[type[exceptions.APIException], str]] = {
    exceptions.NotAuthenticated: "auth.not_authenticated",
    exceptions.AuthenticationFailed: "auth.token_invalid",
    exceptions.PermissionDenied: "auth.forbidden",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.ParseError: "input.malformed",
    exceptions.UnsupportedMediaType: "input.unsupported_media_type",
    exceptions.Throttled: "throttled",
}


def error_body(code: str, message: str, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """The one shape of a refusal."""
    return {"code": code, "message": printable(message), "extra": printable(extra or {})}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook. None hands an error we do not know to Django: a 500 and a traceback in the log."""
    error = _told(error)
    if isinstance(error, ApplicationError):
        body = error_body(error.code, error.message, error.extra)
        return Response(body, status=error.status, headers=error.headers)
    if isinstance(error, RequestDataTooBig):
        return Response(error_body("request.too_large", str(error)), status=413)
    if isinstance(error, SuspiciousOperation):
        return Response(error_body("request.refused", str(error)), status=400)
    response = drf_exception_handler(error, context)
    if response is None:
        return None
    response.data = _drf_body(error)
    return response


def _told(error: Exception) -> Exception:
    """What is said of a part that is away or full; what it was stands in the log."""
    if is_storage_full(error):
        return StorageFull()
    kinds = {
        is_database_away: DatabaseFailed,
        is_bucket_away: StorageUnavailable,
        is_cache_away: CacheUnavailable,
    }
    for is_away, kind in kinds.items():
        if is_away(error):
            logger.error("part_failed code=%s", kind().code, exc_info=error)
            return kind()
    return error


def _drf_body(error: Exception) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return error_body("input.invalid", first_complaint(error.detail), {"fields": error.detail})
    if isinstance(error, Http404):
        return error_body("not_found", "There is nothing here.")
    if isinstance(error, PermissionDenied):
        return error_body("auth.forbidden", "This is not allowed.")
    if not isinstance(error, exceptions.APIException):
        return error_body("request.refused", str(error))
    message = str(error.detail)
    code = next((code for kind, code in DRF_CODES.items() if isinstance(error, kind)), "request.refused")
    if message.startswith("CSRF Failed"):
        code = "auth.csrf_failed"
    return error_body(code, message)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse(error_body("request.refused", "The request is malformed."), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse(error_body("auth.forbidden", "This is not allowed."), status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse(error_body("not_found", "There is nothing here."), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return JsonResponse(error_body("server_error", "Something went wrong on the server."), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    detail = {"reason": reason} if settings.DEBUG else {}
    message = "The CSRF token is missing or old: reload the page, or send a token header."
    return JsonResponse(error_body("auth.csrf_failed", message, detail), status=403)
