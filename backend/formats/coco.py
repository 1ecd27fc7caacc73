"""COCO's instance annotations (cocodataset.org, "Data format"): `iscrowd` 0, ids from 1.

RLE by default, which pycocotools reads whatever `iscrowd` says, and which holds every pixel. As polygons each part is one
ring with its holes bridged: what fills by the even-odd rule, as pycocotools does, sees the same pixels.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

from backend.common.errors import ApplicationError, InvalidInput
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
from backend.formats.reading import (
    Reading,
    ReadObject,
    ReadPicture,
    numbered,
    polygons_region,
    runs_region,
    sized,
    words,
)
from backend.formats.records import Dataset, ObjectMask, Picture
from backend.formats.rings import bridged, mask_parts, rings_fill
from backend.formats.rle import Region, region_parse


class Coco:
    """One JSON file a split: `annotations/instances_<split>.json`."""

    fields_without_a_place = ()
    has_tags = True

    def __init__(self, *, has_polygons: bool) -> None:
        self.name = "coco_polygons" if has_polygons else "coco"
        self.title = f"COCO instances ({'polygons' if has_polygons else 'RLE'})"
        self.holds = (
            "Outlines, their holes bridged, for readers of COCO that know polygons only."
            if has_polygons
            else "Everything there is, pixel by pixel, for pycocotools, Detectron2, MMDetection and many more."
        )
        self._has_polygons = has_polygons

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        for split in dataset.splits:
            with archive.open(f"annotations/instances_{split}.json") as file:
                for piece in self.document(dataset, losses, split=split):
                    file.write(piece.encode())

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """Every JSON file with `images` and `annotations`; its split is in the file's name, after the underscore."""
        for path in reading.paths():
            if not path.lower().endswith(".json"):
                continue
            with reading.row(path):
                document = json.loads(reading.text(path))
                if not isinstance(document, dict) or "images" not in document:
                    continue
                objects = _objects_by_image(document, path, reading)
                split = path.rpartition("_")[2].removesuffix(".json") if "instances_" in path else ""
                for image in document["images"]:
                    with reading.row(path, f"image {image.get('id')}"):
                        width, height = sized(image["width"], image["height"])
                        name = PurePosixPath(str(image["file_name"])).name
                        yield ReadPicture(
                            name,
                            width,
                            height,
                            objects.get(image["id"], []),
                            split,
                            number=numbered(image["id"]),
                            sha256=str(image.get("sha256") or ""),
                            tags=words(image.get("tags")),
                        )

    def document(self, dataset: Dataset, losses: Losses, *, split: str | None = None) -> Iterator[str]:
        """The JSON file of a split, or of all, in pieces. Several passes, as images come before their objects: the
        memory of one row suffices."""
        licences = licences_of(dataset.pictures(split), dataset)
        yield json_line(head_entry(dataset, licences))[:-1]
        yield ', "images": ['
        yield from entries_joined(
            image_entry(picture, dataset, licences) for picture in dataset.pictures(split)
        )
        yield '], "annotations": ['
        yield from entries_joined(
            self._annotation(picture, mask, losses)
            for picture, masks in dataset.items(split)
            for mask in masks
        )
        yield "]}\n"

    def _annotation(self, picture: Picture, mask: ObjectMask, losses: Losses) -> dict[str, Any]:
        return {
            "id": mask.number,
            "image_id": picture.number,
            "category_id": mask.category_id,
            "segmentation": self._segmentation(mask, losses),
            "area": mask.area,
            "bbox": list(mask.bbox),
            "iscrowd": 0,
            "attributes": attributes_entry(mask),
        }

    def _segmentation(self, mask: ObjectMask, losses: Losses) -> dict[str, Any] | list[list[int]]:
        if not self._has_polygons:
            losses.kept(mask)
            return {"size": [mask.height, mask.width], "counts": mask.counts}
        rings = [bridged([part]).ravel().tolist() for part in mask_parts(mask.pixels())]
        losses.compared(mask, rings_fill(rings, height=mask.height, width=mask.width))
        return rings


def _objects_by_image(document: Any, path: str, reading: Reading) -> dict[Any, list[ReadObject]]:
    """By the image's id. Raises where the document is not built as COCO's are."""
    names = categories_read(document, path, reading)
    sizes = {}
    for image in document["images"]:
        # What is wrong with it is told where the image itself is read.
        with suppress(ApplicationError, KeyError, ValueError, TypeError):
            sizes[image["id"]] = sized(image["width"], image["height"])
    found: dict[Any, list[ReadObject]] = {}
    for annotation in document["annotations"]:
        with reading.row(path, f"annotation {annotation.get('id')}"):
            width, height = sizes[annotation["image_id"]]
            region = segmentation_region(annotation["segmentation"], height=height, width=width)
            found.setdefault(annotation["image_id"], []).append(
                entry_object(annotation, names[annotation["category_id"]], region)
            )
    return found


def segmentation_region(segmentation: Any, *, height: int, width: int) -> Region:
    """Of COCO's three ways: compressed counts, a list of runs, a list of polygons, whatever `iscrowd` says.

    Raises InvalidInput where it is none of them or of another size.
    """
    if isinstance(segmentation, list):
        return polygons_region(segmentation, height=height, width=width)
    if list(segmentation["size"]) != [height, width]:
        raise InvalidInput(
            f"The mask is of {segmentation['size']}, the image of {[height, width]}.", "mask.wrong_size"
        )
    counts = segmentation["counts"]
    if isinstance(counts, list):
        return runs_region(counts, height=height, width=width)
    return region_parse(counts, height=height, width=width)
