"""The kinds of jobs there are. An app adds its kinds when it is loaded; who may start which stands in the table of
permissions (`projects.permissions.JOB_KINDS`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from backend.common.errors import InvalidInput
from backend.jobs.context import JobContext
from backend.jobs.models import Job
from backend.projects.models import Project
from backend.users.models import User

Params: TypeAlias = Mapping[str, Any]
# Does the work and returns what it found out, as JSON carries it.
Handler: TypeAlias = Callable[[JobContext], dict[str, Any]]


@dataclass(frozen=True)
class JobKind:
    """What there is to know of one kind but how it is done."""

    name: str
    # For people: "COCO export".
    title: str
    # What progress counts, in the plural.
    unit: str
    # Judges what somebody sent and returns the params to keep. Raises ApplicationError.
    check: Callable[[Project, User, Params], dict[str, Any]]
    queue: Job.Queue = Job.Queue.DEFAULT
    # A job whose worker was lost this often is not tried again: it may be what ends them.
    max_attempts: int = 3
    # What people call one of its jobs, by its params; else all are called by the kind's title.
    title_of: Callable[[Params], str] | None = None
    # Told when somebody takes the file that a job made.
    file_taken: Callable[[Job, User], None] | None = None
    # Its file goes with the job, not after some days.
    keeps_file: bool = False


_KINDS: dict[str, JobKind] = {}
_HANDLERS: dict[str, Handler] = {}


def kind_add(kind: JobKind, handler: Handler | None = None) -> None:
    """Makes the kind known. Without a handler somebody must add one (`handler_add`) where the jobs are done: what needs
    the models lives with the workers."""
    _KINDS[kind.name] = kind
    if handler is not None:
        handler_add(kind.name, handler)


def handler_add(kind: str, handler: Handler) -> None:
    """Says how jobs of this kind are done in this process."""
    _HANDLERS[kind] = handler


def kind_get(name: str) -> JobKind:
    """Raises InvalidInput `job.unknown_kind`."""
    if name not in _KINDS:
        raise InvalidInput(
            f"There is no kind of job {name!r}.", "job.unknown_kind", {"known": sorted(_KINDS)}
        )
    return _KINDS[name]


def job_title(job: Job) -> str:
    """What people call it; the kind's name for a kind that is no longer known."""
    kind = _KINDS.get(job.kind)
    if kind is None:
        return job.kind
    return kind.title_of(job.params) if kind.title_of else kind.title


def max_attempts(name: str) -> int:
    return _KINDS[name].max_attempts if name in _KINDS else JobKind.max_attempts


def kinds_known() -> list[str]:
    """Names of all kinds, whoever does them."""
    return sorted(_KINDS)


def kinds_done_here() -> list[str]:
    """Kinds this process has handlers for: jobs of others are left to workers of another version."""
    return sorted(_HANDLERS)


def keeps_file(name: str) -> bool:
    return name in _KINDS and _KINDS[name].keeps_file


def file_taken(job: Job, user: User) -> None:
    """Tells the kind that somebody takes the file of one of its jobs."""
    kind = _KINDS.get(job.kind)
    if kind is not None and kind.file_taken is not None:
        kind.file_taken(job, user)


def handler_of(name: str) -> Handler:
    return _HANDLERS[name]
