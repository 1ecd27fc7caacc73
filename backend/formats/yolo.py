"""YOLO's segments (Ultralytics, "Instance Segmentation Datasets"): a text file an image, a line an object.

A line is the class and one closed ring, x and y in shares of the image's sides; parts and holes are joined to one ring by
lines without a width. Classes count from 0 in the order of the categories, whichever of them occur.

Ultralytics and others round corners down to pixels and draw the outline as they fill (cv2.fillPoly), which would add a
column on the right and a row below. The rings therefore lie a twentieth of a pixel within the mask: rounded down, each
corner is a pixel of it, and who fills what lies inside sees the same pixels. What they draw of the lines between two
parts is no pixel of the mask: the account tells it, though others, as pycocotools, see nothing of it.
"""

import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.reading import Reading, ReadObject, ReadPicture, polygons_region
from backend.formats.records import Dataset, ObjectMask, Picture
from backend.formats.rings import mask_parts, ring_inset, ring_painted, rings_fill, rings_joined
from backend.formats.yaml import yaml_value

# To a pixel's side; pycocotools rounds to fifths, so that less than a tenth is nothing to it.
_UNITS: Final = 20
# Of the data file, which is read slowly.
_LONGEST_DATA: Final = 1 << 20


class Yolo:
    name = "yolo"
    title = "YOLO segmentation (text, data.yaml)"
    holds = "Outlines as lines of text, and data.yaml: what Ultralytics trains with."
    fields_without_a_place = ("attributes", "z", "author", "stage", "seconds_spent", "prompts", "uuid")
    has_tags = False

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.split}/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        class_of = {category.category_id: place for place, category in enumerate(dataset.categories)}
        archive.write("data.yaml", _yaml(dataset))
        for picture, masks in dataset.items():
            lines = [f"{class_of[mask.category_id]} {_ring(mask, losses)}\n" for mask in masks]
            archive.write(f"labels/{picture.split}/{picture.stem}.txt", "".join(lines))

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """The pictures below `images/` and the lines of the same name below `labels/`."""
        paths = reading.paths()
        names = _names(reading, paths)
        pictures = {_key(path, "images"): path for path in paths if "images" in PurePosixPath(path).parts}
        for path in paths:
            if not path.endswith(".txt") or "labels" not in PurePosixPath(path).parts:
                continue
            picture = pictures.get(_key(path, "labels"))
            name = PurePosixPath(picture).name if picture else PurePosixPath(path).stem
            with reading.row(path):
                size = reading.size_of(name)
                if size is None:
                    raise InvalidInput(f"There is no picture {name}.", "import.no_picture")
                objects = []
                for number, line in enumerate(reading.text(path).decode().splitlines(), start=1):
                    if line.strip():
                        with reading.row(path, f"line {number}"):
                            objects.append(_object(line, names, size))
                folder = PurePosixPath(path).parent.name
                yield ReadPicture(name, *size, objects, "" if folder == "labels" else folder)


def _key(path: str, room: str) -> tuple[str, ...]:
    """What a picture and its lines have in common: the folders, but for the room, and the name without its ending."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    parts.remove(room)
    return tuple(parts)


def _names(reading: Reading, paths: list[str]) -> dict[int, str]:
    """The classes by their numbers, as the data file lists them."""
    for path in paths:
        if not path.endswith((".yaml", ".yml")):
            continue
        with reading.row(path):
            listed = yaml_value(reading.text(path, _LONGEST_DATA))["names"]
            pairs = listed.items() if isinstance(listed, dict) else enumerate(listed)
            return {int(number): reading.category(_word(name)) for number, name in pairs}
    return {}


def _word(name: object) -> str:
    """A name that is no structure."""
    if not isinstance(name, str | int | float):
        raise InvalidInput("A class's name is a text.", "import.row_invalid")
    return str(name)


def _object(line: str, names: dict[int, str], size: tuple[int, int]) -> ReadObject:
    width, height = size
    number, *shares = line.split()
    ring = np.array(shares, float)
    if len(ring) % 2:
        raise InvalidInput("A line is a class and pairs of x and y.", "import.polygon_invalid")
    corners = (ring.reshape(-1, 2) * size).ravel().tolist()
    return ReadObject(
        label=names.get(int(number), number), region=polygons_region([corners], height=height, width=width)
    )


def _ring(mask: ObjectMask, losses: Losses) -> str:
    parts = mask_parts(mask.pixels())
    rings = [ring_inset(ring, units=_UNITS) for part in parts for ring in (part.outer, *part.holes)]
    ring = rings_joined(rings) / _UNITS
    sides = np.array([mask.width, mask.height])
    # Nine digits: an error of a ten-thousandth of a pixel in the largest picture.
    words = [f"{share:.9g}" for share in (ring / sides).ravel()]
    read = np.array([float(word) for word in words]).reshape(-1, 2) * sides
    filled = rings_fill([read.ravel()], height=mask.height, width=mask.width)
    losses.compared(mask, filled | ring_painted(read, height=mask.height, width=mask.width))
    return " ".join(words)


def _yaml(dataset: Dataset) -> str:
    """A JSON string is a YAML string."""
    lines = ["path: .\n"]
    # A validation set is asked for by every trainer; without one it is what is trained on.
    for key in ("train", "val", "test"):
        split = key if key in dataset.splits else dataset.splits[0]
        if key != "test" or split == key:
            lines.append(f"{key}: images/{split}\n")
    lines.append("names:\n")
    for place, category in enumerate(dataset.categories):
        lines.append(f"  {place}: {json.dumps(category.name, ensure_ascii=False)}\n")
    return "".join(lines)
