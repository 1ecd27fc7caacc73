"""A data set as the one zip an import takes."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from anymask.uploads import PICTURES

# Compressed already: trying again costs time and saves nothing.
_PACKED: Final = PICTURES - {".bmp", ".tif", ".tiff"}


@contextmanager
def dataset_zipped(path: Path, images: Path | None = None) -> Iterator[Path]:
    """The zip itself, or a temporary one of the folder or file; with `images`, a folder of pictures, these are in it
    below `images/` as well. Raises FileNotFoundError, NotADirectoryError, `zipfile.BadZipFile`."""
    if not path.exists():
        raise FileNotFoundError(f"There is no {path}.")
    if images is not None and not images.is_dir():
        raise NotADirectoryError(f"{images} is no folder.")
    is_zip = path.is_file() and zipfile.is_zipfile(path)
    if is_zip and images is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="anymask-") as folder:
        target = Path(folder) / f"{path.resolve().stem}.zip"
        if is_zip:
            shutil.copyfile(path, target)
        with zipfile.ZipFile(target, "a") as archive:
            if path.is_dir():
                _folder_add(archive, path, "")
            elif not is_zip:
                _file_add(archive, path, path.name)
            if images is not None:
                _folder_add(archive, images, "images/")
        yield target


def _folder_add(archive: zipfile.ZipFile, folder: Path, prefix: str) -> None:
    there = set(archive.namelist())
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        is_hidden = any(part.startswith(".") for part in name.parts)
        if file.is_file() and not is_hidden and f"{prefix}{name.as_posix()}" not in there:
            _file_add(archive, file, f"{prefix}{name.as_posix()}")


def _file_add(archive: zipfile.ZipFile, file: Path, name: str) -> None:
    method = zipfile.ZIP_STORED if file.suffix.lower() in _PACKED else zipfile.ZIP_DEFLATED
    archive.write(file, name, compress_type=method)
