"""The kind of job that measures. How it is done the workers say, who have the models."""

from typing import Any

from backend.common.errors import InvalidInput
from backend.fairness.models import MEASURE
from backend.jobs.models import Job
from backend.jobs.registry import JobKind, Params, kind_add
from backend.projects.models import Project
from backend.users.models import User


def not_here(project: Project, user: User, params: Params) -> dict[str, Any]:
    """Raises InvalidInput `fairness.start_elsewhere`."""
    raise InvalidInput("A report is started at projects/{id}/fairness-reports/.", "fairness.start_elsewhere")


def subscribe() -> None:
    """Called once, when the app is loaded."""
    kind_add(
        JobKind(
            name=MEASURE,
            title="Fairness report",
            unit="masks",
            check=not_here,
            queue=Job.Queue.GPU,
            # As long as the report, whose rows it has.
            keeps_file=True,
        )
    )
