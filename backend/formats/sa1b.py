"""SA-1B's JSON, one file an image (Segment Anything, README of the data set): masks without classes."""

import json
from collections.abc import Iterator
from typing import Any

from backend.formats.archive import Archive
from backend.formats.coco import segmentation_region
from backend.formats.losses import Losses
from backend.formats.reading import Reading, ReadObject, ReadPicture, numbered, sized, words
from backend.formats.records import Dataset, ObjectMask, Picture


class Sa1b:
    """What a mask made by hand has no value for is told by what was last known of it, else by null."""

    name = "sa1b"
    title = "SA-1B (one JSON an image)"
    holds = "Masks without names, a JSON beside each picture, as SAM's own data set has them."
    fields_without_a_place = ("label", "attributes", "z", "author", "stage", "seconds_spent")
    has_tags = True

    def picture_path(self, picture: Picture) -> str:
        return picture.name

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        for picture, masks in dataset.items():
            for mask in masks:
                losses.kept(mask)
            document = {
                "image": {
                    "image_id": picture.number,
                    "width": picture.width,
                    "height": picture.height,
                    "file_name": picture.name,
                    **({"tags": list(picture.tags)} if picture.tags else {}),
                },
                "annotations": [_annotation(mask) for mask in masks],
            }
            archive.write(f"{picture.stem}.json", json.dumps(document, ensure_ascii=False, allow_nan=False))

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """Every JSON file with an `image`; its masks are to be labelled later."""
        for path in reading.paths():
            if not path.lower().endswith(".json"):
                continue
            with reading.row(path):
                document = json.loads(reading.text(path))
                image = document["image"]
                width, height = sized(image["width"], image["height"])
                objects = []
                for entry in document["annotations"]:
                    with reading.row(path, f"annotation {entry.get('id')}"):
                        objects.append(_object(entry, height, width))
                number = numbered(image.get("image_id"))
                tags = words(image.get("tags"))
                yield ReadPicture(str(image["file_name"]), width, height, objects, number=number, tags=tags)


def _object(entry: dict[str, Any], height: int, width: int) -> ReadObject:
    points = [[float(x), float(y), 1] for x, y in entry.get("point_coords") or ()]
    return ReadObject(
        label=None,
        region=segmentation_region(entry["segmentation"], height=height, width=width),
        number=numbered(entry.get("id")),
        prompts={"points": points, "box": None, "candidate": 0} if points else None,
        predicted_iou=entry.get("predicted_iou"),
        stability_score=entry.get("stability_score"),
    )


def _annotation(mask: ObjectMask) -> dict[str, object]:
    points = [[x, y] for x, y, label in mask.prompts.get("points", ()) if label == 1]
    return {
        "id": mask.number,
        "segmentation": {"size": [mask.height, mask.width], "counts": mask.counts},
        "bbox": list(mask.bbox),
        "area": mask.area,
        "predicted_iou": mask.predicted_iou,
        "stability_score": mask.stability_score,
        # All of the image where people made the mask.
        "crop_box": list(mask.crop_box or (0, 0, mask.width, mask.height)),
        "point_coords": points,
    }
