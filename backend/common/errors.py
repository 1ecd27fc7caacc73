"""Errors with a stable code, a sentence for people and room for detail. `backend.api` answers with them."""

from typing import Any


class ApplicationError(Exception):
    """Base of all refusals. `code` is stable and dotted (`embedding.not_ready`), `message` is one sentence."""

    status = 400

    def __init__(self, message: str, code: str, extra: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.extra = extra or {}
        # Of the answer, besides its body.
        self.headers: dict[str, str] = {}


class InvalidInput(ApplicationError):
    """What was sent can never be accepted as it is."""

    status = 400


class PermissionRefused(ApplicationError):
    """The object may be seen, but not changed, by this person."""

    status = 403


class NotFound(ApplicationError):
    """Missing, or belonging to a project one is not a member of: the two look the same."""

    status = 404


class Conflict(ApplicationError):
    """The request is fine, the present state is not: look again, then retry."""

    status = 409


class PreconditionFailed(ApplicationError):
    """The thing is no longer what `If-Match` named; `etag` is the tag of what it is now."""

    status = 412

    def __init__(self, etag: str) -> None:
        super().__init__(
            "This was changed in the meantime. Look at its present state first.",
            "precondition.failed",
            {"etag": etag},
        )
        self.headers = {"ETag": etag}


class TooLarge(ApplicationError):
    status = 413


class UnsupportedType(ApplicationError):
    status = 415


class TooMany(ApplicationError):
    """Asked for too often: later it is accepted."""

    status = 429


class Unavailable(ApplicationError):
    """A part we need does not answer now."""

    status = 503


class StorageFailed(ApplicationError):
    """Something nobody foresaw kept a file from being stored; what it was stands in the log."""

    status = 500

    def __init__(self) -> None:
        super().__init__("The server could not store this file. Try again later.", "storage.failed")


class StorageUnavailable(Unavailable):
    """The bucket does not answer, or fails; what it said stands in the log."""

    def __init__(self) -> None:
        super().__init__("The storage of files does not answer now. Try again later.", "storage.unavailable")
        self.headers = {"Retry-After": "2"}


class DatabaseUnavailable(Unavailable):
    """The database took no connection, before anything was done."""

    def __init__(self) -> None:
        super().__init__("The database does not answer now. Nothing was done.", "database.unavailable")
        self.headers = {"Retry-After": "2"}


class CacheUnavailable(Unavailable):
    """What counts attempts does not answer, where they may not go uncounted."""

    def __init__(self) -> None:
        super().__init__("The server cannot count attempts now. Try again later.", "cache.unavailable")
        self.headers = {"Retry-After": "2"}


class DatabaseFailed(ApplicationError):
    """The database failed, or went away, in the middle: a transaction may have been committed, or not."""

    status = 500

    def __init__(self) -> None:
        super().__init__(
            "The database failed in the middle of this. Whether it was done is not known: look, or send the same again.",
            "database.failed",
        )


class StorageFull(ApplicationError):
    status = 507

    def __init__(self) -> None:
        super().__init__("The server's disk is full. Nothing of this file was kept.", "storage.full")


def first_complaint(detail: Any, path: str = "") -> str:
    """The first complaint of a serializer's nested errors, with the field it is about."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            field = path if key == "non_field_errors" else f"{path}.{key}".strip(".")
            if value:
                return first_complaint(value, field)
    if isinstance(detail, list):
        found = next((value for value in detail if value), "The value is not valid.")
        return first_complaint(found, path)
    return f"{path}: {detail}" if path else str(detail)


def printable(value: Any) -> Any:
    """The value without the halves of characters that JSON can carry and no answer can: refusals repeat what was sent."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {printable(key): printable(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(entry) for entry in value]
    return value
