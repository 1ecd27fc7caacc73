"""SA-1B's JSON, one file an image (Segment Anything, README of the data set): masks without classes.

A box is [x, y, width, height] with the width last column - first column, one less than its pixels: SA-1B's are made like
that (`batched_mask_to_box` of the published code).
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from backend.formats.archive import Archive
from backend.formats.coco import segmentation_region
from backend.formats.losses import Losses
from backend.formats.reading import Reading, ReadObject, ReadPicture, numbered, sized, words
from backend.formats.records import Dataset, ObjectMask, Picture

# What releases say where no model said anything: readers of SA-1B expect a number, and this is no IoU.
UNKNOWN: Final = -1.0


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
            archive.write(f"{picture.stem}.json", sa1b_json(picture, masks))

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


def sa1b_json(picture: Picture, masks: Sequence[ObjectMask], *, unknown: float | None = None) -> str:
    """The text of one image's file. `unknown` is written where a mask has no predicted IoU or stability score."""
    image = {
        "image_id": picture.number,
        "width": picture.width,
        "height": picture.height,
        "file_name": picture.name,
        **({"tags": list(picture.tags)} if picture.tags else {}),
    }
    document = {"image": image, "annotations": [_annotation(mask, unknown) for mask in masks]}
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _object(entry: dict[str, Any], height: int, width: int) -> ReadObject:
    points = [[float(x), float(y), 1] for x, y in entry.get("point_coords") or ()]
    return ReadObject(
        label=None,
        region=segmentation_region(entry["segmentation"], height=height, width=width),
        number=numbered(entry.get("id")),
        prompts={"points": points, "box": None, "candidate": 0} if points else None,
        predicted_iou=_known(entry.get("predicted_iou")),
        stability_score=_known(entry.get("stability_score")),
    )


def _known(value: float | None) -> float | None:
    return None if value == UNKNOWN else value


def _annotation(mask: ObjectMask, unknown: float | None) -> dict[str, object]:
    x, y, width, height = mask.bbox
    points = [[x, y] for x, y, label in mask.prompts.get("points", ()) if label == 1]
    return {
        "id": mask.number,
        "segmentation": {"size": [mask.height, mask.width], "counts": mask.counts},
        "bbox": [x, y, width - 1, height - 1],
        "area": mask.area,
        "predicted_iou": unknown if mask.predicted_iou is None else mask.predicted_iou,
        "stability_score": unknown if mask.stability_score is None else mask.stability_score,
        # All of the image where people made the mask.
        "crop_box": list(mask.crop_box or (0, 0, mask.width, mask.height)),
        "point_coords": points,
    }
