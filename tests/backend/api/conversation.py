"""Requests of the schema's operations by everybody there is, each to the same rows, and what came of them."""

import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from schemathesis import Case, Response
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core import NOT_SET
from schemathesis.schemas import APIOperation

from backend.projects.access import API_ROOT
from tests.backend.api.askers import Asker
from tests.backend.api.world import World

load_all_checks()
# Left out: whether what the schema forbids is refused and what it allows is taken. Fields are read as DRF reads them ("5"
# is 5), and rules between fields or with what is stored (a label of this project, runs that cover the image) are not the
# schema's to say.
ANSWER_CHECKS: Final = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
Key = tuple[str, str]


class Conversation:
    """Sends cases and counts the answers by asker and kind. Every request finds the world as it was made."""

    def __init__(self, world: World, variables: dict[str, Any], bodies: dict[Key, Any]) -> None:
        self.variables = world.variables | variables
        self.bodies = world.bodies | bodies
        self.counts: Counter[str] = Counter()

    def send(self, case: Case, asker: Asker) -> Response:
        """The answer, which is one the schema tells of. Raises schemathesis' failures where it is not."""
        if asker.user and case.headers and str(case.headers.get("X-As-User", "")).isdigit():
            # A made-up number would be somebody else, and the answer always the same.
            case.headers["X-As-User"] = str(asker.user.pk)
        with _taken_back():
            answer = case.call(headers=asker.headers, cookies=asker.cookies)
            self.counts[f"{asker.name} {answer.status_code // 100}xx"] += 1
            case.validate_response(answer, checks=ANSWER_CHECKS)
        return answer

    def case_in_order(self, operation: APIOperation[Any, Any, Any, Any]) -> Case:
        """A request to which whoever may do it gets what they ask for."""
        body = self.bodies.get(_key(operation), NOT_SET)
        names = [parameter.name for parameter in operation.path_parameters]
        case = operation.Case(path_parameters={name: self.variable(name) for name in names})
        if operation.method == "delete" and body is not NOT_SET:
            case.query = dict(body)
        elif body is not NOT_SET:
            case.body = {name: _as_sent(value) for name, value in body.items()}
            case.media_type = operation.get_request_payload_content_types()[0]
        return case

    def lead(self, case: Case) -> None:
        """Makes a made-up request one about what is there, and every other one a request in order but for one field."""
        case.path_parameters = {name: self.variable(name) for name in case.path_parameters}
        known = self.bodies.get(_key(case.operation))
        if (
            case.media_type != "application/json"
            or not isinstance(case.body, dict)
            or not isinstance(known, dict)
        ):
            return
        choice = zlib.crc32(repr(case.body).encode())
        if case.body and choice % 2:
            name = sorted(case.body)[choice // 2 % len(case.body)]
            case.body = known | {name: case.body[name]}

    def variable(self, name: str) -> Any:
        if name not in self.variables:
            pytest.fail(
                f"`{name}` stands in an address and there is none: tests/backend/api/world.py makes one of everything."
            )
        value = self.variables[name]
        return value if isinstance(value, int) else str(value)


@contextmanager
def _taken_back() -> Iterator[None]:
    # The end of a request would close the connection and with it the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def _key(operation: APIOperation[Any, Any, Any, Any]) -> Key:
    return operation.method.upper(), operation.path.removeprefix(f"/{API_ROOT}")


def _as_sent(value: Any) -> Any:
    """A file's bytes; others as they are."""
    if isinstance(value, list):
        return [_as_sent(one) for one in value]
    if not hasattr(value, "read"):
        return value
    value.seek(0)
    return value.read()
