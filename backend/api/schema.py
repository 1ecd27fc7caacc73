"""What drf-spectacular cannot see by itself: with which statuses an operation refuses, and how a refusal looks."""

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_lib_doc_excludes
from drf_spectacular.utils import OpenApiParameter

from backend.api.problems import MEDIA_TYPE
from backend.common.conditional import Conditional
from backend.idempotency.views import HEADER, Idempotent
from backend.projects.access import API_ROOT
from backend.projects.permissions import EVERYBODY, FOR_STRANGERS, PROJECT_RULES
from backend.users.rates import RateAllows

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


def doc_excludes() -> list[type]:
    """Classes whose docstrings tell programmers about a mechanism, and nothing about the operation of a view."""
    return [*get_lib_doc_excludes(), Conditional, Idempotent]


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


_CONTENT: Final = "application/json"
_PROBLEM_REF: Final = {"$ref": "#/components/schemas/Problem"}
_ERROR_REF: Final = {"$ref": "#/components/schemas/Error"}
ERROR_SCHEMA: Final = {
    "type": "object",
    "description": "Why a request was refused. `code` is stable, `message` is for people.",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "extra": {"type": "object", "additionalProperties": {}},
    },
    "required": ["code", "message", "extra"],
}
_REFUSED: Final = {_CONTENT: {"schema": _ERROR_REF}, MEDIA_TYPE: {"schema": _PROBLEM_REF}}
# Status, name of its component, and what it says. 405 and 406 answer requests the schema has no operation for.
REFUSALS: Final = {
    "400": ("Invalid", "What was sent can never be accepted as it is."),
    "401": ("NotAuthenticated", "Nobody is logged in, or the token opens nothing."),
    "403": ("Forbidden", "It may be seen, but not done by this person or with this token."),
    "404": ("NotFound", "Missing, or belonging to a project one is not a member of."),
    "409": ("Conflict", "The request is fine, the present state is not: look again, then retry."),
    "412": (
        "PreconditionFailed",
        "The state that `If-Match` names is not the present one, whose ETag is told.",
    ),
    "413": ("TooLarge", "More bytes than are taken at once."),
    "415": ("UnsupportedType", "A body or a file of a kind that is not read."),
    "422": ("KeyReused", "The `Idempotency-Key` belongs to another request."),
    "429": ("TooMany", "Asked for too often: later it is accepted."),
    "5XX": ("Failed", "The server could not do it now; whether it did is not known."),
}


def add_refusals(result: dict[str, Any], generator: Any, **_: object) -> dict[str, Any]:
    """Adds the `Error` component, and to every operation of the API the statuses it may refuse with.

    Most follow from what an operation is (`refusals_of`). A view names the others: `409: None` among its `responses`
    is filled in here, and what it answers in place of an error (`409: StaleRevisionSerializer`) stands beside one.
    """
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(Error=ERROR_SCHEMA, Problem=PROBLEM_SCHEMA)
    used: set[str] = set()
    views = {(path, method.lower()): view.cls for path, _, method, view in generator.endpoints}
    for path, operations in result.get("paths", {}).items():
        for method, operation in operations.items():
            responses = operation["responses"]
            if any(parameter["name"] == "If-None-Match" for parameter in operation.get("parameters", ())):
                responses.setdefault("304", {"description": "Nothing changed since."})
            for status in refusals_of(path, method.upper(), operation, views[path, method]):
                responses.setdefault(status, {})
            for status in responses:
                if status in REFUSALS and "content" not in responses[status]:
                    used.add(status)
                    responses[status] = {"$ref": f"#/components/responses/{REFUSALS[status][0]}"}
                elif status >= "400":
                    _allow_error(responses[status])
            operation["responses"] = dict(sorted(responses.items()))
    components["responses"] = {
        name: {"description": description, "content": _REFUSED}
        for status, (name, description) in REFUSALS.items()
        if status in used
    }
    return result


def refusals_of(path: str, method: str, operation: dict[str, Any], view: Any) -> Iterator[str]:
    """Statuses with which an operation refuses by what it is: what it takes, where it stands in the table of
    permissions, which headers it looks at, whether its view counts requests. Any change of a project may meet a state
    that does not allow it."""
    endpoint = path.removeprefix(f"/{API_ROOT}")
    takes = {parameter["in"] for parameter in operation.get("parameters", ())}
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    is_write = method != "GET"
    is_open = method in FOR_STRANGERS.get(endpoint, ())
    rule = PROJECT_RULES.get(endpoint, {}).get(method, EVERYBODY)
    if is_write or "query" in takes:
        yield "400"
    if not is_open:
        yield "401"
    if not is_open and (is_write or rule != EVERYBODY):
        yield "403"
    # A cursor nobody gave is 404 as well.
    if "path" in takes or "cursor" in names:
        yield "404"
    if (is_write and endpoint in PROJECT_RULES) or HEADER in names:
        yield "409"
    if "If-Match" in names:
        yield "412"
    if HEADER in names:
        yield "422"
    if "requestBody" in operation:
        yield from ("413", "415")
    if RateAllows in view.permission_classes or _is_throttled(view, method):
        yield "429"
    yield "5XX"


def _is_throttled(view: Any, method: str) -> bool:
    asked = view()
    asked.request = HttpRequest()
    asked.request.method = method
    return bool(asked.get_throttles())


def _allow_error(response: dict[str, Any]) -> None:
    """Where a view answers more than the error object, it answers the plain one as well."""
    for media in response.get("content", {}).values():
        if media["schema"] != _ERROR_REF:
            media["schema"] = {"anyOf": [media["schema"], _ERROR_REF]}
    response.setdefault("content", {})[MEDIA_TYPE] = {"schema": _PROBLEM_REF}
