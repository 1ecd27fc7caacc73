"""What views that make something do with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header)."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from backend.common.errors import InvalidInput
from backend.idempotency.services import key_answer, key_claim, key_free
from backend.users.requests import request_user

if TYPE_CHECKING:
    from rest_framework.views import APIView as _View
else:
    _View = object

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_LONGEST: Final = 255
# A string as RFC 9651 has it, or what most clients send: the same without the quotes.
_QUOTED: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BARE: Final = re.compile(r"[!#-\[\]-~]+")


class Idempotent(_View):
    """Mixed into a view, left of APIView, whose POST makes something that the client has no uuid for.

    The same key with the same request again gets the first answer, `Idempotency-Replayed: true`. Refusals are not kept:
    nothing was made. Never mix it into a view whose answer holds a secret. Raises InvalidInput `idempotency.key`, and
    what `key_claim` raises.
    """

    # Whether the work and its answer are one transaction. Not for uploads: nobody else could write meanwhile (SQLite).
    # Killed between the two, the work is done a second time after the lease.
    is_one_transaction: ClassVar[bool] = True
    # How long a process that died keeps the key; longer than the work takes.
    idempotency_lease_seconds: ClassVar[float] = 60

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and HEADER in request.headers:
            # An attribute of this one view, which stands before its class's method.
            vars(self)["post"] = partial(self._once, getattr(self, "post"))  # noqa: B009 - of what this is mixed into

    def _once(self, handler: Callable[..., Response], request: Request, **variables: Any) -> Response:
        row = key_claim(
            user=request_user(request),
            key=key_read(request.headers[HEADER]),
            fingerprint=fingerprint(request),
            lease_seconds=self.idempotency_lease_seconds,
        )
        if row.status is not None:
            return Response(json.loads(row.body), status=row.status, headers={REPLAYED: "true"})
        try:
            with self._work():
                response = handler(request, **variables)
                if response.status_code < 400:
                    body = JSONRenderer().render(response.data).decode() or "null"
                    key_answer(row=row, status=response.status_code, body=body)
        finally:
            # Answered ones stay.
            key_free(row=row)
        return response

    def _work(self) -> AbstractContextManager[Any]:
        return transaction.atomic() if self.is_one_transaction else nullcontext()


def key_read(header: str) -> str:
    """The key a header holds. Raises InvalidInput `idempotency.key`."""
    sent = header.strip()
    if len(sent) <= _LONGEST and (quoted := _QUOTED.fullmatch(sent)):
        key = re.sub(r"\\(.)", r"\1", quoted.group(1))
    else:
        key = sent if _BARE.fullmatch(sent) else ""
    if not 0 < len(key) <= _LONGEST:
        raise InvalidInput(
            f"{HEADER} is a text of 1 to {_LONGEST} printable characters, best a uuid in quotes.",
            "idempotency.key",
        )
    return key


def fingerprint(request: Request) -> str:
    """SHA-256, in hex, of the request's method, address and body. A file counts by its name and bytes, an object
    whatever the order of its fields: boundaries and spaces are nothing a client chose."""
    digest = hashlib.sha256()
    for part in _parts(request):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _parts(request: Request) -> Iterator[bytes]:
    yield str(request.method).encode()
    yield request.get_full_path().encode()
    if not isinstance(request.data, QueryDict):
        yield json.dumps(request.data, sort_keys=True).encode()
        return
    for name, values in sorted(request.data.lists()):
        for value in values:
            yield name.encode()
            if isinstance(value, UploadedFile):
                yield (value.name or "").encode()
                yield _file_digest(value)
            else:
                yield str(value).encode("utf-8", "surrogatepass")


def _file_digest(file: UploadedFile) -> bytes:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.digest()
