"""One signed request, and what came of it. Within a time, to an address that was judged, with no second look-up."""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from backend.common.errors import InvalidInput
from backend.webhooks.addresses import Address
from backend.webhooks.targets import Target, target_parse, target_resolve

TRY_SECONDS: Final = 10.0
TEXT_KEPT: Final = 500  # characters of the answer
_READ_MOST: Final = 256 * 1024  # bytes of head and body together
_GONE: Final = 410


@dataclass(frozen=True)
class Outcome:
    """What a try came to; `error_code` is empty where the receiver took it."""

    error_code: str
    response_code: int | None = None
    response_text: str = ""
    seconds: float = 0.0

    @property
    def is_delivered(self) -> bool:
        return not self.error_code

    @property
    def is_gone(self) -> bool:
        """The receiver says: never again."""
        return self.response_code == _GONE


def send(*, url: str, headers: Mapping[str, str], body: bytes, seconds: float = TRY_SECONDS) -> Outcome:
    """Posts `body` and waits for the answer, `seconds` for all of it; redirects and proxies are not followed.

    Never raises for what is wrong with the url, the network or the receiver: the outcome's code says it, as
    `targets` does for the url, else `webhook.connect`, `.tls`, `.timeout`, `.answer` (no HTTP), `.redirect`, `.status`.
    """
    begun = time.monotonic()
    code, text, status = "", "", None
    try:
        status, text = _post(url, headers, body, begun + seconds)
        if 300 <= status < 400:
            code = "webhook.redirect"
        elif not 200 <= status < 300:
            code = "webhook.status"
    except InvalidInput as error:
        code = error.code
    except TimeoutError:
        code = "webhook.timeout"
    except ssl.SSLError:
        code = "webhook.tls"
    except http.client.HTTPException:
        code = "webhook.answer"
    except (OSError, ValueError):
        # ValueError: a reset in the middle of TLS surfaces as one.
        code = "webhook.connect"
    return Outcome(code, status, text, round(time.monotonic() - begun, 3))


def _post(url: str, headers: Mapping[str, str], body: bytes, deadline: float) -> tuple[int, str]:
    target = target_parse(url)
    addresses = target_resolve(target, seconds=_left(deadline))
    head = {
        "Host": target.host_header,
        "User-Agent": "Anymask-Webhooks/1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }
    # The path holds no space and no line's end: `target_parse` lets none through.
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    with _connect(target, addresses, deadline) as connection:
        connection.settimeout(_left(deadline))
        connection.sendall("\r\n".join(lines).encode("ascii") + body)
        answer = http.client.HTTPResponse(_Readable(connection, deadline), method="POST")  # type: ignore[arg-type]  # it asks for a file only
        answer.begin()
        return answer.status, _text_of(answer)


def _connect(target: Target, addresses: list[Address], deadline: float) -> socket.socket:
    """To the first address that answers. The certificate must be the name's, whatever the address is."""
    failure: OSError = ConnectionError(target.host)
    for number, address in enumerate(addresses):
        # One that swallows what is sent to it must leave time for the others.
        share = _left(deadline) / (len(addresses) - number)
        try:
            connection = socket.create_connection((str(address), target.port), timeout=share)
        except OSError as error:
            failure = error
            continue
        if target.scheme == "http":
            return connection
        try:
            connection.settimeout(_left(deadline))
            return ssl.create_default_context().wrap_socket(connection, server_hostname=target.host)
        except BaseException:
            connection.close()
            raise
    raise failure


def _text_of(answer: http.client.HTTPResponse) -> str:
    """The beginning of the body; what breaks off is told as far as it came: the status counts."""
    try:
        content = answer.read(4 * TEXT_KEPT)
    except http.client.IncompleteRead as error:
        content = error.partial
    except (OSError, ValueError, http.client.HTTPException):
        content = b""
    # No database takes a null character.
    return content.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")[:TEXT_KEPT]


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Readable:
    """A connection as `http.client` reads it: a socket's own time limit is for each byte, this one for all of them."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._raw = _RawReader(connection, deadline)

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(self._raw)


class _RawReader(io.RawIOBase):
    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        self._left = _READ_MOST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._deadline))
        if self._left <= 0:
            raise http.client.HTTPException("the answer is too long")
        count = self._connection.recv_into(memoryview(buffer)[: self._left])
        self._left -= count
        return count
