"""What the order of images does when people pull and models change."""

from django.db import transaction

from backend.projects.events import project_model_changed
from backend.projects.models import Project
from backend.ranking.models import Order, ProjectOrder
from backend.ranking.services import order_restart, ranks_wanted
from backend.users.models import User
from backend.work.events import work_pulling


def on_work_pulling(*, project: Project, **_: object) -> None:
    """Images that came since are ranked before somebody gets to them, as a rule: they follow all that are."""
    if ProjectOrder.objects.filter(project=project).exclude(order=Order.UPLOAD).exists():
        # Not before the image is given out: asking holds the project.
        transaction.on_commit(lambda: ranks_wanted(project=project, creator=None), robust=True)


def on_project_model_changed(*, project: Project, actor: User | None, **_: object) -> None:
    order_restart(project=project, actor=actor)


def subscribe() -> None:
    """Called once, when the app is loaded."""
    work_pulling.connect(on_work_pulling, dispatch_uid="ranking.work_pulling")
    project_model_changed.connect(on_project_model_changed, dispatch_uid="ranking.project_model_changed")
