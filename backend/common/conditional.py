"""Conditional requests (RFC 9110, section 13) for whatever has an address of its own: ETag, If-None-Match, If-Match."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db import models, transaction
from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from backend.common.errors import PreconditionFailed

if TYPE_CHECKING:
    from rest_framework.views import APIView as _View
else:
    _View = object

_DIGITS: Final = 16
_WRITES: Final = frozenset({"PATCH", "PUT", "DELETE"})


class Conditional(_View):
    """Mixed into the view of one thing, left of APIView. Answers carry its ETag; GET with a known one is 304, a change or
    deletion with `If-Match` is done only to the state that it names. Raises PreconditionFailed `precondition.failed`.

    The tag is the thing's version, where its answer tells one; else a digest of the answer. Where more is told than can
    be changed (counts, progress), `state_fields` name what `If-Match` is about, and that has a digest of its own before
    the other: a colleague's mask does not stand in the way of a new description.
    """

    # The field of the answer that is another one after every change.
    version_field: ClassVar[str] = ""
    state_fields: ClassVar[tuple[str, ...]] = ()
    # Of what the address's first variable is the key of: its row is held from the comparison to the change. None where
    # the change itself compares versions, or holds other rows first.
    held_model: ClassVar[type[models.Model] | None] = None

    # The tag that was asked for and found, for views whose services compare versions.
    matched: str | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = str(request.method)
        if method in _WRITES and "If-Match" in request.headers and hasattr(self, method.lower()):
            setattr(self, method.lower(), partial(self._guarded, getattr(self, method.lower())))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        is_shown = isinstance(answer, Response) and answer.status_code == 200 and not answer.exception
        if not is_shown or request.method == "DELETE":
            return answer
        tag = self.tag_of(answer.data)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if request.method in ("GET", "HEAD") and _names(request.headers.get("If-None-Match", ""), tag):
            return super().finalize_response(request, Response(status=304, headers=headers), *args, **kwargs)
        for name, value in headers.items():
            answer[name] = value
        return answer

    def tag_of(self, data: Any) -> str:
        """The ETag of a thing that is answered like this."""
        if self.version_field:
            return f'"{data[self.version_field]}"'
        whole = _digest(data)
        if not self.state_fields:
            return f'"{whole}"'
        return f'"{_digest({name: data[name] for name in self.state_fields})}-{whole}"'

    def _guarded(self, handler: Callable[..., Any], request: Request, **variables: Any) -> Any:
        if self.held_model is None:
            self._compare(request, **variables)
            return handler(request, **variables)
        with transaction.atomic():
            rows = self.held_model._default_manager.select_for_update(no_key=True)
            rows.filter(pk=next(iter(variables.values()))).first()
            self._compare(request, **variables)
            return handler(request, **variables)

    def _compare(self, request: Request, **variables: Any) -> None:
        present = self.tag_of(self.get(request, **variables).data)  # type: ignore[attr-defined]  # what this is mixed into has it
        if not _names(request.headers["If-Match"], present, is_state=bool(self.state_fields)):
            raise PreconditionFailed(present)
        self.matched = present


def _names(header: str, tag: str, *, is_state: bool = False) -> bool:
    """Whether a header's list of tags has this one; with `is_state`, one whose first part is the same.

    Servers on the way may have made tags weak ones, by compressing answers: they are taken as they were given.
    """
    known = [one.removeprefix("W/") for one in parse_etags(header)]
    if is_state:
        known = [one.partition("-")[0].strip('"') if one != "*" else one for one in known]
        tag = tag.partition("-")[0].strip('"')
    return "*" in known or tag in known


def _digest(data: Any) -> str:
    return hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:_DIGITS]
