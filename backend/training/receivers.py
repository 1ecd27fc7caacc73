"""What is kept and refused when a project gets another model."""

from backend.embeddings.models import ModelVersion
from backend.projects.events import project_model_changed
from backend.projects.models import Project
from backend.training.models import ModelChange, TrainingRun, Verdict
from backend.training.services import Reason, worse
from backend.users.models import User


def on_project_model_changed(
    *, project: Project, before: ModelVersion, actor: User | None, reason: str, **_: object
) -> None:
    """Raises Conflict `training.worse`, which undoes the change, where somebody chose a model that is not better than its
    parent without being asked whether they mean it."""
    if reason == Reason.CHOSEN:
        runs = TrainingRun.objects.filter(result=project.model)
        if runs.exists() and not runs.filter(verdict=Verdict.BETTER).exists():
            raise worse(runs[0])
    ModelChange.objects.create(
        project=project, before=before, after=project.model, reason=reason, actor=actor
    )


def subscribe() -> None:
    """Called once, when the app is loaded."""
    project_model_changed.connect(on_project_model_changed, dispatch_uid="training.project_model_changed")
