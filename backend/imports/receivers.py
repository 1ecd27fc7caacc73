"""The files of uploads go with their projects, with their age, and where no original is to stay, with their import."""

import uuid

from backend.common.storage import files_delete_on_commit
from backend.embeddings.orphans import file_owner_add
from backend.imports.jobs import IMPORT
from backend.imports.models import ImportUpload
from backend.imports.services import upload_remove
from backend.jobs.events import job_finished
from backend.jobs.models import Job
from backend.jobs.states import JobState
from backend.privacy.selectors import privacy_of
from backend.projects.events import project_deleting
from backend.projects.models import Project


def on_project_deleting(*, project: Project, **_: object) -> None:
    keys = ImportUpload.objects.filter(project=project).values_list("file_key", flat=True)
    files_delete_on_commit(list(keys))


def on_job_finished(*, job: Job, **_: object) -> None:
    """An archive has its pictures as they came. A project that wants those destroyed keeps it until it is imported."""
    if job.kind != IMPORT or job.state != JobState.SUCCEEDED or "upload" not in job.params:
        return
    assert job.project is not None
    privacy = privacy_of(project=job.project)
    if privacy.kinds and not privacy.keeps_originals:
        upload_remove(project=job.project, upload_id=uuid.UUID(job.params["upload"]))


def file_keys() -> "set[str]":
    return set(ImportUpload.objects.values_list("file_key", flat=True).iterator())


def subscribe() -> None:
    """Called once, when the app is loaded."""
    project_deleting.connect(on_project_deleting, dispatch_uid="imports.project_deleting")
    job_finished.connect(on_job_finished, dispatch_uid="imports.job_finished")
    file_owner_add("imports", file_keys)
