"""The job that makes vectors, which the workers know how to do."""

from typing import Any

from backend.common.errors import Conflict
from backend.jobs.registry import JobKind, Params, kind_add
from backend.jobs.selectors import job_unfinished
from backend.likeness.models import MASK_VECTORS
from backend.projects.models import Project
from backend.users.models import User


def vectors_checked(project: Project, user: User, params: Params) -> dict[str, Any]:
    """Raises Conflict `likeness.under_way`; the project is locked, so that two who ask at once get one job."""
    running = job_unfinished(project=project, kind=MASK_VECTORS)
    if running is not None:
        raise Conflict(
            "The masks are being looked at already.", "likeness.under_way", {"job": str(running.uuid)}
        )
    return {}


def subscribe() -> None:
    """Called once, when the app is loaded."""
    # It needs no device: what the model made of the images is there.
    kind_add(JobKind(name=MASK_VECTORS, title="Look at masks", unit="masks", check=vectors_checked))
