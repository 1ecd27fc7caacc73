"""Photographs sent in batches. What the project has already is not sent again, so that an upload that was cut off is
gone on with by doing it once more."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, cast

from anymask.errors import ApiError
from anymask.transport import FormFile, Transport
from anymask.types import Image, UploadError, UploadResult

# Bytes sent or found to be there, of how many.
ByteProgress = Callable[[int, int], None]

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})
ARCHIVES: Final = frozenset({".zip"})
# Of one request: what is lost when a connection breaks in its last moment.
BATCH_FILES: Final = 50
BATCH_BYTES: Final = 64 * 1024**2


@dataclass(frozen=True)
class Source:
    """A file to send, and what the project is to call it."""

    path: Path
    name: str


@dataclass
class UploadReport:
    """What became of each file; `duplicates` are names of pictures the project had already."""

    created: list[Image] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    errors: list[UploadError] = field(default_factory=list)


def sources_found(paths: Iterable[Path]) -> list[Source]:
    """The files that are named, whatever they are, and the pictures and zips in folders that are, in the order of their
    names. A folder's files are called as the browser calls them: `folder/below/a.jpg`; what is hidden is passed over.

    Raises FileNotFoundError.
    """
    found = []
    for path in paths:
        if path.is_dir():
            root = path.resolve()
            found += [Source(file, f"{root.name}/{file.relative_to(root)}") for file in _pictures(root)]
        elif path.exists():
            found.append(Source(path, path.name))
        else:
            raise FileNotFoundError(f"There is no {path}.")
    return found


def _pictures(root: Path) -> Iterator[Path]:
    for file in sorted(root.rglob("*")):
        is_hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
        if not is_hidden and file.suffix.lower() in PICTURES | ARCHIVES and file.is_file():
            yield file


def batch_count(count: int) -> int:
    """How many requests so many files take, at least."""
    return -(-count // BATCH_FILES)


def sources_upload(
    transport: Transport,
    project_id: int,
    sources: Sequence[Source],
    *,
    known: frozenset[str] = frozenset(),
    progress: ByteProgress | None = None,
) -> UploadReport:
    """Sends the files, but for those whose SHA-256 is `known`. A file that is refused or cannot be read is in the
    report and stops no other. Raises ApiError where the project refuses them all, ConnectionFailed."""
    report = UploadReport()
    meter = _Meter(_total(sources), progress)
    for batch in _batches(sources, known, report, meter):
        _batch_send(transport, f"projects/{project_id}/images/", batch, report, meter)
    return report


def _total(sources: Sequence[Source]) -> int:
    return sum(source.path.stat().st_size for source in sources if source.path.exists())


def _batches(
    sources: Sequence[Source], known: frozenset[str], report: UploadReport, meter: _Meter
) -> Iterator[list[Source]]:
    batch: list[Source] = []
    batch_bytes = 0
    for source in sources:
        try:
            with source.path.open("rb") as file:
                byte_size = file.seek(0, io.SEEK_END)
                file.seek(0)
                is_known = bool(known) and hashlib.file_digest(file, "sha256").hexdigest() in known
        except OSError as error:
            report.errors.append(_unreadable(source, error))
            continue
        if is_known:
            report.duplicates.append(source.name)
            meter.add(byte_size)
            continue
        if batch and (len(batch) == BATCH_FILES or batch_bytes + byte_size > BATCH_BYTES):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(source)
        batch_bytes += byte_size
    if batch:
        yield batch


def _batch_send(
    transport: Transport, path: str, batch: list[Source], report: UploadReport, meter: _Meter
) -> None:
    before = meter.done
    try:
        result = _result(transport, path, batch, report, meter)
    except ApiError as error:
        # 413 of the whole request; of one file among others the answer is a result.
        if error.status != 413:
            raise
        meter.set(before)
        if len(batch) == 1:
            report.errors.append({"file_name": batch[0].name, "code": error.code, "message": error.message})
            return
        middle = len(batch) // 2
        _batch_send(transport, path, batch[:middle], report, meter)
        _batch_send(transport, path, batch[middle:], report, meter)
        return
    report.created += result["created"]
    report.duplicates += [duplicate["file_name"] for duplicate in result["duplicates"]]
    report.errors += result["errors"]


def _result(
    transport: Transport, path: str, batch: list[Source], report: UploadReport, meter: _Meter
) -> UploadResult:
    with ExitStack() as stack:
        files: list[FormFile] = []
        names = []
        for source in batch:
            try:
                file = stack.enter_context(source.path.open("rb"))
            except OSError as error:
                report.errors.append(_unreadable(source, error))
                continue
            counted: Any = _Counted(file, meter)
            files.append(("files", (source.path.name, counted, "application/octet-stream")))
            names.append(source.name)
        if not files:
            return {"created": [], "duplicates": [], "errors": []}
        try:
            # Repeatable: what arrived before the connection broke is a duplicate then.
            answer = transport.send("POST", path, data={"paths": names}, files=files, is_repeatable=True)
        except ApiError as error:
            if not isinstance(error.body, dict) or "created" not in error.body:
                raise
            # Not one file of the batch could be kept; why is said of each.
            return cast(UploadResult, error.body)
    result: UploadResult = answer.json()
    return result


def _unreadable(source: Source, error: OSError) -> UploadError:
    return {
        "file_name": source.name,
        "code": "file.unreadable",
        "message": f"The file cannot be read: {error.strerror}.",
    }


class _Meter:
    """Bytes that need not be sent any more; a request that is sent again takes its own back."""

    def __init__(self, total: int, progress: ByteProgress | None) -> None:
        self.done = 0
        self._total = total
        self._progress = progress

    def add(self, count: int) -> None:
        self.set(self.done + count)

    def set(self, done: int) -> None:
        self.done = done
        if self._progress:
            self._progress(min(done, self._total), self._total)


class _Counted:
    """A file that tells the meter how far it was read."""

    def __init__(self, file: IO[bytes], meter: _Meter) -> None:
        self._file = file
        self._meter = meter
        self._read = 0
        self.fileno = file.fileno
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._read += len(content)
        self._meter.add(len(content))
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._meter.add(-self._read)
        self._read = 0
        return self._file.seek(offset, whence)
