"""What webhooks are told of."""

from typing import Any

from backend.users.models import User
from backend.webhooks.models import Event
from backend.webhooks.services import person_data, project_data, webhook_emit
from backend.work.events import work_reviewed, work_submitted
from backend.work.models import Status, WorkItem

_VERDICTS = {Status.ACCEPTED: Event.IMAGE_ACCEPTED, Status.REJECTED: Event.IMAGE_REJECTED}


def on_work_submitted(*, item: WorkItem, actor: User, **_: object) -> None:
    webhook_emit(project_id=item.project_id, event=Event.IMAGE_SUBMITTED, data=_data(item, actor))


def on_work_reviewed(*, item: WorkItem, actor: User, reason: str, **_: object) -> None:
    data = _data(item, actor) | {"reason": reason}
    webhook_emit(project_id=item.project_id, event=_VERDICTS[Status(item.status)], data=data)


def subscribe() -> None:
    """Called once, when the app is loaded."""
    work_submitted.connect(on_work_submitted, dispatch_uid="webhooks.work_submitted")
    work_reviewed.connect(on_work_reviewed, dispatch_uid="webhooks.work_reviewed")


def _data(item: WorkItem, actor: User) -> dict[str, Any]:
    return {
        "project": project_data(item.project),
        "image": {"id": item.pk, "file_name": item.image.file_name},
        "status": str(item.status),
        "actor": person_data(actor),
    }
