"""What every part of the client stands on: one server, one person, and lists page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from anymask.config import account_found
from anymask.transport import Transport

_PAGE_SIZE: Final = 500


class Session:
    """One server in one person's name. Without `url` and `token`: as `config.account_found` finds them.

    Everything raises ApiError with the server's code, ConnectionFailed after `tries` tries, NotConfigured here.
    `on_pause` hears why a request waits to be sent again, and for how many seconds.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        tries: int = 6,
        on_pause: Callable[[str, float], None] | None = None,
    ) -> None:
        account = account_found(url, token)
        self.url = account.url
        self.transport = Transport(account.url, account.token, tries=tries, on_pause=on_pause)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.transport.close()

    def get(self, path: str, **params: Any) -> Any:
        """Any GET of the API, as JSON; `path` is below `/api/v1/`."""
        return self.transport.send("GET", path, params=params).json()

    def listed(self, path: str, **params: Any) -> Iterator[Any]:
        """The rows of all pages of a list, fetched as they are asked for."""
        query = {"page_size": _PAGE_SIZE, **params}
        while True:
            page = self.get(path, **query)
            yield from page["results"]
            if page["next"] is None:
                return
            # The cursor alone: behind a proxy the server may not know what it is called outside.
            query["cursor"] = parse_qs(urlsplit(page["next"]).query)["cursor"][0]


def page_count(row_count: int) -> int:
    """How many requests a list of so many rows takes."""
    return -(-row_count // _PAGE_SIZE)


def token_create(url: str, username: str, password: str) -> str:
    """A token of this person's that reads and writes, for 90 days. Raises ApiError `auth.invalid_credentials`,
    ConnectionFailed."""
    transport = Transport(url, None, tries=1)
    body = {"username": username, "password": password}
    try:
        return str(transport.send("POST", "auth/token/", json=body).json()["token"])
    finally:
        transport.close()
