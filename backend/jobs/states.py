"""States of a job and which may follow which, in one place."""

from collections.abc import Mapping
from typing import Final

from django.db.models import TextChoices


class JobState(TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED: Final = frozenset({JobState.QUEUED, JobState.RUNNING})
FINISHED: Final = frozenset(JobState) - UNFINISHED

# From running back to queued: its worker was lost or shut down, or what failed may pass. From failed and cancelled:
# somebody asks for it again.
FOLLOWS: Final[Mapping[JobState, frozenset[JobState]]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.QUEUED}),
    JobState.SUCCEEDED: frozenset(),
    JobState.FAILED: frozenset({JobState.QUEUED}),
    JobState.CANCELLED: frozenset({JobState.QUEUED}),
}


def may_follow(before: str, after: JobState) -> bool:
    """Whether a job goes from `before` to `after`."""
    return after in FOLLOWS[JobState(before)]
