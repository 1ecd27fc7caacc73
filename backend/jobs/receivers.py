"""What jobs do when they end and when projects go, and what an address that names one is to a person."""

from backend.common.storage import files_delete_on_commit
from backend.embeddings.orphans import file_owner_add
from backend.jobs.events import job_finished
from backend.jobs.models import Job
from backend.jobs.registry import job_title
from backend.jobs.selectors import REFUSALS, standing_of_job
from backend.jobs.states import JobState
from backend.notifications.models import Notification
from backend.notifications.services import notification_tell
from backend.projects.events import project_deleting
from backend.projects.models import Project
from backend.projects.standing import tell_apart


def on_job_finished(*, job: Job, **_: object) -> None:
    """Whoever asked for it hears how it ended, unless somebody cancelled it."""
    if job.state == JobState.CANCELLED or job.project is None or job.created_by_id is None:
        return
    title = job_title(job)
    is_done = job.state == JobState.SUCCEEDED
    notification_tell(
        user_id=job.created_by_id,
        kind=Notification.Kind.JOB_FINISHED if is_done else Notification.Kind.JOB_FAILED,
        project=job.project,
        text=f"{title}: {job.result['file_name']}"
        if is_done and job.result and "file_name" in job.result
        else title
        if is_done
        else f"{title}: {job.error_message}",
    )


def on_project_deleting(*, project: Project, **_: object) -> None:
    keys = Job.objects.filter(project=project).exclude(file_key="").values_list("file_key", flat=True)
    files_delete_on_commit(list(keys))


def file_keys() -> "set[str]":
    return set(Job.objects.exclude(file_key="").values_list("file_key", flat=True).iterator())


def subscribe() -> None:
    """Called once, when the app is loaded."""
    job_finished.connect(on_job_finished, dispatch_uid="jobs.job_finished")
    project_deleting.connect(on_project_deleting, dispatch_uid="jobs.project_deleting")
    file_owner_add("jobs", file_keys)
    tell_apart("job_id", standing_of_job, REFUSALS)
