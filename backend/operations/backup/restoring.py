"""A backup becomes the site again. Nobody may use it meanwhile: rows come before their files here."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from backend.common.errors import Conflict, InvalidInput, NotFound
from backend.common.storage import file_open, file_write, files_delete
from backend.embeddings.orphans import keys_stored
from backend.operations.backup.database import (
    database_replace,
    is_database_empty,
    migrations_unknown,
    table_counts,
)
from backend.operations.backup.manifest import MODELS, STORAGE, BackedUpFile, Manifest
from backend.operations.backup.objects import chunks_sha256, file_chunks, is_whole, object_path
from backend.operations.backup.verifying import backup_check
from backend.operations.findings import examples

_PART: Final = ".restoring"


@dataclass(frozen=True)
class Line:
    """So many rows of a table, or files of a folder, the backup has; so many are here now, equal to those."""

    name: str
    wanted: int
    found: int


@dataclass(frozen=True)
class Restored:
    tables: list[Line]
    folders: list[Line]

    @property
    def is_equal(self) -> bool:
        return all(line.wanted == line.found for line in (*self.tables, *self.folders))


def backup_restore(backup: Path, *, is_replacing: bool, say: Callable[[str], object]) -> Restored:
    """Restores database, storage and models from the backup in this folder, and compares. `is_replacing` allows what is
    here now to go. Before anything is changed all of the backup is read.

    Raises InvalidInput `backup.damaged`, `backup.format_newer`, `backup.other_database`, `backup.migrations_newer`,
    Conflict `backup.not_empty`, Unavailable as `database_replace`.
    """
    manifest, files = backup_check(backup, is_rereading=True)
    _fits_check(manifest)
    if not is_replacing:
        _empty_check(files)
    say(f"the backup of {manifest.made_at} is whole")
    database_replace(backup / manifest.database.file)
    say(f"database: {sum(manifest.tables.values())} rows restored")
    for file in files:
        _file_restore(file, object_path(backup.parent, file.sha256))
    say(f"files: {len(files)} restored")
    wanted = {file.key for file in files if file.place == STORAGE}
    others = [key for key in keys_stored() if key not in wanted]
    files_delete(others)
    if others:
        say(f"files: {len(others)} that the backup does not have removed")
    return Restored(_tables_compared(manifest), _files_compared(files))


def _fits_check(manifest: Manifest) -> None:
    """Raises InvalidInput where this program, or its database, is not one for this backup."""
    if manifest.vendor != connection.vendor:
        raise InvalidInput(
            f"This is a backup of {manifest.vendor}, and the database here is {connection.vendor}.",
            "backup.other_database",
        )
    if unknown := migrations_unknown(manifest.migrations):
        raise InvalidInput(
            f"This backup is of a later version of the application, with migrations unknown here: {examples(unknown)}.",
            "backup.migrations_newer",
        )


def _empty_check(files: list[BackedUpFile]) -> None:
    """Raises Conflict `backup.not_empty`."""
    occupied = []
    if not is_database_empty():
        occupied.append("the database holds rows")
    if next(keys_stored(), None) is not None:
        occupied.append("the storage holds files")
    others = [file.key for file in files if file.place == MODELS and not _is_same_or_absent(file)]
    if others:
        occupied.append(f"MODELS_DIR holds other files ({examples(others)})")
    if occupied:
        raise Conflict(
            f"This installation is not empty: {', '.join(occupied)}. Nothing was changed.", "backup.not_empty"
        )


def _model_path(file: BackedUpFile) -> Path:
    """Where a file of an artifact lies. Raises InvalidInput where that is no place in MODELS_DIR."""
    folder = Path(settings.MODELS_DIR).resolve()
    path = (folder / file.key).resolve()
    if not path.is_relative_to(folder):
        raise InvalidInput(f"The backup is damaged: {file.key} is no artifact's.", "backup.damaged")
    return path


def _is_same_or_absent(file: BackedUpFile) -> bool:
    path = _model_path(file)
    return not path.exists() or _found_sha256(file) == file.sha256


def _file_restore(file: BackedUpFile, stored: Path) -> None:
    if file.place == STORAGE:
        with stored.open("rb") as content:
            file_write(file.key, content)
        return
    path = _model_path(file)
    if is_whole(path, file.bytes) and _found_sha256(file) == file.sha256:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + _PART)
    with part.open("wb") as out:
        out.writelines(file_chunks(stored))
    part.replace(path)


def _found_sha256(file: BackedUpFile) -> str:
    """Of what lies there now; empty where nothing does."""
    if file.place == MODELS:
        path = _model_path(file)
        return chunks_sha256(file_chunks(path)) if path.is_file() else ""
    try:
        with file_open(file.key) as content:
            return chunks_sha256(content.chunks())
    except NotFound:
        return ""


def _tables_compared(manifest: Manifest) -> list[Line]:
    found = table_counts()
    names = sorted(manifest.tables.keys() | found.keys())
    return [Line(name, manifest.tables.get(name, 0), found.get(name, 0)) for name in names]


def _files_compared(files: list[BackedUpFile]) -> list[Line]:
    """By place and first folder; found are those with the same SHA-256."""
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for file in files:
        name = f"{file.place}: {file.key.partition('/')[0]}"
        wanted[name] += 1
        found[name] += _found_sha256(file) == file.sha256
    return [Line(name, wanted[name], found[name]) for name in sorted(wanted)]
