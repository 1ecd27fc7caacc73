"""Files fetched whole or not at all: continued where a connection broke, checked, then moved into place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx

from anymask.errors import DownloadDamaged
from anymask.transport import Transport, connection_failed, error_of

# Bytes that are there, of how many.
ByteProgress = Callable[[int, int], None]


def part_path(target: Path, name: str) -> Path:
    """Where a file waits until it is whole: beside its target, so that moving it copies nothing."""
    return target.parent / f".anymask-{name}.part"


def file_download(
    transport: Transport,
    path: str,
    target: Path,
    *,
    part: Path,
    byte_size: int,
    sha256: str,
    progress: ByteProgress | None = None,
) -> Path:
    """Fetches `path` to `target`; what `part` holds of it already is not fetched again.

    Raises ApiError, ConnectionFailed, and DownloadDamaged where size or SHA-256 differ; OSError of the disk. After a
    ConnectionFailed the part stays, to go on with later.
    """
    attempt = 0
    while True:
        before = _size(part)
        if before >= byte_size:
            break
        try:
            error = _fetch(transport, path, part, before, byte_size, sha256, progress)
        except httpx.TransportError as broken:
            attempt = 1 if _size(part) > before else attempt + 1
            transport.pause(attempt, connection_failed(broken))
            continue
        if error is not None:
            attempt += 1
            transport.pause(attempt, error_of(error), answer=error)
    if _sha256(part) != sha256 or _size(part) != byte_size:
        part.unlink()
        raise DownloadDamaged(f"{target.name} came damaged; nothing of it was kept. Fetch it again.")
    part.replace(target)
    return target


def _fetch(
    transport: Transport,
    path: str,
    part: Path,
    before: int,
    byte_size: int,
    sha256: str,
    progress: ByteProgress | None,
) -> httpx.Response | None:
    """Adds to the part what comes; the answer where it was a refusal, its content read. Raises what httpx raises."""
    # Without If-Range a file that changed meanwhile would be two halves of two files.
    headers = {"Range": f"bytes={before}-", "If-Range": f'"{sha256[:32]}"'} if before else {}
    # What is compressed on the way has no ranges.
    with transport.opened(path, {"Accept-Encoding": "identity", **headers}) as answer:
        if not answer.is_success:
            answer.read()
            return answer
        is_continued = answer.status_code == httpx.codes.PARTIAL_CONTENT
        done = before if is_continued else 0
        with part.open("ab" if is_continued else "wb") as file:
            # As it comes: what waits to fill a larger piece would be lost with the connection.
            for chunk in answer.iter_bytes():
                file.write(chunk)
                done += len(chunk)
                if progress:
                    progress(done, byte_size)
    return None


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
