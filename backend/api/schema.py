"""What drf-spectacular cannot see by itself: that every operation may answer with our error object."""

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from backend.api.problems import MEDIA_TYPE
from backend.common.conditional import Conditional
from backend.idempotency.views import HEADER, Idempotent

_IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the state this is about; refused with 412 `precondition.failed` where it is another one.",
)
_IF_NONE_MATCH: Final = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="A known ETag: 304 where it is still the one."
)
_KEY: Final = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description=(
        "A text of your choice, best a uuid: the same request with the same key is done once, and answered again for a "
        "day. 409 `idempotency.in_flight`, 422 `idempotency.reused`."
    ),
)


class ApiSchema(AutoSchema):
    """Adds the headers that mixins of the view look at."""

    def get_override_parameters(self) -> list[Any]:
        parameters = [*super().get_override_parameters()]
        if isinstance(self.view, Conditional):
            parameters.append(_IF_NONE_MATCH if self.method == "GET" else _IF_MATCH)
        if isinstance(self.view, Idempotent) and self.method == "POST":
            parameters.append(_KEY)
        return parameters


PROBLEM_SCHEMA = {
    "type": "object",
    "description": "The same as RFC 9457 has it, for `Accept: application/problem+json`.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string"},
        "message": {"type": "string"},
        "extra": {"type": "object", "additionalProperties": {}},
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "message"],
}

ERROR_SCHEMA = {
    "type": "object",
    "description": "Why a request was refused. `code` is stable, `message` is for people.",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "extra": {"type": "object", "additionalProperties": {}},
    },
    "required": ["code", "message", "extra"],
}


def add_error_responses(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Adds the `Error` component, and as `default` response to every operation of the API."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Error"] = ERROR_SCHEMA
    schemas["Problem"] = PROBLEM_SCHEMA
    content = {
        "application/json": {"schema": {"$ref": "#/components/schemas/Error"}},
        MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
    }
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", {"description": "Refused.", "content": content})
    return result
