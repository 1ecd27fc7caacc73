"""COCO's instance annotations (cocodataset.org, "Data format"): `iscrowd` 0, ids from 1.

RLE by default, which pycocotools reads whatever `iscrowd` says, and which holds every pixel. As polygons each part is one
ring with its holes bridged: what fills by the even-odd rule, as pycocotools does, sees the same pixels.
"""

import json
from collections.abc import Iterator
from typing import IO, Any

from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.records import Dataset, ObjectMask, Picture
from backend.formats.rings import bridged, mask_parts, rings_fill


class Coco:
    """One JSON file a split: `annotations/instances_<split>.json`."""

    fields_without_a_place = ()

    def __init__(self, *, has_polygons: bool) -> None:
        self.name = "coco_polygons" if has_polygons else "coco"
        self.title = f"COCO instances ({'polygons' if has_polygons else 'RLE'})"
        self._has_polygons = has_polygons

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        for split in dataset.splits:
            with archive.open(f"annotations/instances_{split}.json") as file:
                self._document(dataset, split, file, losses)

    def _document(self, dataset: Dataset, split: str, file: IO[bytes], losses: Losses) -> None:
        """Two passes, as images come before their objects; the memory of one row suffices."""
        pictures = (picture for picture, _ in dataset.items() if picture.split == split)
        notes = dict.fromkeys(
            note for picture, _ in dataset.items() if (note := picture.licence_note or dataset.licence_note)
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
        file.write(_json(head)[:-1].encode())
        file.write(b', "images": [')
        _write_joined(file, (_image(picture, dataset, licences) for picture in pictures))
        file.write(b'], "annotations": [')
        _write_joined(
            file,
            (
                self._annotation(picture, mask, losses)
                for picture, masks in dataset.items()
                if picture.split == split
                for mask in masks
            ),
        )
        file.write(b"]}\n")

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


def _image(picture: Picture, dataset: Dataset, licences: dict[str, int]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": picture.number,
        "file_name": picture.name,
        "width": picture.width,
        "height": picture.height,
        "date_captured": "",
        "sha256": picture.sha256,
    }
    note = picture.licence_note or dataset.licence_note
    return entry | {"license": licences[note]} if note else entry


def _write_joined(file: IO[bytes], entries: Iterator[dict[str, Any]]) -> None:
    separator = "\n"
    for entry in entries:
        file.write((separator + _json(entry)).encode())
        separator = ",\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
