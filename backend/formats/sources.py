"""Where files to import lie."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from backend.formats.reading import Source


class ZipSource:
    """The files of a zip, whose members were looked over before."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def paths(self) -> list[str]:
        # One name may stand in the list twice; what is read is the last one.
        return sorted({info.filename for info in self._archive.infolist() if not info.is_dir()})

    def open(self, path: str) -> BinaryIO:
        return cast("BinaryIO", self._archive.open(path))


class FolderSource:
    """The files below a folder; links that lead out of it are none of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        # Looked up once: a large folder takes long to walk through, and every format asks.
        self._paths = sorted(
            str(path.relative_to(self._folder))
            for path in self._folder.rglob("*")
            if path.is_file() and path.resolve().is_relative_to(self._folder)
        )

    def paths(self) -> list[str]:
        return list(self._paths)

    def stamps(self) -> Iterator[str]:
        """A text for each file that is another one once the file is."""
        for path in self._paths:
            try:
                state = (self._folder / path).stat()
            except OSError:
                continue
            yield f"{path}\0{state.st_size}\0{state.st_mtime_ns}"

    def open(self, path: str) -> BinaryIO:
        found = (self._folder / path).resolve()
        if not found.is_relative_to(self._folder) or not found.is_file():
            raise KeyError(path)
        try:
            return found.open("rb")
        except PermissionError as error:
            raise KeyError(path) from error


class JoinedSource:
    """The files of several sources; of one path that two have, the first one's."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = {path: source for source in reversed(sources) for path in source.paths()}

    def paths(self) -> list[str]:
        return sorted(self._sources)

    def open(self, path: str) -> BinaryIO:
        return self._sources[path].open(path)
