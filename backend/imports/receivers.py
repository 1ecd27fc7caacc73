"""The files of uploads go with their projects, and with their age."""

from backend.common.storage import files_delete_on_commit
from backend.embeddings.orphans import file_owner_add
from backend.imports.models import ImportUpload
from backend.projects.events import project_deleting
from backend.projects.models import Project


def on_project_deleting(*, project: Project, **_: object) -> None:
    keys = ImportUpload.objects.filter(project=project).values_list("file_key", flat=True)
    files_delete_on_commit(list(keys))


def file_keys() -> "set[str]":
    return set(ImportUpload.objects.values_list("file_key", flat=True).iterator())


def subscribe() -> None:
    """Called once, when the app is loaded."""
    project_deleting.connect(on_project_deleting, dispatch_uid="imports.project_deleting")
    file_owner_add("imports", file_keys)
