"""Where training and evaluation images come from: a folder in COCO layout, or the same layout in one tar (a shard).

Layout: `images/<file_name>` and `annotations.json` or `annotations.json.gz` in COCO instance form, masks as RLE at the
size of the stored image; each image may carry a `split`. Not for cropping or sampling: see `augmentation`, `dataset`.
"""

import gzip
import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

ANNOTATION_FILES = ("annotations.json", "annotations.json.gz")
# The class of masks without one.
UNNAMED = "object"


class DataError(ValueError):
    """A data folder or shard that cannot be read; the message names it."""


class FileSource(Protocol):
    """The files of one data set, by path inside its folder."""

    name: str

    def read(self, path: str) -> bytes | None: ...


class FolderSource:
    """Files of a folder on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = root.name

    def read(self, path: str) -> bytes | None:
        file = self.root / path
        return file.read_bytes() if file.is_file() else None


class TarSource:
    """Files of an uncompressed tar, read by offset; the archive is indexed once and never unpacked to disk."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.name = archive.name.removesuffix(".tar")
        with tarfile.open(archive, "r:") as tar:
            self.places = {
                member.name: (member.offset_data, member.size)
                for member in tar.getmembers()
                if member.isfile()
            }

    def read(self, path: str) -> bytes | None:
        place = self.places.get(path)
        if place is None:
            return None
        with self.archive.open("rb") as file:
            file.seek(place[0])
            return file.read(place[1])


@dataclass
class AnnotatedImage:
    """One image and its masks, compressed: `data` is the image file, `segmentations` COCO RLEs at (height, width).

    `categories` names the class of each mask, in their order; it is empty where nobody knows classes.
    """

    dataset: str
    file_name: str
    height: int
    width: int
    split: str
    data: bytes
    segmentations: list[dict[str, Any]] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)

    def pixels(self) -> np.ndarray:
        """RGB uint8 [height, width, 3]; DataError if the file and the annotation disagree about the size."""
        with Image.open(io.BytesIO(self.data)) as image:
            pixels = np.asarray(image.convert("RGB"))
        if pixels.shape[:2] != (self.height, self.width):
            raise DataError(
                f"{self.dataset}/{self.file_name} is {pixels.shape[1]}x{pixels.shape[0]}, not as annotated"
            )
        return pixels


def open_source(path: Path) -> FileSource:
    """The folder or `.tar` at `path`; DataError if it is neither."""
    if path.is_dir():
        return FolderSource(path)
    if path.is_file() and path.suffix == ".tar":
        return TarSource(path)
    raise DataError(f"no data folder or .tar shard at {path}")


def read_annotations(source: FileSource) -> dict[str, Any]:
    """The COCO dictionary of a source; DataError if there is none."""
    for name in ANNOTATION_FILES:
        data = source.read(name)
        if data is not None:
            return json.loads(gzip.decompress(data) if name.endswith(".gz") else data)
    raise DataError(f"neither {' nor '.join(ANNOTATION_FILES)} in {source.name}")


def read_images(path: Path, split: str = "all") -> list[AnnotatedImage]:
    """The images of a data set that belong to `split` ("all" for every one), in the order of the file.

    Only masks given as RLE are taken and `iscrowd` ones are left out. DataError for an unreadable set, a missing image
    file or an unknown split.
    """
    source = open_source(path)
    coco = read_annotations(source)
    chosen = [image for image in coco["images"] if split in ("all", image.get("split", "train"))]
    if not chosen:
        raise DataError(f"{source.name} has no image in split {split!r}")
    images: dict[int, AnnotatedImage] = {}
    for entry in chosen:
        data = source.read(f"images/{entry['file_name']}")
        if data is None:
            raise DataError(f"{source.name} lacks images/{entry['file_name']}")
        images[entry["id"]] = AnnotatedImage(
            dataset=source.name,
            file_name=entry["file_name"],
            height=entry["height"],
            width=entry["width"],
            split=entry.get("split", "train"),
            data=data,
        )
    names = {category["id"]: str(category["name"]) for category in coco.get("categories", [])}
    for annotation in coco["annotations"]:
        image = images.get(annotation["image_id"])
        if (
            image is not None
            and not annotation.get("iscrowd")
            and isinstance(annotation["segmentation"], dict)
        ):
            image.segmentations.append(annotation["segmentation"])
            image.categories.append(names.get(annotation.get("category_id"), UNNAMED))
    return list(images.values())
