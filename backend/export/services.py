from backend.projects.audit import audit
from backend.projects.models import Project
from backend.users.models import User


def export_taken(*, project: Project, actor: User, name: str, includes_unlabelled: bool) -> None:
    """Remembers that somebody took the project's masks out, in the format called `name`."""
    audit(
        project=project,
        actor=actor,
        action="export.taken",
        subject=name,
        includes_unlabelled=includes_unlabelled,
    )
