"""COCO's panoptic annotations (cocodataset.org, "Data format"): a PNG of segment ids an image, and JSON of what they are.

A pixel is one object's: the uppermost (`painting.drawing_order`). An object of which nothing is seen has no segment, as a
segment without a pixel is an error to whoever reads the format. `isthing` is 1 for every category: each mask is an object
of its own here, and no label says that its masks are one region of stuff.
"""

import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.coco_entries import (
    attributes_entry,
    categories_read,
    entries_joined,
    entry_object,
    head_entry,
    image_entry,
    json_line,
    licences_of,
)
from backend.formats.losses import Losses
from backend.formats.painting import object_map
from backend.formats.png import ids_png, ids_read
from backend.formats.reading import Reading, ReadObject, ReadPicture, numbered, pixels_region, sized, words
from backend.formats.records import Dataset, ObjectMask, Picture

# What three channels of a pixel hold.
_HIGHEST: Final = 2**24 - 1
# Of a file of JSON; what is larger goes to disk.
_IN_MEMORY: Final = 8 << 20


class CocoPanoptic:
    """One JSON file a split, `annotations/panoptic_<split>.json`, and the PNGs in the folder of that name beside it."""

    name = "coco_panoptic"
    title = "COCO panoptic (JSON, PNG)"
    holds = "Every pixel one object's, for panopticapi, Detectron2 and MMDetection; overlaps are drawn over."
    fields_without_a_place = ()
    has_tags = True

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        for split in dataset.splits:
            folder = f"annotations/panoptic_{split}"
            # A zip takes one file at a time: the JSON waits until all PNGs are in.
            with tempfile.SpooledTemporaryFile(_IN_MEMORY) as rows:
                for line in entries_joined(_segments(dataset.items(split), folder, archive, losses)):
                    rows.write(line.encode())
                rows.seek(0)
                with archive.open(f"{folder}.json") as file:
                    licences = licences_of(dataset.pictures(split), dataset)
                    file.write(json_line(head_entry(dataset, licences, isthing=1))[:-1].encode())
                    file.write(b', "images": [')
                    pictures = dataset.pictures(split)
                    for line in entries_joined(image_entry(one, dataset, licences) for one in pictures):
                        file.write(line.encode())
                    file.write(b'], "annotations": [')
                    shutil.copyfileobj(rows, file)
                    file.write(b"]}\n")

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """Every JSON file whose annotations have `segments_info`; its split is in the file's name."""
        paths = reading.paths()
        maps = defaultdict(list)
        for path in paths:
            maps[PurePosixPath(path).name].append(path)
        for path in paths:
            if not path.lower().endswith(".json"):
                continue
            with reading.row(path):
                document = json.loads(reading.text(path))
                if not isinstance(document, dict) or not _is_panoptic(document.get("annotations")):
                    continue
                names = categories_read(document, path, reading)
                rows = {row["image_id"]: row for row in document["annotations"]}
                split = path.rpartition("_")[2].removesuffix(".json") if "panoptic_" in path else ""
                for image in document["images"]:
                    with reading.row(path, f"image {image.get('id')}"):
                        width, height = sized(image["width"], image["height"])
                        objects: list[ReadObject] = []
                        if (row := rows.get(image["id"])) is not None:
                            with reading.row(path, f"image {image['id']}"):
                                name = str(row["file_name"])
                                found = _map_path(maps[PurePosixPath(name).name], path, name)
                                ids = ids_read(reading.text(found), height=height, width=width)
                                objects = list(_objects(row, ids, names, reading, path))
                        yield ReadPicture(
                            PurePosixPath(str(image["file_name"])).name,
                            width,
                            height,
                            objects,
                            split,
                            number=numbered(image["id"]),
                            sha256=str(image.get("sha256") or ""),
                            tags=words(image.get("tags")),
                        )


def _segments(
    items: Iterator[tuple[Picture, list[ObjectMask]]], folder: str, archive: Archive, losses: Losses
) -> Iterator[dict[str, Any]]:
    """The annotations, a picture each, once its PNG is written."""
    for picture, masks in items:
        seen = object_map(masks, height=picture.height, width=picture.width)
        # Numbers that came with an import may be larger than a pixel holds; an id need be the only one on its picture.
        fits = all(mask.number <= _HIGHEST for mask in masks)
        ids = [mask.number if fits else place for place, mask in enumerate(masks, start=1)]
        archive.write(f"{folder}/{picture.stem}.png", ids_png(np.array([0, *ids], np.int64)[seen]))
        info = []
        for place, (mask, segment_id) in enumerate(zip(masks, ids, strict=True), start=1):
            pixels = seen == place
            losses.compared(mask, pixels)
            if pixels.any():
                region = pixels_region(pixels)
                info.append(
                    {
                        "id": segment_id,
                        "category_id": mask.category_id,
                        "area": region.area,
                        "bbox": list(region.bbox),
                        "iscrowd": 0,
                        "attributes": attributes_entry(mask),
                    }
                )
        yield {"image_id": picture.number, "file_name": f"{picture.stem}.png", "segments_info": info}


def _is_panoptic(annotations: Any) -> bool:
    return isinstance(annotations, list) and any(
        isinstance(row, dict) and "segments_info" in row for row in annotations
    )


def _map_path(called: list[str], path: str, name: str) -> str:
    """Of the files called like it the PNG of an annotation: that in the folder called as the JSON file, else the one.

    Raises InvalidInput `import.no_label_map`.
    """
    beside = f"{path.removesuffix('.json')}/{name}"
    found = [beside] if beside in called else called
    if len(found) != 1:
        raise InvalidInput(f"{len(found)} files are called {name}.", "import.no_label_map")
    return found[0]


def _objects(
    row: dict[str, Any], ids: NDArray[np.int32], names: dict[Any, str], reading: Reading, path: str
) -> Iterator[ReadObject]:
    for segment in row["segments_info"]:
        with reading.row(path, f"image {row['image_id']}, segment {segment.get('id')}"):
            region = pixels_region(ids == segment["id"])
            yield entry_object(segment, names[segment["category_id"]], region)
