"""The kind of job that retrains. How it is done the workers say, who have the models."""

from typing import Any

from backend.common.errors import InvalidInput
from backend.jobs.models import Job
from backend.jobs.registry import JobKind, Params, kind_add
from backend.projects.models import Project
from backend.training.services import TRAIN
from backend.users.models import User


def not_here(project: Project, user: User, params: Params) -> dict[str, Any]:
    """Raises InvalidInput `training.start_elsewhere`."""
    raise InvalidInput("A training is started at projects/{id}/training-runs/.", "training.start_elsewhere")


def subscribe() -> None:
    """Called once, when the app is loaded."""
    kind_add(
        JobKind(
            name=TRAIN,
            title="Training of a model",
            unit="percent",
            check=not_here,
            queue=Job.Queue.GPU,
            # Pictures of a model that may be in use for long.
            keeps_file=True,
        )
    )
