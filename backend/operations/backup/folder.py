"""The folder that holds backups: which there are, who writes to it, what may go."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from backend.common.errors import Conflict, NotFound
from backend.operations.backup.manifest import MANIFEST, listing_read, manifest_read

PARTS: Final = ".parts"
OBJECTS: Final = "objects"
_LOCK: Final = ".lock"


def backup_names(root: Path) -> list[str]:
    """Of the whole backups in the folder, the oldest first."""
    return sorted(path.parent.name for path in root.glob(f"*/{MANIFEST}") if path.parent.name[0] != ".")


def backup_find(root: Path, name: str = "") -> Path:
    """The folder of one backup, the newest where no name is given. Raises NotFound `backup.not_found`."""
    names = backup_names(root)
    if not names or (name and name not in names):
        raise NotFound("There is no such backup in this folder.", "backup.not_found", {"names": names})
    return root / (name or names[-1])


@contextmanager
def folder_held(root: Path) -> Iterator[Path]:
    """Nobody else writes to the folder meanwhile; an empty folder in it, for what is not finished yet. What earlier ones
    left unfinished goes. Raises Conflict `backup.running`."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (root / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("Another backup is being written to this folder.", "backup.running") from error
        parts = root / PARTS
        shutil.rmtree(parts, ignore_errors=True)
        parts.mkdir()
        try:
            yield parts
        finally:
            shutil.rmtree(parts, ignore_errors=True)


def name_of(moment: datetime) -> str:
    """What a backup of this moment is called: names sort as moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")


def backups_prune(root: Path, *, keep: int) -> tuple[int, int]:
    """Removes all but the newest `keep` backups, and what only they needed: how many backups, how many objects. Call it
    while the folder is held."""
    names = backup_names(root)
    outdated, kept = names[:-keep], names[-keep:]
    if not outdated:
        return 0, 0
    needed = {file.sha256 for name in kept for file in listing_read(root / name, manifest_read(root / name))}
    for name in outdated:
        # Without its manifest it is none any more, however far the rest gets.
        (root / name / MANIFEST).unlink()
        shutil.rmtree(root / name)
    unneeded = [path for path in (root / OBJECTS).glob("*/*") if path.name not in needed]
    for path in unneeded:
        path.unlink()
    return len(outdated), len(unneeded)
