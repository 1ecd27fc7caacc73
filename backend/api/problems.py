"""Refusals as RFC 9457 has them, for clients that ask for it: `Accept: application/problem+json`."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

MEDIA_TYPE: Final = "application/problem+json"
# Where the code of a problem is explained.
TYPES: Final = "/api/errors#"


def problem_of(body: dict[str, Any], *, status: int, instance: str) -> dict[str, Any]:
    """The same refusal as a problem: type, title, status, detail, instance, and all that it had."""
    return {
        "type": f"{TYPES}{body['code']}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": body["message"],
        "instance": instance,
        **body,
    }


def wants_problems(accept: str) -> bool:
    """Whether a request's Accept header names problems."""
    return any(part.partition(";")[0].strip().lower() == MEDIA_TYPE for part in accept.split(","))


class Negotiation(DefaultContentNegotiation):
    """A client that takes problems takes what else the API answers, too."""

    def get_accept_list(self, request: Request) -> list[str]:
        accepted: list[str] = super().get_accept_list(request)
        is_wanted = wants_problems(request.headers.get("Accept", ""))
        return [*accepted, "application/json"] if is_wanted else accepted


class ProblemMiddleware:
    """Turns every refusal into a problem, whichever part of the server it came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code < 400
            or not wants_problems(request.headers.get("Accept", ""))
            or response.headers.get("Content-Type", "").partition(";")[0] != "application/json"
        ):
            return response
        body = json.loads(response.content)
        if isinstance(body, dict) and {"code", "message"} <= body.keys():
            problem = problem_of(body, status=response.status_code, instance=request.path)
            response.content = json.dumps(problem).encode()
            response["Content-Type"] = MEDIA_TYPE
            response["Content-Length"] = str(len(response.content))
        return response
