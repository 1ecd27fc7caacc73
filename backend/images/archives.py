"""Zip files opened with suspicion: nothing is extracted to a path, everything is bounded and read member by member."""

import lzma
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from django.conf import settings

from backend.common.errors import ApplicationError, InvalidInput, StorageFull, TooLarge, UnsupportedType
from backend.common.failures import is_storage_full
from backend.common.storage import is_content_error

_LOCAL_HEADER: Final = b"PK\x03\x04"
_EMPTY_ARCHIVE: Final = b"PK\x05\x06"
_DRIVE: Final = re.compile(r"^[A-Za-z]:")
_SPOOL_BYTES: Final = 8 * 1024**2
_CHUNK: Final = 256 * 1024
# What an entry in an archive's list of members may take on average: 46 bytes and its path, twice with some tools.
_ENTRY_BYTES: Final = 1024
# The record at the very end, which says where the list is, with a comment of up to 64 KiB; it is looked for twice.
_END_BYTES: Final = 2 * 66 * 1024

# What reading a damaged or hostile zip raises, besides some OSErrors.
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
)


def is_archive(file: IO[bytes]) -> bool:
    """True when the content begins like a zip; the name is not looked at."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    return head in (_LOCAL_HEADER, _EMPTY_ARCHIVE)


def archive_members(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes] | ApplicationError]]:
    """(path inside the archive, open temporary file or the reason it was refused) for every file of the zip.

    The caller must use one member before asking for the next. Folders, `__MACOSX` and dot files are passed over.
    Raises, before any member: InvalidInput `archive.corrupt`, `archive.unsafe_path`, `archive.encrypted`, TooLarge
    `archive.too_large`, `archive.too_many_members`. Raises TooLarge `archive.too_large` in the middle when the archive
    holds more bytes than it declared.
    """
    with archive_opened(file) as archive:
        left = settings.MAX_ARCHIVE_BYTES
        for member in archive.infolist():
            if member.is_dir():
                continue
            if _is_clutter(member.filename):
                continue
            content, read = _member_content(archive, member, left)
            left -= read
            yield member.filename, content
            if not isinstance(content, ApplicationError):
                content.close()


@contextmanager
def archive_opened(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """The zip, its list of members read within bounds and looked over; no member gives more bytes than it declared.

    Raises InvalidInput `archive.corrupt`, `archive.unsafe_path`, `archive.encrypted`, TooLarge `archive.too_large`,
    `archive.too_many_members`.
    """
    file.seek(0)
    reader = _BoundedReader(file, _END_BYTES + settings.MAX_ARCHIVE_MEMBERS * _ENTRY_BYTES)
    try:
        archive = zipfile.ZipFile(reader)
        reader.unbind()
    except (*_DAMAGE, OSError) as error:
        raise _corrupt() from error
    with archive:
        _check([member for member in archive.infolist() if not member.is_dir()])
        yield archive


@contextmanager
def damage_told() -> Iterator[None]:
    """Turns what reading a damaged member raises into InvalidInput `archive.corrupt`; keep to reading within it."""
    try:
        yield
    except OSError as error:
        if not is_content_error(error):
            raise
        raise _corrupt() from error
    except _DAMAGE as error:
        raise _corrupt() from error


class _BoundedReader:
    """An archive that gives no more than `limit` bytes until it is opened.

    To open one, `zipfile` reads the whole list of its members into memory, where an entry of 47 bytes becomes one of
    400, before anybody can count them. The number and the size the archive declares may be lies; this counts bytes.
    """

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self._left: int | None = limit
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def unbind(self) -> None:
        """From now on everything may be read."""
        self._left = None

    def read(self, size: int = -1) -> bytes:
        """As a file's. Raises TooLarge `archive.too_many_members`."""
        if self._left is None:
            return self._file.read(size)
        content = self._file.read(self._left + 1 if size < 0 else min(size, self._left + 1))
        self._left -= len(content)
        if self._left < 0:
            raise _too_many_members()
        return content


def _check(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > settings.MAX_ARCHIVE_MEMBERS:
        raise _too_many_members()
    for member in members:
        if _is_unsafe(member):
            raise InvalidInput(
                "The archive holds a path that leaves its folder. Nothing of it was taken.",
                "archive.unsafe_path",
            )
        if member.flag_bits & 0x1:
            raise InvalidInput("The archive is encrypted.", "archive.encrypted")
    if sum(member.file_size for member in members) > settings.MAX_ARCHIVE_BYTES:
        raise _too_large()


def _is_unsafe(member: zipfile.ZipInfo) -> bool:
    # orig_filename: zipfile itself already cuts names at a NUL and swaps separators, which would hide the intent.
    name = member.orig_filename
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    parts = name.replace("\\", "/").split("/")
    return (
        is_link
        or "\\" in name
        or "\0" in name
        or name.startswith("/")
        or bool(_DRIVE.match(name))
        or ".." in parts
    )


def _is_clutter(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts) or parts[-1] == "Thumbs.db"


def _member_content(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int
) -> tuple[IO[bytes] | ApplicationError, int]:
    """The member's bytes in a temporary file, or why not, and how many bytes were inflated for it."""
    # the caller stores it and closes it
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115
        max_size=_SPOOL_BYTES, dir=settings.FILE_UPLOAD_TEMP_DIR
    )
    read = 0
    try:
        with archive.open(member) as source:
            while chunk := source.read(_CHUNK):
                read += len(chunk)
                if read > left:
                    raise _too_large()
                if read > settings.MAX_UPLOAD_BYTES:
                    return file_too_large(), read
                spool.write(chunk)
    except OSError as error:
        if is_storage_full(error):
            # The next member may be smaller.
            return StorageFull(), read
        if not is_content_error(error):
            raise
        return _corrupt(), read
    except _DAMAGE:
        return _corrupt(), read
    if is_archive(spool):
        return UnsupportedType("An archive inside an archive is not opened.", "archive.nested"), read
    return spool, read


def file_too_large() -> TooLarge:
    """The refusal of a single file over the limit, inside an archive or not."""
    limit = settings.MAX_UPLOAD_BYTES
    return TooLarge(f"The file is larger than {limit / 1024**2:g} MiB.", "image.too_large", {"limit": limit})


def _too_large() -> TooLarge:
    limit = settings.MAX_ARCHIVE_BYTES
    return TooLarge(f"Unpacked, the archive is larger than {limit / 1024**3:.3g} GiB.", "archive.too_large")


def _too_many_members() -> TooLarge:
    limit = settings.MAX_ARCHIVE_MEMBERS
    return TooLarge(
        f"The archive holds more than {limit} files.", "archive.too_many_members", {"limit": limit}
    )


def _corrupt() -> InvalidInput:
    return InvalidInput("The archive is damaged.", "archive.corrupt")
