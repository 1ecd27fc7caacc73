"""Which picture a data set speaks of: one in its archive, one in the project, or none that can be found."""

import hashlib
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import IO, BinaryIO, Final

from django.conf import settings

from backend.common.errors import InvalidInput
from backend.common.storage import storage_full_guard
from backend.export.dataset import export_names
from backend.formats.reading import ReadPicture, Source
from backend.images.archives import damage_told, file_too_large
from backend.images.models import Image
from backend.images.pixels import picture_size
from backend.projects.models import Project

# Of a picture; what is larger goes to disk.
_IN_MEMORY: Final = 8 << 20
_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})
# Folders in which formats keep maps of masks, which are pictures only by their names.
_MAPS: Final = frozenset(
    {"SegmentationClass", "SegmentationObject", "instances", "semantic", "gtFine", "masks", "objects"}
)
# And COCO's, which are called after the split: panoptic_val2017.
_PANOPTIC: Final = re.compile(r"panoptic_(train|val|test)\w*")


class Standing(StrEnum):
    """How a picture of the data set stands to the project."""

    # In the archive, and not in the project.
    NEW = "new"
    # The project has this very file.
    KNOWN = "known"
    # An image of the project has its name; the archive has no other file of it.
    MATCHED = "matched"
    MISSING = "missing"


@dataclass(frozen=True)
class Match:
    standing: Standing
    # Of the project.
    image_id: int | None = None
    # In the archive.
    path: str | None = None
    # Of the file at that path.
    sha256: str = ""


@dataclass(frozen=True)
class _Known:
    image_id: int
    size: tuple[int, int]
    # What exports hold of it is not the file that came.
    is_converted: bool


class Matcher:
    """The pictures of one source against those of one project, as both were when it was made."""

    def __init__(self, project: Project, source: Source) -> None:
        self._source = source
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for path in source.paths():
            parts = PurePosixPath(path)
            if parts.suffix.lower() in _SUFFIXES and not _is_map(parts):
                self._by_name[parts.name].append(path)
                self._by_stem[parts.stem].append(path)
        self._known: dict[int, _Known] = {}
        self._shas: dict[str, int] = {}
        self._names = _Names()
        # By path, as far as they were asked for.
        self._sizes: dict[str, tuple[int, int]] = {}
        self._index(project)

    def _index(self, project: Project) -> None:
        columns = (
            "pk",
            "file_name",
            "width",
            "height",
            "sha256",
            "source_sha256",
            "original_key",
            "display_key",
        )
        originals = Image.objects.filter(project=project, original=None)
        rows = originals.order_by("pk").values_list(*columns)
        for pk, file_name, width, height, sha256, source_sha256, original, display in rows.iterator(2000):
            self._known[pk] = _Known(pk, (width, height), original != display)
            self._shas[sha256] = pk
            if source_sha256:
                self._shas[source_sha256] = pk
            self._names.add(file_name, pk)
        # By the names exports gave them too, which are unique.
        for has_pictures in (False, True):
            for pk, name in export_names(originals, has_pictures).items():
                self._names.prefer(name, pk)

    def size_of(self, name: str) -> tuple[int, int] | None:
        """Of the upright picture of that name, if there is one."""
        path = self._path(name, "")
        if path is not None:
            return self._size(path)
        image_id = self._names.find(name)
        return self._known[image_id].size if image_id is not None else None

    @contextmanager
    def matched(self, read: ReadPicture) -> Iterator[tuple[Match, IO[bytes] | None]]:
        """What it is, and its file where the source has one. Raises InvalidInput `import.size_differs`,
        `import.picture_ambiguous`, and what `picture_size` and reading the file raise."""
        path = self._path(read.file_name, read.split)
        if path is None:
            found = self._named(read)
            if found.image_id is not None:
                _size_compare(read, self._known[found.image_id].size)
            yield found, None
            return
        with self._opened(path) as file:
            found = self._match(read, path, file)
            size = picture_size(file) if found.image_id is None else self._known[found.image_id].size
            _size_compare(read, size)
            yield found, file

    def _named(self, read: ReadPicture) -> Match:
        image_id = self._shas.get(read.sha256, self._names.find(read.file_name))
        if image_id is None:
            return Match(Standing.MISSING)
        return Match(Standing.KNOWN if read.sha256 in self._shas else Standing.MATCHED, image_id)

    def _match(self, read: ReadPicture, path: str, file: IO[bytes]) -> Match:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
        sha256 = digest.hexdigest()
        if sha256 in self._shas:
            return Match(Standing.KNOWN, self._shas[sha256], path, sha256)
        if read.sha256 in self._shas:
            # An export of ours holds what the project shows of the file that came.
            return Match(Standing.MATCHED, self._shas[read.sha256], path, sha256)
        named = self._names.find(read.file_name)
        if named is not None and self._known[named].is_converted and self._fits(named, read):
            return Match(Standing.MATCHED, named, path, sha256)
        return Match(Standing.NEW, None, path, sha256)

    @contextmanager
    def _opened(self, path: str) -> Iterator[IO[bytes]]:
        """The picture at this path of the source, whole and to be read from any place. Raises TooLarge
        `image.too_large`, InvalidInput `archive.corrupt`, StorageFull."""
        limit = settings.MAX_UPLOAD_BYTES
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=settings.FILE_UPLOAD_TEMP_DIR) as spool:
            with damage_told():
                try:
                    opened = self._source.open(path)
                except KeyError as error:
                    raise InvalidInput(
                        f"{path} is not there any more, or not to be read.", "import.file_gone"
                    ) from error
            with storage_full_guard(), opened as file:
                while chunk := _chunk(file):
                    if spool.tell() + len(chunk) > limit:
                        raise file_too_large()
                    spool.write(chunk)
            spool.seek(0)
            yield spool

    def _size(self, path: str) -> tuple[int, int]:
        if path not in self._sizes:
            with self._opened(path) as file:
                self._sizes[path] = picture_size(file)
        return self._sizes[path]

    def _fits(self, image_id: int, read: ReadPicture) -> bool:
        return self._known[image_id].size == (read.width, read.height)

    def _path(self, name: str, split: str) -> str | None:
        """Where the picture lies in the source. Raises InvalidInput `import.picture_ambiguous`."""
        plain = PurePosixPath(name)
        paths = self._by_name.get(plain.name, [])
        if not paths and plain.suffix.lower() not in _SUFFIXES:
            paths = self._by_stem.get(plain.name, [])
        if len(paths) > 1:
            whole = [path for path in paths if f"/{path}".endswith(f"/{name}")]
            of_split = [path for path in paths if split in PurePosixPath(path).parts]
            paths = whole if len(whole) == 1 else of_split if len(of_split) == 1 else paths
        if len(paths) > 1:
            raise InvalidInput(
                f"{len(paths)} pictures in the archive are called {name}.", "import.picture_ambiguous"
            )
        return paths[0] if paths else None


