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
        self._index(project)

    def _index(self, project: Project) -> None:
        columns = ("pk", "file_name", "width", "height", "sha256", "original_key", "display_key")
        originals = Image.objects.filter(project=project, original=None)
        rows = originals.order_by("pk").values_list(*columns)
        for pk, file_name, width, height, sha256, original, display in rows.iterator(2000):
            self._known[pk] = _Known(pk, (width, height), original != display)
            self._shas[sha256] = pk
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

    def match(self, read: ReadPicture) -> Match:
        """Raises InvalidInput `import.size_differs`, `import.picture_ambiguous`, and what `picture_size` raises."""
        path = self._path(read.file_name, read.split)
        named = self._names.find(read.file_name)
        if path is None:
            image_id = self._shas.get(read.sha256, named)
            if image_id is None:
                return Match(Standing.MISSING)
            found = Match(Standing.KNOWN if read.sha256 in self._shas else Standing.MATCHED, image_id)
        else:
            sha256 = self._sha256(path)
            if sha256 in self._shas:
                found = Match(Standing.KNOWN, self._shas[sha256], path)
            elif read.sha256 in self._shas:
                # An export of ours holds what the project shows of the file that came.
                found = Match(Standing.MATCHED, self._shas[read.sha256], path)
            elif named is not None and self._known[named].is_converted and self._fits(named, read):
                found = Match(Standing.MATCHED, named, path)
            else:
                found = Match(Standing.NEW, path=path)
        self._size_checked(found, read)
        return found

    @contextmanager
    def opened(self, path: str) -> Iterator[IO[bytes]]:
        """The picture at this path of the source, whole and to be read from any place. Raises TooLarge
        `image.too_large`, InvalidInput `archive.corrupt`, StorageFull."""
        limit = settings.MAX_UPLOAD_BYTES
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=settings.FILE_UPLOAD_TEMP_DIR) as spool:
            with storage_full_guard(), self._source.open(path) as file:
                while chunk := _chunk(file):
                    if spool.tell() + len(chunk) > limit:
                        raise file_too_large()
                    spool.write(chunk)
            spool.seek(0)
            yield spool

    def _size(self, path: str) -> tuple[int, int]:
        with self.opened(path) as file:
            return picture_size(file)

    def _sha256(self, path: str) -> str:
        digest = hashlib.sha256()
        with self._source.open(path) as file:
            while chunk := _chunk(file):
                digest.update(chunk)
        return digest.hexdigest()

    def _fits(self, image_id: int, read: ReadPicture) -> bool:
        return self._known[image_id].size == (read.width, read.height)

    def _size_checked(self, found: Match, read: ReadPicture) -> None:
        if found.image_id is not None:
            width, height = self._known[found.image_id].size
        elif found.path is not None:
            width, height = self._size(found.path)
        if (width, height) != (read.width, read.height):
            raise InvalidInput(
                f"The data set says {read.width} x {read.height} pixels of {read.file_name}, "
                f"the picture has {width} x {height}.",
                "import.size_differs",
            )

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
