"""How answers of `backend.common.http.file_response` stand in the schema, and what file views share."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

_WHOLE: Final = 200
_PART: Final = 206
_UNCHANGED: Final = 304
_OUTSIDE: Final = 416


def _answer_header(name: str, statuses: tuple[int, ...]) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=True, response=list(statuses))


FILE_PARAMETERS: Final = [
    OpenApiParameter(
        "Range",
        str,
        OpenApiParameter.HEADER,
        description="One range, `bytes=first-last`; others are passed over and the whole file is sent.",
    ),
    OpenApiParameter(
        "If-None-Match",
        str,
        OpenApiParameter.HEADER,
        description="An ETag one has: 304 where it is the file's still.",
    ),
    _answer_header("ETag", (_WHOLE, _PART, _UNCHANGED, _OUTSIDE)),
    _answer_header("Cache-Control", (_WHOLE, _PART, _UNCHANGED, _OUTSIDE)),
    _answer_header("Accept-Ranges", (_WHOLE, _PART, _UNCHANGED, _OUTSIDE)),
    _answer_header("Content-Range", (_PART, _OUTSIDE)),
]


def file_responses(*media_types: str) -> dict[Any, Any]:
    """The `responses` of an operation that answers with a file of one of these kinds."""
    json = "application/json"
    whole = {
        (_WHOLE, media_type): OpenApiTypes.OBJECT if media_type == json else OpenApiTypes.BINARY
        for media_type in media_types
    }
    return {
        **whole,
        # Part of JSON is none.
        (_PART, "*/*"): OpenApiTypes.BINARY,
        _UNCHANGED: OpenApiResponse(description="The ETag one has is the file's still."),
        _OUTSIDE: OpenApiResponse(description="The range begins behind the file's end."),
    }


class _AnyAccept(BaseContentNegotiation):
    """Whatever is accepted: what comes is the file's kind, and JSON where it is refused."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class FileView(APIView):
    """Answers with a file. DRF, which knows its renderers only, would refuse whoever accepts nothing but pictures."""

    content_negotiation_class = _AnyAccept
