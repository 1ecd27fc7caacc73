"""Folders of the server and of buckets that data sets may be imported from: those an operator listed, none beside them.

A place is written as its name and the folders below it, `datasets/birds/2026`; its address is never a person's to choose.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

from django.conf import settings

from backend.common.errors import NotFound, TooLarge, Unavailable
from backend.formats.sources import FolderSource

logger = logging.getLogger("anymask.imports")

# Folders and files of one place that are listed for people; of a data set, files at most.
SHOWN: Final = 1000
MOST_FILES: Final = 1_000_000


@dataclass(frozen=True)
class Listing:
    """What lies directly in a place."""

    path: str
    # Names of the folders in it; the places themselves where `path` is empty.
    folders: list[str] = field(default_factory=list)
    file_count: int = 0
    byte_size: int = 0
    # More lies there than is listed and counted.
    is_cut: bool = False


class PlaceSource(Protocol):
    """A source that can tell whether it is still what it was."""

    def paths(self) -> list[str]: ...

    def open(self, path: str) -> BinaryIO: ...

    def stamps(self) -> Iterable[str]:
        """A text for each file that is another one once the file is."""


def place_listed(path: str) -> Listing:
    """Raises NotFound `import.place_not_found`, Unavailable `import.place_unreachable`."""
    if not path.strip("/"):
        return Listing("", sorted(settings.IMPORT_PLACES))
    place, below = _place(path)
    if "folder" in place:
        return _folder_listed(path, _folder(place, below))
    return _bucket_listed(path, place, below)


def place_check(path: str) -> str:
    """The path as jobs keep it; no bucket is asked. Raises NotFound `import.place_not_found`."""
    place, below = _place(path)
    if "folder" in place:
        _folder(place, below)
    return path.strip("/")


def place_opened(path: str) -> PlaceSource:
    """Its files, as they are now. Raises NotFound `import.place_not_found`, TooLarge `import.too_many_files`, Unavailable
    `import.place_unreachable`."""
    place, below = _place(path)
    if "folder" in place:
        source: PlaceSource = FolderSource(_folder(place, below))
    else:
        with _failures_told():
            source = BucketSource(_client(place), place["bucket"], _prefix(place, below))
    count = len(source.paths())
    if count > MOST_FILES:
        raise TooLarge(f"The folder holds more than {MOST_FILES:,} files.", "import.too_many_files")
    if not count:
        raise NotFound("There is no such folder, or nothing in it.", "import.place_not_found")
    return source


def fingerprint(source: PlaceSource) -> str:
    """Another one once a file came, went or changed."""
    digest = hashlib.sha256()
    for stamp in source.stamps():
        digest.update(stamp.encode(errors="surrogateescape") + b"\0")
    return digest.hexdigest()


class BucketSource:
    """The objects below a prefix, each read as a stream."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self._files: dict[str, str] = {}
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                name = entry["Key"].removeprefix(prefix)
                if name and not name.endswith("/"):
                    self._files[name] = f"{name}\0{entry['Size']}\0{entry['ETag']}"
            if len(self._files) > MOST_FILES:
                return

    def paths(self) -> list[str]:
        return sorted(self._files)

    def stamps(self) -> list[str]:
        return [self._files[path] for path in self.paths()]

    def open(self, path: str) -> BinaryIO:
        if path not in self._files:
            raise KeyError(path)
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + path)
        except self._client.exceptions.NoSuchKey as error:
            raise KeyError(path) from error
        return cast("BinaryIO", answer["Body"])


def _place(path: str) -> tuple[dict[str, Any], list[str]]:
    name, *below = path.strip("/").split("/")
    place = settings.IMPORT_PLACES.get(name)
    if place is None or any(part in ("", ".", "..") or "\0" in part or "\\" in part for part in below):
        raise _not_found()
    return place, below


def _folder(place: dict[str, Any], below: list[str]) -> Path:
    root: Path = place["folder"].resolve()
    try:
        found = root.joinpath(*below).resolve()
        is_inside = found.is_relative_to(root) and found.is_dir()
    except (OSError, ValueError, RuntimeError) as error:
        # A name too long for the disk; RuntimeError of a link to itself, until Python 3.13.
        raise _not_found() from error
    if not is_inside:
        raise _not_found()
    return found


def _folder_listed(path: str, folder: Path) -> Listing:
    folders: list[str] = []
    sizes: list[int] = []
    is_cut = False
    try:
        for entry in folder.iterdir():
            if len(folders) + len(sizes) == SHOWN:
                is_cut = True
                break
            # A link may lead out of the place; what it leads to within is listed there.
            if entry.is_symlink():
                continue
            if entry.is_dir():
                folders.append(entry.name)
            elif entry.is_file():
                sizes.append(entry.stat().st_size)
    except OSError as error:
        raise Unavailable("The folder cannot be read now.", "import.place_unreachable") from error
    return Listing(path.strip("/"), sorted(folders), len(sizes), sum(sizes), is_cut)


def _bucket_listed(path: str, place: dict[str, Any], below: list[str]) -> Listing:
    prefix = _prefix(place, below)
    with _failures_told():
        page = _client(place).list_objects_v2(
            Bucket=place["bucket"], Prefix=prefix, Delimiter="/", MaxKeys=SHOWN
        )
    folders = [entry["Prefix"].removeprefix(prefix).strip("/") for entry in page.get("CommonPrefixes", ())]
    sizes = [entry["Size"] for entry in page.get("Contents", ()) if not entry["Key"].endswith("/")]
    if below and not folders and not sizes:
        raise _not_found()
    return Listing(path.strip("/"), sorted(folders), len(sizes), sum(sizes), page["IsTruncated"])


@contextmanager
def _failures_told() -> Iterator[None]:
    """Turns what asking a bucket raises into Unavailable; what it was stands in the log."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        logger.warning("import_place_unreachable error=%s", error)
        raise Unavailable("The bucket does not answer now.", "import.place_unreachable") from error


def _prefix(place: dict[str, Any], below: list[str]) -> str:
    return str(place["prefix"]) + "".join(f"{part}/" for part in below)


def _client(place: dict[str, Any]) -> Any:
    import boto3
    from botocore.config import Config

    options = place["options"]
    style = options.get("addressing_style", "auto")
    return boto3.client(
        "s3",
        endpoint_url=options.get("endpoint_url"),
        region_name=options.get("region_name"),
        aws_access_key_id=options.get("access_key"),
        aws_secret_access_key=options.get("secret_key"),
        config=Config(s3={"addressing_style": style}, connect_timeout=10, read_timeout=60),
    )


def _not_found() -> NotFound:
    return NotFound("There is no such place to import from.", "import.place_not_found")
