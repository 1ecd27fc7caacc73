"""Requests to the API: authenticated, repeated where that is safe, refused with the server's own code.

It knows no endpoint; `client.py` does.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Any, Final

import httpx

from anymask.errors import ApiError, ConnectionFailed

# A file of a form: its field, then (name, content, media type).
FormFile = tuple[str, tuple[str, IO[bytes], str]]

_SAFE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
# Said before anything was done, and those where nobody knows.
_NOT_DONE: Final = frozenset({429, 503})
_FAILED: Final = frozenset({500, 502, 504})
# An earlier try of the same request, which broke on this side and goes on over there.
_IN_FLIGHT: Final = "idempotency.in_flight"
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
# What a server may ask to be left alone for; more is told instead of waited.
_LONGEST_REST: Final = 300.0


class Transport:
    """Connections to one server in one person's name.

    `tries` is how often a request is sent at most; `on_pause` hears why the next try waits, and for how many seconds.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        tries: int = 6,
        on_pause: Callable[[str, float], None] | None = None,
    ) -> None:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
        # Reading waits for a batch of photographs to be looked at, writing for a slow line.
        timeout = httpx.Timeout(300, connect=15, write=60)
        self.url = url.rstrip("/")
        self.tries = tries
        self._on_pause = on_pause
        self._http = httpx.Client(base_url=f"{self.url}/api/v1/", headers=headers, timeout=timeout)

    def close(self) -> None:
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        files: Sequence[FormFile] | None = None,
        is_repeatable: bool | None = None,
        is_keyed: bool = False,
    ) -> httpx.Response:
        """The answer, if it is a success. `path` is below `/api/v1/`.

        `is_repeatable` says that doing it twice is doing it once, as it is of everything but POST and PATCH: then it is
        sent again after a broken connection and a failing server, otherwise only where the server did nothing of it.
        With `is_keyed` the server sees to that: all tries carry one `Idempotency-Key`, which the schema names for the
        operations that take it. Raises ApiError, ConnectionFailed.
        """
        is_again = is_keyed or (method in _SAFE if is_repeatable is None else is_repeatable)
        headers = {"Idempotency-Key": f'"{uuid.uuid4()}"'} if is_keyed else {}
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._http.request(
                    method, path, params=params, json=json, data=data, files=files, headers=headers
                )
            except httpx.TransportError as error:
                self.pause(attempt, connection_failed(error), may_repeat=is_again or _is_unsent(error))
                continue
            if answer.is_success:
                return answer
            self.pause(attempt, error_of(answer), answer=answer, may_repeat=is_again)

    def pause(
        self,
        attempt: int,
        error: ApiError | ConnectionFailed,
        *,
        answer: httpx.Response | None = None,
        may_repeat: bool = True,
    ) -> None:
        """Waits before the next try: as long as `Retry-After` says, else twice as long each time.

        Raises `error` where another try makes no sense, is not safe, or one too many.
        """
        seconds = min(_FIRST_PAUSE * 2 ** (attempt - 1), _LONGEST_PAUSE) * random.uniform(0.8, 1.2)  # nosec B311 # no secret
        if answer is not None:
            is_under_way = isinstance(error, ApiError) and error.code == _IN_FLIGHT
            may_repeat = is_under_way or answer.status_code in (
                _NOT_DONE | _FAILED if may_repeat else _NOT_DONE
            )
            seconds = max(seconds, _retry_after(answer) or 0)
        if not may_repeat or attempt >= self.tries or seconds > _LONGEST_REST:
            raise error
        if self._on_pause:
            self._on_pause(str(error), seconds)
        time.sleep(seconds)

    @contextmanager
    def opened(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """The answer to one GET whose content is still to be read, tried once. Raises what httpx raises."""
        with self._http.stream("GET", path, headers={"Accept": "*/*", **headers}) as answer:
            yield answer


def error_of(answer: httpx.Response) -> ApiError:
    """What the server said, or that something before it answered. The content of `answer` was read."""
    status = answer.status_code
    try:
        body = answer.json()
        return ApiError(str(body["code"]), str(body["message"]), status, body.get("extra"), body)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    if answer.is_redirect:
        place = answer.headers.get("Location", "elsewhere")
        return ApiError("http.redirect", f"The server's address is another one: {place}.", status)
    return ApiError(f"http.{status}", f"The server answered {status} {answer.reason_phrase}.", status)


def connection_failed(error: httpx.TransportError) -> ConnectionFailed:
    """For people: what happened, without what the libraries call it."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return ConnectionFailed(f"The server cannot be reached: {error}.")
    if isinstance(error, httpx.TimeoutException):
        return ConnectionFailed("The server did not answer in time.")
    return ConnectionFailed("The connection broke.")


def _is_unsent(error: httpx.TransportError) -> bool:
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds from now; RFC 9110 allows a number of them or a date."""
    text = answer.headers.get("Retry-After", "")
    if text.isdigit():
        return float(text)
    try:
        return (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
