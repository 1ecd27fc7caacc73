"""COCO's instance annotations (cocodataset.org, "Data format"): `iscrowd` 0, ids from 1.

RLE by default, which pycocotools reads whatever `iscrowd` says, and which holds every pixel. As polygons each part is one
ring with its holes bridged: what fills by the even-odd rule, as pycocotools does, sees the same pixels.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any, Final

from backend.common.errors import ApplicationError, InvalidInput
from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.reading import (
    Reading,
    ReadObject,
    ReadPicture,
    named,
    numbered,
    polygons_region,
    runs_region,
    sized,
    words,
)
from backend.formats.records import Dataset, ObjectMask, Picture
from backend.formats.rings import bridged, mask_parts, rings_fill
from backend.formats.rle import Region, region_parse

# What `attributes` hold of an export of ours besides the project's own.
_OURS: Final = (
    *("uuid", "stage", "model", "predicted_iou", "stability_score", "prompts", "author", "seconds_spent"),
    *("revision", "z"),
)


class Coco:
    """One JSON file a split: `annotations/instances_<split>.json`."""

    passes = 3
    passes_by_split = True
    fields_without_a_place = ()

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

        def items() -> Iterator[tuple[Picture, list[ObjectMask]]]:
            return (item for item in dataset.items() if split in (None, item[0].split))

        notes = dict.fromkeys(
            note for picture, _ in items() if (note := picture.licence_note or dataset.licence_note)
        )
        licences = {note: number for number, note in enumerate(notes, start=1)}
        head = {
            "info": {"description": dataset.name, "version": "1.0", "contributor": "", "url": ""},
            "licenses": [{"id": number, "name": note, "url": ""} for note, number in licences.items()],
            "categories": [
                {"id": category.category_id, "name": category.name, "supercategory": category.supercategory}
                for category in dataset.categories
            ],
        }
        yield _json(head)[:-1]
        yield ', "images": ['
        yield from _joined(_image(picture, dataset, licences) for picture, _ in items())
        yield '], "annotations": ['
        yield from _joined(
            self._annotation(picture, mask, losses) for picture, masks in items() for mask in masks
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
            "attributes": {
                **mask.attributes,
                "uuid": mask.uuid,
                "stage": mask.stage,
                "model": mask.model,
                "predicted_iou": mask.predicted_iou,
                "stability_score": mask.stability_score,
                "prompts": mask.prompts,
                "author": mask.author,
                "seconds_spent": mask.seconds_spent,
                "revision": mask.revision,
                "z": mask.z,
            },
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
    names = {}
    for category in document["categories"]:
        with reading.row(path, f"category {category.get('id')}"):
            supercategory = str(category.get("supercategory") or "")
            names[category["id"]] = reading.category(str(category["name"]), supercategory)
    sizes = {}
    for image in document["images"]:
        # What is wrong with it is told where the image itself is read.
        with suppress(ApplicationError, KeyError, ValueError, TypeError):
            sizes[image["id"]] = sized(image["width"], image["height"])
    found: dict[Any, list[ReadObject]] = {}
    for annotation in document["annotations"]:
        with reading.row(path, f"annotation {annotation.get('id')}"):
            width, height = sizes[annotation["image_id"]]
            found.setdefault(annotation["image_id"], []).append(
                _object(annotation, names[annotation["category_id"]], height, width)
            )
    return found


def _object(annotation: dict[str, Any], label: str, height: int, width: int) -> ReadObject:
    """`attributes` of an export of ours are taken apart again; of others they are the object's."""
    attributes = named(annotation.get("attributes"))
    ours = {key: attributes.pop(key, None) for key in _OURS} if "uuid" in attributes else {}
    return ReadObject(
        # Category 0 is what an export of ours calls masks that are to be labelled later.
        label=label if annotation["category_id"] != 0 else None,
        region=segmentation_region(annotation["segmentation"], height=height, width=width),
        number=numbered(annotation.get("id")),
        z=ours.get("z"),
        uuid=ours.get("uuid"),
        attributes=attributes,
        prompts=ours.get("prompts"),
        predicted_iou=ours.get("predicted_iou"),
        stability_score=ours.get("stability_score"),
        stage=ours.get("stage"),
    )


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


def _image(picture: Picture, dataset: Dataset, licences: dict[str, int]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": picture.number,
        "file_name": picture.name,
        "width": picture.width,
        "height": picture.height,
        "date_captured": "",
        "sha256": picture.sha256,
    }
    if picture.tags:
        entry["tags"] = list(picture.tags)
    note = picture.licence_note or dataset.licence_note
    return entry | {"license": licences[note]} if note else entry


def _joined(entries: Iterator[dict[str, Any]]) -> Iterator[str]:
    separator = "\n"
    for entry in entries:
        yield separator + _json(entry)
        separator = ",\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
