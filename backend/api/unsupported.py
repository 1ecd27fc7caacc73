"""Headers that promise something, at addresses that cannot keep it: refused, as ignoring them would break it."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse

from backend.api.errors import error_body
from backend.common.conditional import Conditional
from backend.idempotency.views import HEADER, Idempotent

# Methods, header, what views that keep it are mixed with, code, sentence.
PROMISES: Final = (
    (
        frozenset({"PATCH", "PUT", "DELETE"}),
        "If-Match",
        Conditional,
        "precondition.unsupported",
        "Nothing at this address has an ETag that If-Match could name.",
    ),
    (
        frozenset({"POST"}),
        HEADER,
        Idempotent,
        "idempotency.unsupported",
        "This address takes no Idempotency-Key: what it makes is named by the client's uuid, can be made twice without "
        "harm, or is told with a secret, which is never kept.",
    ),
)


class UnsupportedHeadersMiddleware:
    """400 `precondition.unsupported` or `idempotency.unsupported`, before the view runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        view_class = getattr(view, "view_class", None)
        if view_class is None:
            return None
        for methods, header, mixin, code, sentence in PROMISES:
            if (
                request.method in methods
                and header in request.headers
                and hasattr(view_class, request.method.lower())
                and not issubclass(view_class, mixin)
            ):
                return JsonResponse(error_body(code, sentence, {"header": header}), status=400)
        return None
