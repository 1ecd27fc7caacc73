"""Archives as they come and go."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import IO, Final

from django.db import transaction
from django.utils import timezone

from backend.common.errors import NotFound, UnsupportedType
from backend.common.storage import file_open, file_write, files_delete, files_delete_on_commit
from backend.formats.sources import ZipSource
from backend.images.archives import archive_opened, is_archive
from backend.images.intake import name_clean
from backend.imports.models import ImportUpload
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.users.models import User

KEPT_DAYS: Final = 7


def upload_store(
    *, project: Project, user: User, file: IO[bytes], file_name: str, byte_size: int
) -> ImportUpload:
    """Keeps a zip to be imported. Its list of members is looked over, nothing is unpacked.

    Raises UnsupportedType `import.not_a_zip`, what `archive_opened` raises, StorageFull, NotFound
    `project.not_found`.
    """
    if not is_archive(file):
        raise UnsupportedType("This is no zip file.", "import.not_a_zip")
    with archive_opened(file):
        pass
    uploads_expire()
    upload_id = uuid.uuid4()
    key = f"imports/{upload_id.hex}"
    file.seek(0)
    file_write(key, file)
    try:
        with transaction.atomic():
            return ImportUpload.objects.create(
                uuid=upload_id,
                project=project_locked(project_id=project.pk),
                uploaded_by=user,
                file_name=name_clean(file_name),
                byte_size=byte_size,
                file_key=key,
            )
    except BaseException:
        files_delete([key])
        raise


def upload_get(*, project: Project, upload_id: uuid.UUID) -> ImportUpload:
    """Raises NotFound `import.not_found`."""
    upload = ImportUpload.objects.filter(project=project, uuid=upload_id).first()
    if upload is None:
        raise NotFound(
            f"There is no such upload in this project; they are kept for {KEPT_DAYS} days.",
            "import.not_found",
        )
    return upload


@transaction.atomic
def uploads_expire() -> None:
    """Lets go of what was sent too long ago."""
    old = ImportUpload.objects.filter(created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS))
    files_delete_on_commit(list(old.values_list("file_key", flat=True)))
    old.delete()


@transaction.atomic
def upload_remove(*, project: Project, upload_id: uuid.UUID) -> None:
    """Lets go of it now, if it is there still."""
    uploads = ImportUpload.objects.filter(project=project, uuid=upload_id)
    files_delete_on_commit(list(uploads.values_list("file_key", flat=True)))
    uploads.delete()


@contextmanager
def upload_opened(upload: ImportUpload) -> Iterator[ZipSource]:
    """Its files. Raises NotFound `file.missing`, and what `archive_opened` raises."""
    with file_open(upload.file_key) as file, archive_opened(file) as archive:
        yield ZipSource(archive)
