"""What a change of an image's status adds to the sums of work: a function of its row alone."""

from datetime import UTC
from typing import Any

from backend.work.models import StatusChange


def change_figures(change: StatusChange, *, project_id: int) -> dict[str, Any]:
    """What `tallies.families.WORK` counts of it."""
    return {
        "project_id": project_id,
        "day": change.created_at.astimezone(UTC).date(),
        "before": str(change.before),
        "after": str(change.after),
        "actor_id": change.actor_id,
        "assignee_id": change.assignee_id,
        "images": 1,
    }
