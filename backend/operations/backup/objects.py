"""Files under the SHA-256 of what is in them: the same content is kept once, however many backups have it."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

from backend.operations.backup.folder import OBJECTS

CHUNK: Final = 1024**2


def object_path(root: Path, sha256: str) -> Path:
    return root / OBJECTS / sha256[:2] / sha256


def object_add(root: Path, parts: Path, chunks: Iterable[bytes]) -> tuple[str, int, bool]:
    """Keeps what the chunks hold: (SHA-256, bytes, whether it is new). It appears whole or not at all."""
    digest, size = hashlib.sha256(), 0
    part = parts / uuid4().hex
    with part.open("wb") as out:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    sha256 = digest.hexdigest()
    path = object_path(root, sha256)
    if is_whole(path, size):
        part.unlink()
        return sha256, size, False
    path.parent.mkdir(parents=True, exist_ok=True)
    part.replace(path)
    return sha256, size, True


def is_whole(path: Path, size: int) -> bool:
    """Whether there is a file of this size."""
    return path.is_file() and path.stat().st_size == size


def file_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def chunks_sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
