"""YOLO's segments (Ultralytics, "Instance Segmentation Datasets"): a text file an image, a line an object.

A line is the class and one closed ring, x and y in shares of the image's sides; parts and holes are joined to one ring by
lines without a width. Classes count from 0 in the order of the categories, whichever of them occur.
"""

import json

import numpy as np

from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.records import Dataset, ObjectMask, Picture
from backend.formats.rings import bridged, mask_parts, rings_fill


class Yolo:
    name = "yolo"
    title = "YOLO segmentation (text, data.yaml)"
    fields_without_a_place = ("attributes", "z", "author", "stage", "seconds_spent", "prompts", "uuid")

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.split}/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        class_of = {category.category_id: place for place, category in enumerate(dataset.categories)}
        archive.write("data.yaml", _yaml(dataset))
        for picture, masks in dataset.items():
            lines = [f"{class_of[mask.category_id]} {_ring(mask, losses)}\n" for mask in masks]
            archive.write(f"labels/{picture.split}/{picture.stem}.txt", "".join(lines))


def _ring(mask: ObjectMask, losses: Losses) -> str:
    ring = bridged(mask_parts(mask.pixels()))
    sides = np.array([mask.width, mask.height])
    # Nine digits: an error of a ten-thousandth of a pixel in the largest picture.
    words = [f"{share:.9g}" for share in (ring / sides).ravel()]
    read = np.array([float(word) for word in words]).reshape(-1, 2) * sides
    losses.compared(mask, rings_fill([read.ravel()], height=mask.height, width=mask.width))
    return " ".join(words)


def _yaml(dataset: Dataset) -> str:
    """A JSON string is a YAML string."""
    lines = ["path: .\n"]
    # A validation set is asked for by every trainer; without one it is what is trained on.
    for key in ("train", "val", "test"):
        split = key if key in dataset.splits else dataset.splits[0]
        if key != "test" or split == key:
            lines.append(f"{key}: images/{split}\n")
    lines.append("names:\n")
    for place, category in enumerate(dataset.categories):
        lines.append(f"  {place}: {json.dumps(category.name, ensure_ascii=False)}\n")
    return "".join(lines)
