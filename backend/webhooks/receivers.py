"""What webhooks are told of."""

from typing import Any

from backend.jobs.events import job_finished
from backend.jobs.models import Job
from backend.jobs.states import JobState
from backend.users.models import User
from backend.webhooks.models import Event
from backend.webhooks.services import person_data, project_data, webhook_emit
from backend.work.events import work_reviewed, work_submitted
from backend.work.models import Status, WorkItem

# Kinds of jobs whose end somebody may be told of.
_JOBS = {"export.coco": Event.EXPORT_READY}
_TRAINING = "train"
_OF_FILES = ("file_name", "bytes", "sha256")
_VERDICTS = {Status.ACCEPTED: Event.IMAGE_ACCEPTED, Status.REJECTED: Event.IMAGE_REJECTED}


def on_work_submitted(*, item: WorkItem, actor: User, **_: object) -> None:
    # A replica is no image of the project.
    if not item.is_replica:
        webhook_emit(project_id=item.project_id, event=Event.IMAGE_SUBMITTED, data=_data(item, actor))


def on_work_reviewed(*, item: WorkItem, actor: User, reason: str, **_: object) -> None:
    data = _data(item, actor) | {"reason": reason}
    webhook_emit(project_id=item.project_id, event=_VERDICTS[Status(item.status)], data=data)


def on_job_finished(*, job: Job, **_: object) -> None:
    if job.kind == _TRAINING and job.project is not None and job.state == JobState.SUCCEEDED:
        found = job.result or {}
        data = {
            "project": project_data(job.project),
            "job": {"id": str(job.uuid), "kind": job.kind},
            "model": {name: found.get(name) for name in ("model", "verdict", "parent", "child")},
        }
        webhook_emit(project_id=job.project.pk, event=Event.MODEL_READY, data=data)
        return
    event = _JOBS.get(job.kind)
    if event is None or job.project is None or job.state != JobState.SUCCEEDED:
        return
    file = {name: value for name, value in (job.result or {}).items() if name in _OF_FILES}
    data = {
        "project": project_data(job.project),
        "job": {"id": str(job.uuid), "kind": job.kind},
        "file": {**file, "download_url": f"/api/v1/jobs/{job.uuid}/file/"},
    }
    webhook_emit(project_id=job.project.pk, event=event, data=data)


def subscribe() -> None:
    """Called once, when the app is loaded."""
    work_submitted.connect(on_work_submitted, dispatch_uid="webhooks.work_submitted")
    job_finished.connect(on_job_finished, dispatch_uid="webhooks.job_finished")
    work_reviewed.connect(on_work_reviewed, dispatch_uid="webhooks.work_reviewed")


def _data(item: WorkItem, actor: User) -> dict[str, Any]:
    return {
        "project": project_data(item.project),
        "image": {"id": item.pk, "file_name": item.image.file_name},
        "status": str(item.status),
        "actor": person_data(actor),
    }
