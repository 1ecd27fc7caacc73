"""What a backup says of itself."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from backend.common.errors import InvalidInput

# Of the folder and of what stands in the manifest; a program refuses those newer than it knows.
FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
LISTING: Final = "files.jsonl"

# Where files lie: the storage, by key; MODELS_DIR, by path.
STORAGE: Final = "storage"
MODELS: Final = "models"


@dataclass(frozen=True)
class BackedUpFile:
    place: str
    key: str
    sha256: str
    bytes: int
    # When it was last written, in seconds since 1970, as the place says.
    modified: float


@dataclass(frozen=True)
class Part:
    """A file beside the manifest."""

    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    # In UTC, ISO 8601.
    made_at: str
    # `postgresql` or `sqlite`, and its version.
    vendor: str
    server: str
    database: Part
    listing: Part
    # Rows by table; migrations that were applied, as "app.name".
    tables: dict[str, int]
    migrations: list[str]
    # Keys that rows name and no file was found for.
    missing: list[str] = field(default_factory=list)
    format: int = FORMAT


def part_of(path: Path) -> Part:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(path.name, path.stat().st_size, digest)


def manifest_write(folder: Path, manifest: Manifest) -> None:
    content = asdict(manifest)
    (folder / MANIFEST).write_text(
        json.dumps(content | {"sha256": _checksum(content)}, indent=1), encoding="utf-8"
    )


def manifest_read(folder: Path) -> Manifest:
    """Raises InvalidInput `backup.format_newer`, `backup.damaged`."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        checksum, version = content.pop("sha256"), content["format"]
    except (ValueError, KeyError, AttributeError) as error:
        raise damaged(f"{folder / MANIFEST} cannot be read") from error
    # Before all else: a newer one may well look damaged.
    if version > FORMAT:
        raise InvalidInput(
            f"This backup is of format {version}; this version of the application reads formats up to {FORMAT}.",
            "backup.format_newer",
        )
    if checksum != _checksum(content):
        raise damaged(f"{folder / MANIFEST} is not as it was written")
    known = {one.name for one in fields(Manifest)}
    parts = {name: Part(**content[name]) for name in ("database", "listing")}
    return Manifest(**{name: value for name, value in content.items() if name in known} | parts)


def listing_write(folder: Path, files: Iterable[BackedUpFile]) -> None:
    with (folder / LISTING).open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(file)) + "\n" for file in files)


def listing_read(folder: Path, manifest: Manifest) -> Iterator[BackedUpFile]:
    with (folder / manifest.listing.file).open(encoding="utf-8") as lines:
        for line in lines:
            yield BackedUpFile(**json.loads(line))


def damaged(what: str) -> InvalidInput:
    return InvalidInput(f"The backup is damaged: {what}.", "backup.damaged")


def _checksum(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
