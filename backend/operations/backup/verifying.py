"""Whether a backup is what it says it is."""

from pathlib import Path

from backend.operations.backup.manifest import (
    BackedUpFile,
    Manifest,
    damaged,
    listing_read,
    manifest_read,
    part_of,
)
from backend.operations.backup.objects import chunks_sha256, file_chunks, is_whole, object_path


def backup_check(backup: Path, *, is_rereading: bool) -> tuple[Manifest, list[BackedUpFile]]:
    """The manifest and the list of files of the backup in this folder, all of which are there, in their sizes; with
    `is_rereading`, also byte by byte what they were. Raises InvalidInput `backup.damaged`, `backup.format_newer`."""
    manifest = manifest_read(backup)
    for part in (manifest.database, manifest.listing):
        path = backup / part.file
        if not path.is_file() or part_of(path) != part:
            raise damaged(f"{path} is not what was written")
    files = list(listing_read(backup, manifest))
    # Many keys may share one object.
    for sha256, size in {(file.sha256, file.bytes) for file in files}:
        path = object_path(backup.parent, sha256)
        if not is_whole(path, size) or (is_rereading and chunks_sha256(file_chunks(path)) != sha256):
            raise damaged(f"{path} is not what was written")
    return manifest, files
