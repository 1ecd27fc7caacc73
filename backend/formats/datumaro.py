"""Datumaro's JSON, one file a subset: masks as COCO's RLE."""

import json

from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.records import Dataset, ObjectMask, Picture


class Datumaro:
    name = "datumaro"
    title = "Datumaro (JSON, RLE)"
    fields_without_a_place = ()

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.split}/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        class_of = {category.category_id: place for place, category in enumerate(dataset.categories)}
        labels = [
            {"name": category.name, "parent": category.supercategory, "attributes": []}
            for category in dataset.categories
        ]
        head = {
            "dm_format_version": "1.0",
            "infos": {"name": dataset.name, "description": dataset.description},
            "categories": {"label": {"labels": labels, "attributes": []}},
        }
        for split in dataset.splits:
            with archive.open(f"annotations/{split}.json") as file:
                file.write(_json(head)[:-1].encode() + b', "items": [')
                separator = "\n"
                for picture, masks in dataset.items():
                    if picture.split != split:
                        continue
                    for mask in masks:
                        losses.kept(mask)
                    annotations = [_annotation(mask, class_of[mask.category_id]) for mask in masks]
                    item = {
                        "id": picture.stem,
                        "annotations": annotations,
                        "image": {"path": picture.name, "size": [picture.height, picture.width]},
                    }
                    file.write((separator + _json(item)).encode())
                    separator = ",\n"
                file.write(b"]}\n")


def _annotation(mask: ObjectMask, label: int) -> dict[str, object]:
    return {
        "id": mask.number,
        "type": "mask",
        "label_id": label,
        "group": mask.number,
        "z_order": mask.z,
        "attributes": {**mask.attributes, "uuid": mask.uuid, "stage": mask.stage, "author": mask.author},
        "rle": {"size": [mask.height, mask.width], "counts": mask.counts},
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
