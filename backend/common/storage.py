"""Files by key, on a local disk or in a bucket. Keys are made by us, name immutable content and are written once.

No view reads a path from here: keys stay inside the server.
"""

import errno
import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction

from backend.common.errors import NotFound, StorageFull

logger = logging.getLogger("anymask.storage")

_FULL = {errno.ENOSPC, errno.EDQUOT}


class AtomicFileSystemStorage(FileSystemStorage):
    """A folder in which a key either holds the whole file or does not exist, also after a power cut or a kill."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def delete(self, name: str) -> None:
        super().delete(name)
        # Every image has a folder of its own; an empty one would stay for ever.
        with suppress(OSError):
            Path(self.path(name)).parent.rmdir()

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        descriptor, temporary = _part_create(target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(self.file_permissions_mode or 0o644)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return name


def _part_create(folder: Path) -> tuple[int, str]:
    """A new temporary file in `folder`, which is made too; a deletion may remove it again between any two steps."""
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return tempfile.mkstemp(prefix=".part-", dir=folder)
        except FileNotFoundError:
            continue
        except FileExistsError:
            # `mkdir` looks at what stands in its way; when that was a folder removed meanwhile, it sees nothing. One
            # look again: between two it may be made and removed once more.
            if _stands_in_the_way(folder):
                raise


def _stands_in_the_way(folder: Path) -> bool:
    """Whether there is something of this name that is no folder."""
    try:
        return not stat.S_ISDIR(folder.stat().st_mode)
    except FileNotFoundError:
        return False


def is_storage_full(error: BaseException) -> bool:
    """True for the errors a full disk or an exhausted quota raises."""
    return isinstance(error, OSError) and error.errno in _FULL


def is_content_error(error: OSError) -> bool:
    """True when a decoder found fault with what it read, rather than the system with reading it.

    Decoders raise without an errno; a damaged offset makes them seek to where no file reaches, which is EINVAL.
    """
    return error.errno in (None, errno.EINVAL, errno.EOVERFLOW)


@contextmanager
def storage_full_guard() -> Iterator[None]:
    """Turns "no space left" into StorageFull; lets every other error pass."""
    try:
        yield
    except OSError as error:
        if is_storage_full(error):
            raise StorageFull from error
        raise


def file_write(key: str, content: bytes | IO[bytes]) -> None:
    """Stores `content` under `key`, replacing what an earlier, interrupted attempt left. Raises StorageFull."""
    file: File[Any] = ContentFile(content) if isinstance(content, bytes) else File(content)
    with storage_full_guard():
        default_storage.save(key, file)


def file_read(key: str) -> bytes:
    """The whole file under `key`. Raises NotFound `file.missing`."""
    with file_open(key) as file:
        return bytes(file.read())


def file_open(key: str) -> "File[Any]":
    """The file under `key`, open for reading. Raises NotFound `file.missing`: a row without its file."""
    try:
        return default_storage.open(key, "rb")
    except FileNotFoundError as error:
        logger.error("file_missing key=%s", key)
        raise NotFound("The file is missing from the storage.", "file.missing") from error


def files_delete(keys: list[str]) -> None:
    """Removes the files now; one that cannot be removed is logged and left, the others go."""
    for key in filter(None, keys):
        try:
            with suppress(FileNotFoundError):
                default_storage.delete(key)
        except Exception as error:
            # A disk raises OSError, a bucket's client errors of its own. The rows are gone: nobody asks a second time.
            logger.warning("file_delete_failed key=%s error=%s", key, error)


def files_delete_on_commit(keys: list[str]) -> None:
    """Removes the files once the rows that named them are gone for good."""
    transaction.on_commit(lambda: files_delete(keys))
