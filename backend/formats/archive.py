"""Where formats write their files: a zip whose bytes depend on nothing but what is in it."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

# No time, no machine: the same content is the same file, to whoever compares checksums.
_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16
# Compressed already.
_STORED = (".jpg", ".jpeg", ".png", ".webp", ".parquet")


class Archive:
    """Files by their path with `/`, one after the other; memory does not grow with their sizes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(stream, "w", allowZip64=True)
        self._paths: set[str] = set()

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """To write one file piece by piece; the next one only after it."""
        if path in self._paths:
            raise ValueError(f"{path} is in the archive already")
        self._paths.add(path)
        info = zipfile.ZipInfo(path, _DATE)
        info.external_attr = _MODE
        info.create_system = 3
        info.compress_type = zipfile.ZIP_STORED if path.lower().endswith(_STORED) else zipfile.ZIP_DEFLATED
        with self._zip.open(info, "w", force_zip64=True) as file:
            yield file

    def write(self, path: str, content: bytes | str) -> None:
        """One whole file."""
        with self.open(path) as file:
            file.write(content.encode() if isinstance(content, str) else content)

    def copy(self, path: str, source: BinaryIO) -> None:
        """One file as another one is, which is closed."""
        with source, self.open(path) as file:
            shutil.copyfileobj(source, file, 1 << 20)

    def close(self) -> None:
        """Writes the directory; without it the file is none."""
        self._zip.close()
