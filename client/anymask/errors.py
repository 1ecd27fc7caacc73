"""What can go wrong, told apart by class; an `ApiError` also by the server's stable `code`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anymask.types import Job


class AnymaskError(Exception):
    """Base of everything this package raises on purpose. Its text is one sentence for people."""


class ApiError(AnymaskError):
    """The server refused. `code` is stable and dotted (`project.not_found`); `http.<status>` where something before the
    server answered. `extra` is the detail it gave, `body` all it said."""

    def __init__(
        self, code: str, message: str, status: int, extra: dict[str, Any] | None = None, body: Any = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.extra = extra or {}
        self.body = body

    def __str__(self) -> str:
        return f"{self.message} ({self.code})"


class ConnectionFailed(AnymaskError):
    """The server was not reached, or the connection broke more often than it was tried."""


class JobFailed(AnymaskError):
    """A job ended otherwise than well; `job` is its last state."""

    def __init__(self, job: Job) -> None:
        reason = job["error_message"] or f"It was {job['state']}."
        super().__init__(f"{job['title']}: {reason} ({job['error_code'] or 'job.' + job['state']})")
        self.job = job


class DownloadDamaged(AnymaskError):
    """What came is not what the server said it would send. Nothing of it was kept."""


class NotConfigured(AnymaskError):
    """Nobody said where the server is."""