def _size_compare(read: ReadPicture, size: tuple[int, int]) -> None:
    if size != (read.width, read.height):
        raise InvalidInput(
            f"The data set says {read.width} x {read.height} pixels of {read.file_name}, "
            f"the picture has {size[0]} x {size[1]}.",
            "import.size_differs",
        )


def _is_map(path: PurePosixPath) -> bool:
    return any(folder in _MAPS or _PANOPTIC.fullmatch(folder) for folder in path.parts[:-1])


def _chunk(file: BinaryIO) -> bytes:
    """The next piece; empty at the end."""
    with damage_told():
        return file.read(1 << 20)


class _Names:
    """Images by what a data set may call them; a name that several have finds none of them."""

    def __init__(self) -> None:
        self._exact: dict[str, int] = {}
        self._preferred: dict[str, int] = {}
        self._names: dict[str, set[int]] = defaultdict(set)
        self._stems: dict[str, set[int]] = defaultdict(set)

    def add(self, file_name: str, image_id: int) -> None:
        path = PurePosixPath(file_name)
        self._exact[file_name] = image_id
        self._names[path.name].add(image_id)
        self._stems[path.stem].add(image_id)

    def prefer(self, name: str, image_id: int) -> None:
        self._preferred.setdefault(name, image_id)
        self._stems[PurePosixPath(name).stem].add(image_id)

    def find(self, name: str) -> int | None:
        plain = PurePosixPath(name).name
        if name in self._exact and "/" in name:
            return self._exact[name]
        if plain in self._preferred:
            return self._preferred[plain]
        one = _only(self._names.get(plain, ()))
        if one is None and PurePosixPath(plain).suffix.lower() not in _SUFFIXES:
            one = _only(self._stems.get(plain, ()))
        return one


def _only(found: Iterable[int]) -> int | None:
    ids = list(found)
    return ids[0] if len(ids) == 1 else None
