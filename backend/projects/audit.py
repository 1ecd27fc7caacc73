"""What people did to a project as a whole: kept for whoever manages it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from backend.projects.models import AuditEntry, Project
from backend.users.models import User


def audit(*, project: Project, actor: User | None, action: str, subject: str = "", **data: Any) -> None:
    """Remembers that it was done. Call it inside the transaction that does it; `actor` None is the server itself."""
    AuditEntry.objects.create(project=project, actor=actor, action=action, subject=subject, data=data)


def audit_list(*, project: Project) -> QuerySet[AuditEntry]:
    """All that was done to the project, the newest first."""
    return AuditEntry.objects.filter(project=project).select_related("actor").order_by("-pk")


def fields_changed(thing: object, changes: dict[str, Any], names: Iterable[str]) -> dict[str, list[Any]]:
    """By field of `names`: what it is and what it is about to become, of those that change."""
    wanted = {name: changes[name] for name in names if name in changes}
    return {
        name: [getattr(thing, name), after] for name, after in wanted.items() if getattr(thing, name) != after
    }
