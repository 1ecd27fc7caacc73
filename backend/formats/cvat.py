"""CVAT's XML 1.1 for images: each object a mask, the row-major runs of its box, background first."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO
from xml.etree.ElementTree import Element  # nosec B405 # read by `xml_root` alone
from xml.sax.saxutils import escape, quoteattr  # nosec B406 # they write

import numpy as np
from numpy.typing import NDArray

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.reading import Reading, ReadObject, ReadPicture, pixels_region, polygons_region, sized
from backend.formats.records import Dataset, ObjectMask, Picture
from backend.formats.rle import Region
from backend.formats.xml import xml_root


class Cvat:
    name = "cvat"
    title = "CVAT for images (XML 1.1, masks)"
    holds = "Masks pixel by pixel in one XML, for CVAT."
    fields_without_a_place = ("author", "stage", "seconds_spent", "prompts", "uuid")
    has_tags = False

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        with archive.open("annotations.xml") as file:
            _put(file, '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n')
            _put(file, f"<meta><task><name>{escape(dataset.name)}</name><labels>\n")
            for category in dataset.categories:
                _put(file, f"<label><name>{escape(category.name)}</name><color>{category.color}</color>")
                _put(file, "<attributes></attributes></label>\n")
            _put(file, "</labels></task></meta>\n")
            for picture, masks in dataset.items():
                name = quoteattr(picture.name)
                size = f'width="{picture.width}" height="{picture.height}"'
                subset = quoteattr(picture.split)
                _put(file, f'<image id="{picture.number - 1}" name={name} subset={subset} {size}>\n')
                for mask in masks:
                    losses.kept(mask)
                    for line in _mask(mask, dataset.category(mask.category_id).name):
                        _put(file, line)
                _put(file, "</image>\n")
            _put(file, "</annotations>\n")

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """Every XML file with `image` elements. Masks, polygons and boxes; polygons of one group are one object."""
        for path in reading.paths():
            if not path.lower().endswith(".xml"):
                continue
            with reading.row(path):
                root = xml_root(reading.text(path))
                for label in root.iterfind("meta//labels/label"):
                    reading.category(label.findtext("name", ""), color=label.findtext("color", ""))
                for image in root.iterfind("image"):
                    with reading.row(path, f"image {image.get('id')}"):
                        width, height = sized(image.attrib["width"], image.attrib["height"])
                        name = PurePosixPath(image.attrib["name"]).name
                        objects = list(_objects(image, reading, path, height, width))
                        yield ReadPicture(name, width, height, objects, image.get("subset", ""))


def _objects(image: Element, reading: Reading, path: str, height: int, width: int) -> Iterator[ReadObject]:
    groups: dict[object, list[tuple[int, Element]]] = {}
    for place, shape in enumerate((shape for shape in image if shape.tag != "tag"), start=1):
        group = shape.get("group_id", "0") if shape.tag == "polygon" else "0"
        groups.setdefault((shape.get("label"), group) if group != "0" else place, []).append((place, shape))
    for members in groups.values():
        place, first = members[0]
        with reading.row(path, f"image {image.get('id')}, shape {place}"):
            if first.tag == "mask":
                region = _mask_region(first, height, width)
            else:
                polygons = [_corners(shape) for _, shape in members]
                region = polygons_region(polygons, height=height, width=width)
            yield ReadObject(
                label=reading.category(first.attrib["label"]),
                region=region,
                z=int(first.get("z_order", "0")),
                attributes={entry.attrib["name"]: entry.text or "" for entry in first.iterfind("attribute")},
            )


def _mask_region(shape: Element, height: int, width: int) -> Region:
    runs = np.array(shape.attrib["rle"].split(","), np.int64)
    left, top, w, h = (int(shape.attrib[side]) for side in ("left", "top", "width", "height"))
    if min(left, top) < 0 or left + w > width or top + h > height:
        raise InvalidInput("The mask's box lies outside of the image.", "mask.wrong_size")
    if (runs < 0).any() or int(runs.sum()) != w * h:
        raise InvalidInput(f"The mask's runs do not cover its box of {w} x {h} pixels.", "mask.rle_invalid")
    pixels = np.zeros((height, width), bool)
    pixels[top : top + h, left : left + w] = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(h, w)
    return pixels_region(pixels)


def _corners(shape: Element) -> list[float]:
    if shape.tag == "box":
        x1, y1, x2, y2 = (float(shape.attrib[side]) for side in ("xtl", "ytl", "xbr", "ybr"))
        return [x1, y1, x2, y1, x2, y2, x1, y2]
    if shape.tag != "polygon":
        raise InvalidInput(f"A {shape.tag} is no mask.", "import.shape_unknown")
    return [float(value) for point in shape.attrib["points"].split(";") for value in point.split(",")]


def row_runs(pixels: NDArray[np.bool_]) -> list[int]:
    """The lengths of the runs of pixels [h, w], row by row, background first."""
    flat = pixels.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate(([0], changes, [flat.size]))).tolist()
    return [0, *runs] if flat[0] else runs


def _mask(mask: ObjectMask, label: str) -> Iterator[str]:
    x, y, width, height = mask.bbox
    runs = ", ".join(map(str, row_runs(mask.crop())))
    box = f'left="{x}" top="{y}" width="{width}" height="{height}" z_order="{mask.z}"'
    yield f'<mask label={quoteattr(label)} source="manual" occluded="0" rle="{runs}" {box}>\n'
    for name, value in mask.attributes.items():
        yield f"<attribute name={quoteattr(name)}>{escape(str(value))}</attribute>\n"
    yield "</mask>\n"


def _put(file: IO[bytes], text: str) -> None:
    file.write(text.encode())
