"""Files by key, on a local disk or in a bucket. Keys are made by us, name immutable content and are written once.

No view reads a path from here: keys stay inside the server.
"""

import errno
import fcntl
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
from backend.common.failures import is_storage_full

logger = logging.getLogger("anymask.storage")

# Folder of files that are being written.
PARTS = ".parts"


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
        _folder_make(target.parent)
        with _part(self._parts(name)) as (file, part):
            for chunk in content.chunks():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            part.chmod(self.file_permissions_mode or 0o644)
            _publish(part, target)
        return name

    def _parts(self, name: str) -> Path:
        """Where the file is written first: below the first folder of its key, which may be a disk of its own."""
        return Path(self.location).joinpath(*Path(name).parts[:-1][:1], PARTS)

    def parts_sweep(self) -> int:
        """Removes what processes that were killed had begun to write; how many files."""
        parts = (
            path for pattern in (f"{PARTS}/*", f"*/{PARTS}/*") for path in Path(self.location).glob(pattern)
        )
        return sum(map(_abandoned_remove, parts))


@contextmanager
def _part(folder: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A new file in `folder`, to be published before the end; gone otherwise."""
    descriptor, name = _part_create(folder)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, part
    finally:
        part.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()


def _part_create(folder: Path) -> tuple[int, str]:
    """A new file in `folder`, locked as long as it is open: what nobody holds locked nobody will finish."""
    while True:
        _folder_make(folder)
        try:
            descriptor, name = tempfile.mkstemp(dir=folder)
        except FileNotFoundError:
            continue
        with suppress(OSError):  # not every network disk knows locks; nothing is swept there
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, name
        # A sweep took it for abandoned in the moment before it was locked.
        os.close(descriptor)


def _publish(part: Path, target: Path) -> None:
    """Gives the file its name; a deletion may remove the folder again meanwhile."""
    while True:
        _folder_make(target.parent)
        try:
            part.replace(target)
            return
        except FileNotFoundError:
            if not part.exists():
                raise


def _abandoned_remove(part: Path) -> bool:
    """Removes the file unless somebody is writing it; whether it did."""
    try:
        with part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()
    except OSError:
        # Locked, published meanwhile, or on a disk without locks.
        return False
    return True


def _folder_make(folder: Path) -> None:
    """Makes the folder and those above it; a deletion may remove one of them again between any two steps."""
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return
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


def file_size(key: str) -> int | None:
    """Bytes of the file under `key`; None where there is none."""
    try:
        return int(default_storage.size(key))
    except Exception:
        # A disk says it with FileNotFoundError, a bucket's client in words of its own.
        if default_storage.exists(key):
            raise
        return None


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


def parts_sweep() -> int:
    """Removes the files that killed processes were writing, where the storage is a disk; how many."""
    if not isinstance(default_storage, AtomicFileSystemStorage):
        # A bucket shows an upload once it is complete.
        return 0
    removed = default_storage.parts_sweep()
    if removed:
        logger.warning("parts_swept count=%s", removed)
    return removed
