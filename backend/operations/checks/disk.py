import shutil
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

from backend.operations.findings import Check, Finding, Outcome

GIB: Final = 1024**3
# Free bytes, and share of the disk: with less of both, uploads will soon be refused; below the last one they are.
SCARCE_BYTES: Final = 20 * GIB
SCARCE_SHARE: Final = 0.1
FULL_BYTES: Final = 1 * GIB


def look() -> Finding:
    findings = [judged(folder, *_space(folder)) for folder in _folders()]
    return max(findings, key=lambda one: list(Outcome).index(one.outcome))


def judged(folder: Path, free: int, total: int) -> Finding:
    """What is to be said of so many free bytes out of `total`."""
    if free < FULL_BYTES:
        outcome = Outcome.FAILED
    elif free < SCARCE_BYTES and free < SCARCE_SHARE * total:
        outcome = Outcome.WARNING
    else:
        outcome = Outcome.OK
    what = f"{free / GIB:.1f} of {total / GIB:.1f} GiB are free at {folder}"
    if outcome == Outcome.OK:
        return Finding(outcome, what)
    return Finding(outcome, what, 1, "make room, or take a larger disk: a full one refuses uploads")


def _folders() -> list[Path]:
    """Where files come to lie, one folder a disk."""
    folders = [settings.DATA_DIR, settings.MODELS_DIR]
    if isinstance(default_storage, FileSystemStorage):
        folders.append(Path(default_storage.location))
    there = [_existing(folder) for folder in folders]
    return list({folder.stat().st_dev: folder for folder in there}.values())


def _existing(folder: Path) -> Path:
    """The folder, or the first one above it that is there."""
    return next(one for one in (folder, *folder.parents) if one.is_dir())


def _space(folder: Path) -> tuple[int, int]:
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total


CHECK = Check("disk", look)
