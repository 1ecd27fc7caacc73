"""COCO's instance annotations (cocodataset.org, "Data format"): RLE segmentations, `iscrowd` 0, ids from 1."""

import json
from collections.abc import Iterator
from typing import Any

from backend.export.records import ImageRecord, MaskRecord, ProjectRecords


class CocoFormat:
    """Writes the file piece by piece: a project of any size needs the memory of one row."""

    name = "coco"
    label = "COCO instances (JSON, RLE)"
    extension = "json"
    media_type = "application/json"

    def write(self, records: ProjectRecords) -> Iterator[str]:
        """The JSON document in pieces; the same rows give the same bytes."""
        info = {"description": records.name, "version": "1.0", "contributor": "", "url": ""}
        notes = dict.fromkeys(
            filter(None, [records.licence_note, *(i.licence_note for i in records.images())])
        )
        licences = {note: number for number, note in enumerate(notes, start=1)}
        yield '{"info": ' + _json(info)
        yield ', "licenses": ' + _json([{"id": i, "name": note, "url": ""} for note, i in licences.items()])
        yield ', "categories": ' + _json(
            [
                {"id": category.category_id, "name": category.name, "supercategory": category.supercategory}
                for category in records.categories
            ]
        )
        yield ', "images": ['
        yield from _joined(_image(image, records, licences) for image in records.images())
        yield '], "annotations": ['
        yield from _joined(_annotation(mask) for mask in records.masks())
        yield "]}\n"


def _image(image: ImageRecord, records: ProjectRecords, licences: dict[str, int]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": image.number,
        "file_name": image.file_name,
        "width": image.width,
        "height": image.height,
        "date_captured": "",
        "sha256": image.sha256,
    }
    note = image.licence_note or records.licence_note
    return entry | {"license": licences[note]} if note in licences else entry


def _annotation(mask: MaskRecord) -> dict[str, Any]:
    return {
        "id": mask.number,
        "image_id": mask.image_number,
        "category_id": mask.category_id,
        "segmentation": {"size": [mask.height, mask.width], "counts": mask.counts},
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


def _joined(entries: Iterator[dict[str, Any]]) -> Iterator[str]:
    separator = "\n"
    for entry in entries:
        yield separator + _json(entry)
        separator = ",\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
