"""LabelMe's JSON, a file an image beside it: each object two corners and a PNG of what is between them."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.reading import (
    Reading,
    ReadObject,
    ReadPicture,
    named,
    pixels_region,
    polygons_region,
    sized,
)
from backend.formats.records import Dataset, ObjectMask, Picture
from backend.formats.rle import Region

_VERSION = "5.5.0"


class LabelMe:
    name = "labelme"
    title = "LabelMe (one JSON an image, masks)"
    holds = "A JSON beside each picture with boxes and their masks, for LabelMe."
    fields_without_a_place = ("author", "stage", "seconds_spent", "prompts")
    has_tags = False

    def picture_path(self, picture: Picture) -> str:
        return picture.name

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        for picture, masks in dataset.items():
            for mask in masks:
                losses.kept(mask)
            document: dict[str, object] = {
                "version": _VERSION,
                "flags": {},
                "shapes": [_shape(mask, dataset.category(mask.category_id).name) for mask in masks],
                "imagePath": picture.name,
                "imageData": None,
                "imageHeight": picture.height,
                "imageWidth": picture.width,
            }
            archive.write(f"{picture.stem}.json", json.dumps(document, ensure_ascii=False, allow_nan=False))

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """Every JSON file with `shapes`; polygons of one group are one object."""
        for path in reading.paths():
            if not path.lower().endswith(".json"):
                continue
            with reading.row(path):
                document: dict[str, Any] = json.loads(reading.text(path))
                width, height = sized(document["imageWidth"], document["imageHeight"])
                groups: dict[object, list[tuple[int, dict[str, Any]]]] = {}
                for number, shape in enumerate(document["shapes"], start=1):
                    group = shape.get("group_id")
                    key = ("alone", number) if group is None else (shape.get("label"), group)
                    groups.setdefault(key, []).append((number, shape))
                objects = []
                for shapes in groups.values():
                    with reading.row(path, f"shape {shapes[0][0]}"):
                        objects.append(_object([shape for _, shape in shapes], reading, height, width))
                name = PurePosixPath(str(document["imagePath"]).replace("\\", "/")).name
                yield ReadPicture(name, width, height, objects)


def _object(shapes: list[dict[str, Any]], reading: Reading, height: int, width: int) -> ReadObject:
    first = shapes[0]
    if len(shapes) == 1 and first["shape_type"] == "mask":
        region = _mask_region(first, height, width)
    else:
        polygons = [_polygon(shape) for shape in shapes]
        region = polygons_region(polygons, height=height, width=width)
    return ReadObject(
        label=reading.category(str(first["label"])),
        region=region,
        z=first.get("z"),
        uuid=first.get("uuid"),
        attributes=named(first.get("attributes")),
    )


def _mask_region(shape: dict[str, Any], height: int, width: int) -> Region:
    (x1, y1), (x2, y2) = ((round(x), round(y)) for x, y in shape["points"])
    with Image.open(io.BytesIO(base64.b64decode(shape["mask"], validate=True)), formats=["PNG"]) as opened:
        if opened.size != (x2 - x1 + 1, y2 - y1 + 1) or min(x1, y1) < 0 or x2 >= width or y2 >= height:
            raise InvalidInput("The mask does not fit between its corners.", "mask.wrong_size")
        crop = np.asarray(opened.convert("L")) > 0
    pixels = np.zeros((height, width), bool)
    pixels[y1 : y2 + 1, x1 : x2 + 1] = crop
    return pixels_region(pixels)


def _polygon(shape: dict[str, Any]) -> list[float]:
    """LabelMe's corners are points on the picture, (0, 0) its upper left corner: no shift."""
    points = [[float(x), float(y)] for x, y in shape["points"]]
    if shape["shape_type"] == "rectangle":
        (x1, y1), (x2, y2) = points
        points = [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
    elif shape["shape_type"] != "polygon":
        raise InvalidInput(f"A {shape['shape_type']} is no mask.", "import.shape_unknown")
    return [value for point in points for value in point]


def _shape(mask: ObjectMask, label: str) -> dict[str, object]:
    x, y, width, height = mask.bbox
    buffer = io.BytesIO()
    Image.fromarray(mask.crop().astype(np.uint8) * 255).save(buffer, "PNG")
    return {
        "label": label,
        # Of the first and of the last pixel: LabelMe counts both in.
        "points": [[x, y], [x + width - 1, y + height - 1]],
        "group_id": None,
        "description": "",
        "shape_type": "mask",
        "flags": {},
        "mask": base64.b64encode(buffer.getvalue()).decode(),
        "uuid": mask.uuid,
        "z": mask.z,
        "attributes": mask.attributes,
    }
