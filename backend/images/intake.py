"""A batch of uploaded files: single pictures and zips of them, each judged on its own."""

import itertools
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final

from django.conf import settings
from django.db import transaction

from backend.common.errors import ApplicationError, NotFound, StorageFailed, StorageFull
from backend.common.failures import is_storage_full
from backend.images.archives import archive_members, file_too_large, is_archive
from backend.images.models import Image
from backend.images.services import image_create
from backend.projects.audit import audit
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.users.models import User

logger = logging.getLogger("anymask.images")

_NAME_LENGTH: Final = 1024
# Among them what ends a line, and what turns the direction of writing, by which a name reads as another one.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass
class BatchResult:
    """What became of each file, by the name it has for people."""

    created: list[Image] = field(default_factory=list)
    duplicates: list[tuple[str, Image]] = field(default_factory=list)
    errors: list[tuple[str, ApplicationError]] = field(default_factory=list)


def batch_store(*, project: Project, user: User, files: list[Any], paths: list[str]) -> BatchResult:
    """Stores every picture of the batch. One refused file never stops the others.

    `paths` are the files' paths in the folder they were taken from, in the same order; missing ones are names.
    """
    result = BatchResult()
    for upload, path in itertools.zip_longest(files, paths[: len(files)]):
        name = name_clean(path or upload.name or "")
        for member_name, content in _contents(name, upload):
            _store(result, project, user, member_name, content)
    if result.created:
        _tell(result, project, user)
    return result


def _tell(result: BatchResult, project: Project, user: User) -> None:
    try:
        with transaction.atomic():
            audit(
                project=project_locked(project_id=project.pk),
                actor=user,
                action="images.uploaded",
                subject=result.created[0].file_name,
                created=len(result.created),
                duplicates=len(result.duplicates),
                refused=len(result.errors),
            )
    except NotFound:
        # The project was deleted in the meantime, and its log with it.
        logger.info("images_uploaded_to_nowhere project=%s", project.pk)


def name_clean(path: str) -> str:
    """The path as a name to show: relative, forward slashes, no control characters, at most 1024 characters."""
    # Cut before it is taken apart: of a path that is fine, what is left may begin with a slash, or with two dots.
    end = _CONTROL.sub("", path).replace("\\", "/")[-_NAME_LENGTH:]
    parts = [part.strip() for part in end.split("/")]
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "unnamed"


def _contents(name: str, upload: Any) -> Iterator[tuple[str, IO[bytes] | ApplicationError]]:
    """The pictures in one uploaded file: itself, or a zip's members."""
    file: IO[bytes] = upload.file
    if not is_archive(file):
        yield name, file_too_large() if upload.size > settings.MAX_UPLOAD_BYTES else file
        return
    try:
        for member_name, content in archive_members(file):
            yield name_clean(member_name), content
    except ApplicationError as error:
        yield name, error
    except Exception as error:
        yield name, _refusal(name, error)


def _refusal(name: str, error: Exception) -> ApplicationError:
    """What to say of a file that could not be stored for a reason of ours.

    Not raised: the files before it are stored already, and an answer without them would have people send them again.
    """
    if is_storage_full(error):
        return StorageFull()
    # A disk raises OSError, a bucket's client errors of its own.
    logger.error("image_store_failed name=%s", name, exc_info=error)
    return StorageFailed()


def _store(
    result: BatchResult, project: Project, user: User, name: str, content: IO[bytes] | ApplicationError
) -> None:
    try:
        if isinstance(content, ApplicationError):
            raise content
        image, is_new = image_create(project=project, user=user, file=content, file_name=name)
    except ApplicationError as error:
        logger.info("image_refused project=%s code=%s", project.pk, error.code)
        result.errors.append((name, error))
        return
    except Exception as error:
        result.errors.append((name, _refusal(name, error)))
        return
    if is_new:
        result.created.append(image)
    else:
        result.duplicates.append((name, image))
