"""Where a webhook may lead: an address somebody typed, judged before any connection is made to it.

Whoever manages a project must not reach through this server what only this server can: its own ports, the network it
stands in, the metadata of the machine it is rented on.
"""

import ipaddress
import queue
import re
import socket
import threading
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from backend.common.errors import InvalidInput
from backend.webhooks.addresses import Address, is_public

MAX_URL: Final = 500
_MOST_ADDRESSES: Final = 16
# No spaces, no control characters, no backslash (browsers take it for a slash) and nothing that is not ASCII.
_URL: Final = re.compile(r"[!-\[\]-~]+")
_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*"
)
_NUMBER: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Target:
    """A url taken apart. `host` is lower case, without a dot at its end and, for IPv6, without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def is_allowed_by_name(self) -> bool:
        """Whether the administrator opened this host to webhooks, wherever it is."""
        return self.host in settings.WEBHOOK_ALLOWED_HOSTS


def target_parse(url: str) -> Target:
    """The parts of a webhook's url. Raises InvalidInput `webhook.url`, `webhook.scheme`, `webhook.userinfo`,
    `webhook.port`."""
    if len(url) > MAX_URL or not _URL.fullmatch(url):
        raise InvalidInput("This is no address of a web server.", "webhook.url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidInput("This is no address of a web server.", "webhook.url") from error
    if parts.scheme not in _DEFAULT_PORTS or (parts.scheme == "http" and not settings.WEBHOOK_ALLOW_HTTP):
        raise InvalidInput("The address must begin with https://.", "webhook.scheme")
    if "@" in parts.netloc:
        raise InvalidInput("The address must hold no user name or password.", "webhook.userinfo")
    if "#" in url:
        raise InvalidInput("The address must hold no #: servers never see what follows.", "webhook.url")
    host = _host(parts.hostname or "", is_bracketed=parts.netloc.startswith("["))
    port = _DEFAULT_PORTS[parts.scheme] if port is None else port
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(scheme=parts.scheme, host=host, port=port, path=path)
    if port not in settings.WEBHOOK_PORTS and not (port and target.is_allowed_by_name):
        ports = ", ".join(map(str, settings.WEBHOOK_PORTS))
        raise InvalidInput(f"The port must be one of {ports}.", "webhook.port")
    return target


def target_resolve(target: Target, *, seconds: float) -> list[Address]:
    """The addresses of the target's host, every one of them public unless the administrator allowed the host by name.

    Connect to these and to nothing else: the name may mean another place a moment later. Raises InvalidInput
    `webhook.dns` for a name nobody knows, or that is not told within `seconds`, `webhook.address` for one of which any
    address is not public.
    """
    try:
        found = _lookup(target.host, target.port, seconds)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise InvalidInput(f"Nobody knows where {target.host} is.", "webhook.dns") from error
    addresses = list(dict.fromkeys(ipaddress.ip_address(text) for text in found))
    if not addresses or len(addresses) > _MOST_ADDRESSES:
        raise InvalidInput(f"Nobody knows where {target.host} is.", "webhook.dns")
    # One that is not public is enough: which of them is taken would be chance.
    if not target.is_allowed_by_name and not all(map(is_public, addresses)):
        raise InvalidInput(f"{target.host} is not on the public internet.", "webhook.address")
    return addresses


def _host(name: str, *, is_bracketed: bool) -> str:
    if is_bracketed:
        try:
            return str(ipaddress.IPv6Address(name))
        except ValueError as error:
            raise InvalidInput("This is no address of a web server.", "webhook.url") from error
    host = name.lower().removesuffix(".")
    if not _HOST.fullmatch(host):
        raise InvalidInput("This is no address of a web server.", "webhook.url")
    if _NUMBER.match(host.rpartition(".")[2]):
        # Octal, hexadecimal or short forms mean one address here and another one there.
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise InvalidInput("An IP address is written as four decimal numbers.", "webhook.url") from error
    return host


def _lookup(host: str, port: int, seconds: float) -> list[str]:
    """What the system's resolver answers, as text. It takes no time limit, so it is asked in a thread that may be left
    behind. Raises OSError, UnicodeError, TimeoutError."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([str(address[0]) for *_, address in found])
        except Exception as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0.001))
    except queue.Empty as error:
        raise TimeoutError(host) from error
    if isinstance(answer, Exception):
        raise answer
    return answer
