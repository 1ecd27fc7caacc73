"""What COCO's instance and panoptic files have in common: licences, categories, images, and ours in `attributes`."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from backend.formats.reading import Reading, ReadObject, named, numbered
from backend.formats.records import UNLABELLED, Dataset, ObjectMask, Picture
from backend.formats.rle import Region

# What `attributes` hold of an export of ours besides the project's own.
_OURS: Final = (
    *("uuid", "stage", "model", "predicted_iou", "stability_score", "prompts", "author", "seconds_spent"),
    *("revision", "z"),
)


def licences_of(pictures: Iterable[Picture], dataset: Dataset) -> dict[str, int]:
    """The notes of the pictures by the numbers, from 1, by which their entries name them."""
    notes = dict.fromkeys(
        note for picture in pictures if (note := picture.licence_note or dataset.licence_note)
    )
    return {note: number for number, note in enumerate(notes, start=1)}


def head_entry(dataset: Dataset, licences: dict[str, int], **of_category: object) -> dict[str, Any]:
    """All that comes before the images; `of_category` is said of each category too."""
    return {
        "info": {"description": dataset.name, "version": "1.0", "contributor": "", "url": ""},
        "licenses": [{"id": number, "name": note, "url": ""} for note, number in licences.items()],
        "categories": [
            {"id": category.category_id, "name": category.name, "supercategory": category.supercategory}
            | of_category
            for category in dataset.categories
        ],
    }


def image_entry(picture: Picture, dataset: Dataset, licences: dict[str, int]) -> dict[str, Any]:
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


def attributes_entry(mask: ObjectMask) -> dict[str, Any]:
    """What the project's people said of the object, and what we know of it."""
    return {
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
    }


def entry_object(entry: dict[str, Any], label: str, region: Region) -> ReadObject:
    """`attributes` of an export of ours are taken apart again; of others they are the object's."""
    attributes = named(entry.get("attributes"))
    ours = {key: attributes.pop(key, None) for key in _OURS} if "uuid" in attributes else {}
    return ReadObject(
        # Others count categories from 0 as well.
        label=None if (entry["category_id"], label) == (UNLABELLED.category_id, UNLABELLED.name) else label,
        region=region,
        number=numbered(entry.get("id")),
        z=ours.get("z"),
        uuid=ours.get("uuid"),
        attributes=attributes,
        prompts=ours.get("prompts"),
        predicted_iou=ours.get("predicted_iou"),
        stability_score=ours.get("stability_score"),
        stage=ours.get("stage"),
    )


def categories_read(document: Any, path: str, reading: Reading) -> dict[Any, str]:
    """The names by the ids. Raises KeyError where the document lists none."""
    names = {}
    for category in document["categories"]:
        with reading.row(path, f"category {category.get('id')}"):
            supercategory = str(category.get("supercategory") or "")
            name = names[category["id"]] = str(category["name"])
            # Ours for masks that are to be labelled later, of others often a class above the rest: masks make it a label.
            if category["id"] != UNLABELLED.category_id:
                reading.category(name, supercategory)
    return names


def entries_joined(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A list's members as JSON, a line each."""
    separator = "\n"
    for entry in entries:
        yield separator + json_line(entry)
        separator = ",\n"


def json_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
