"""The kind of job that evaluates. How it is done the workers say, who have the models."""

from typing import Any

from backend.common.errors import InvalidInput
from backend.evaluations.models import EVALUATE
from backend.evaluations.registry import TASKS
from backend.jobs.models import Job
from backend.jobs.registry import JobKind, Params, kind_add
from backend.projects.models import Project
from backend.users.models import User


def not_here(project: Project, user: User, params: Params) -> dict[str, Any]:
    """Raises InvalidInput `evaluation.start_elsewhere`."""
    raise InvalidInput(
        "An evaluation is started at projects/{id}/evaluations/.", "evaluation.start_elsewhere"
    )


def title_of(params: Params) -> str:
    """ "Evaluation: Object proposals"."""
    task = TASKS.get(str(params.get("task")))
    return f"Evaluation: {task.title}" if task else "Evaluation"


def subscribe() -> None:
    """Called once, when the app is loaded."""
    kind_add(
        JobKind(
            name=EVALUATE,
            title="Evaluation",
            title_of=title_of,
            unit="images",
            check=not_here,
            queue=Job.Queue.GPU,
            # As long as the evaluation, whose page it is.
            keeps_file=True,
        )
    )
