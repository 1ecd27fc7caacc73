from typing import Any

from django.db import transaction

from backend.privacy.detecting import detector_load
from backend.privacy.models import ProjectPrivacy
from backend.privacy.selectors import privacy_of
from backend.projects.audit import audit, fields_changed
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.users.models import User


@transaction.atomic
def privacy_set(*, project: Project, actor: User | None, changes: dict[str, Any]) -> ProjectPrivacy:
    """Sets `faces`, `plates`, `originals` for images that come from now on; those that are being stored are refused.

    Raises Unavailable `privacy.detector_failed` where something is to be blurred and this server cannot.
    """
    project = project_locked(project_id=project.pk)
    privacy = privacy_of(project=project)
    changed = fields_changed(privacy, changes, ["faces", "plates", "originals"])
    for field, value in changes.items():
        setattr(privacy, field, value)
    if privacy.kinds:
        detector_load()
    privacy.save()
    if changed:
        audit(
            project=project,
            actor=actor,
            action="project.privacy_changed",
            subject=project.name,
            changed=changed,
        )
    return privacy
