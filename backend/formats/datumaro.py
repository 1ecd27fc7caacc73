"""Datumaro's JSON, one file a subset: masks as COCO's RLE."""

import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.coco import segmentation_region
from backend.formats.losses import Losses
from backend.formats.reading import (
    Reading,
    ReadObject,
    ReadPicture,
    named,
    numbered,
    polygons_region,
    sized,
    words,
)
from backend.formats.records import Dataset, ObjectMask, Picture


class Datumaro:
    name = "datumaro"
    title = "Datumaro (JSON, RLE)"
    holds = "Everything there is, pixel by pixel, for Datumaro and OpenVINO's tools."
    fields_without_a_place = ()
    has_tags = True

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
                for picture, masks in dataset.items(split):
                    for mask in masks:
                        losses.kept(mask)
                    annotations = [_annotation(mask, class_of[mask.category_id]) for mask in masks]
                    item = {
                        "id": picture.stem,
                        "attr": {"id": picture.number}
                        | ({"tags": list(picture.tags)} if picture.tags else {}),
                        "annotations": annotations,
                        "image": {"path": picture.name, "size": [picture.height, picture.width]},
                    }
                    file.write((separator + _json(item)).encode())
                    separator = ",\n"
                file.write(b"]}\n")

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """Every JSON file with `items`; the subset is the file's name. Polygons of one group are one object."""
        for path in reading.paths():
            if not path.lower().endswith(".json"):
                continue
            with reading.row(path):
                document = json.loads(reading.text(path))
                labels = [
                    reading.category(str(label["name"]), str(label.get("parent") or ""))
                    for label in document["categories"]["label"]["labels"]
                ]
                for item in document["items"]:
                    with reading.row(path, f"item {item.get('id')}"):
                        height, width = item["image"]["size"]
                        width, height = sized(width, height)
                        name = PurePosixPath(item["image"].get("path") or item["id"]).name
                        objects = list(_objects(item["annotations"], labels, reading, path, height, width))
                        said = named(item.get("attr"))
                        yield ReadPicture(
                            name,
                            width,
                            height,
                            objects,
                            PurePosixPath(path).stem,
                            number=numbered(said.get("id")),
                            tags=words(said.get("tags")),
                        )


def _objects(
    annotations: list[dict[str, Any]], labels: list[str], reading: Reading, path: str, height: int, width: int
) -> Iterator[ReadObject]:
    groups: dict[object, list[dict[str, Any]]] = {}
    for place, annotation in enumerate(annotations):
        group = annotation.get("group") if annotation.get("type") == "polygon" else None
        groups.setdefault(group or ("alone", place), []).append(annotation)
    for members in groups.values():
        first = members[0]
        with reading.row(path, f"annotation {first.get('id')}"):
            attributes = named(first.get("attributes"))
            ours = {key: attributes.pop(key, None) for key in ("uuid", "stage", "author")}
            if first["type"] == "mask":
                region = segmentation_region(first["rle"], height=height, width=width)
            elif first["type"] == "polygon":
                polygons = [member["points"] for member in members]
                region = polygons_region(polygons, height=height, width=width)
            else:
                raise InvalidInput(f"A {first['type']} is no mask.", "import.shape_unknown")
            yield ReadObject(
                label=labels[first["label_id"]] if first.get("label_id") is not None else None,
                region=region,
                number=numbered(first.get("id")),
                z=first.get("z_order"),
                uuid=ours["uuid"],
                stage=ours["stage"],
                attributes=attributes,
            )


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
