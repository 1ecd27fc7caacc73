"""A backup of a site that is in use.

The database is read first, as of one moment. Files only ever come before the rows that name them and go after these, so
at that moment every file that the copy of the database names was there. While they are copied some may go, with images
that people delete meanwhile. What is not found is therefore looked up again. Where no row names it any more, the copy of
the database is older than the deletion, and another one is taken; files that were copied already stay, so that this is
quick. Where a row names it still, it was lost before: that is said, and keeps no other file from being saved.

Keys name immutable content, but what was lost may be computed again under the same key: a file is read again where its
size or the time it was written differ from what the latest backup notes.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from backend.common.errors import NotFound
from backend.common.storage import file_open, file_size
from backend.embeddings.orphans import keys_named
from backend.embeddings.registration import manifests_find
from backend.operations.backup.database import (
    database_dump,
    migrations_applied,
    server_version,
    table_counts,
)
from backend.operations.backup.folder import backup_names, folder_held, name_of
from backend.operations.backup.manifest import (
    LISTING,
    MODELS,
    STORAGE,
    BackedUpFile,
    Manifest,
    listing_read,
    listing_write,
    manifest_read,
    manifest_write,
    part_of,
)
from backend.operations.backup.objects import file_chunks, is_whole, object_add, object_path
from backend.operations.snapshots import snapshot

_SNAPSHOTS: Final = 5  # are taken, at most
_FILES: Final = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}

Files = dict[tuple[str, str], BackedUpFile]


@dataclass
class _Copying:
    """The files of one backup, as they come; `known` are those of the latest one, and all that were copied since."""

    root: Path
    parts: Path
    known: Files
    files: Files = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    copied: int = 0

    def storage(self, keys: set[str]) -> None:
        self.files, self.missing = {}, []
        for key in sorted(keys):
            try:
                self._storage_file(key)
            except NotFound:
                self.missing.append(key)

    def _storage_file(self, key: str) -> None:
        size = file_size(key)
        if size is None:
            raise NotFound("The file is missing from the storage.", "file.missing")
        try:
            modified = default_storage.get_modified_time(key).timestamp()
        except Exception as error:
            # Gone since its size was asked for; a bucket's client says it in words of its own.
            if default_storage.exists(key):
                raise
            raise NotFound("The file is missing from the storage.", "file.missing") from error
        if not self._is_known(STORAGE, key, size, modified):
            with file_open(key) as file:
                sha256, size, is_new = object_add(self.root, self.parts, file.chunks())
            self._keep(BackedUpFile(STORAGE, key, sha256, size, modified), is_new)

    def models(self) -> None:
        folder = Path(settings.MODELS_DIR)
        for manifest in manifests_find(models_dir=folder):
            for path in sorted(one for one in manifest.parent.rglob("*") if one.is_file()):
                key, found = path.relative_to(folder).as_posix(), path.stat()
                if not self._is_known(MODELS, key, found.st_size, found.st_mtime):
                    sha256, size, is_new = object_add(self.root, self.parts, file_chunks(path))
                    self._keep(BackedUpFile(MODELS, key, sha256, size, found.st_mtime), is_new)

    def _is_known(self, place: str, key: str, size: int, modified: float) -> bool:
        """Whether the folder has this very file; it then belongs to this backup too."""
        before = self.known.get((place, key))
        if before is None or (before.bytes, before.modified) != (size, modified):
            return False
        if not is_whole(object_path(self.root, before.sha256), size):
            return False
        self.files[place, key] = before
        return True

    def _keep(self, file: BackedUpFile, is_new: bool) -> None:
        self.files[file.place, file.key] = self.known[file.place, file.key] = file
        self.copied += is_new


def backup_make(root: Path, *, say: Callable[[str], object]) -> Path:
    """Writes a backup into the folder and gives it its name once it is whole; its own folder. `say` is told what is done.

    Raises Conflict `backup.running`, Unavailable as `database_dump`.
    """
    with folder_held(root) as parts:
        copying = _Copying(root, parts, _latest(root))
        for left in reversed(range(_SNAPSHOTS)):
            began = timezone.now()
            path = parts / name_of(began)
            path.mkdir()
            file = path / _FILES[connection.vendor]
            with snapshot():
                tables, applied, keys = table_counts(), migrations_applied(), keys_named()
                database_dump(file)
            say(
                f"database: {connection.display_name} {server_version()}, {len(tables)} tables, "
                f"{sum(tables.values())} rows, {file.stat().st_size} bytes"
            )
            copying.storage(keys)
            copying.models()
            deleted = set(copying.missing) - keys_named() if copying.missing else set()
            if not deleted or not left:
                break
            say(f"{len(deleted)} files were deleted meanwhile: the database is copied again")
        listing_write(path, copying.files.values())
        manifest = Manifest(
            made_at=began.isoformat(),
            vendor=connection.vendor,
            server=server_version(),
            database=part_of(file),
            listing=part_of(path / LISTING),
            tables=tables,
            migrations=applied,
            missing=copying.missing,
        )
        manifest_write(path, manifest)
        size = sum(one.bytes for one in copying.files.values())
        say(f"files: {len(copying.files)}, {size} bytes; {copying.copied} are new to this folder")
        return _publish(path, root)


def _latest(root: Path) -> Files:
    names = backup_names(root)
    if not names:
        return {}
    folder = root / names[-1]
    return {(file.place, file.key): file for file in listing_read(folder, manifest_read(folder))}


def _publish(part: Path, root: Path) -> Path:
    """Gives the backup its name, after all that is in it is on the disk."""
    for path in part.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    return part.rename(root / part.name)
