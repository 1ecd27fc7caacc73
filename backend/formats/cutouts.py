"""Each object cut out of its photograph: an RGBA PNG of its box, clear around the object, and a list of where it was."""

import shutil
import tempfile
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from PIL import Image

from backend.formats.archive import Archive
from backend.formats.coco_entries import entries_joined, json_line
from backend.formats.losses import Losses
from backend.formats.png import png_bytes
from backend.formats.records import Dataset, ObjectMask, Picture

# Of the list; what is larger goes to disk.
_IN_MEMORY: Final = 8 << 20


class Cutouts:
    """Needs the pictures, and leaves out those that cannot be read."""

    name = "cutouts"
    title = "Cut-outs (RGBA PNG an object)"
    holds = "Each object alone on a transparent ground, cut out of its photograph."
    fields_without_a_place = ("attributes", "z", "author", "stage", "seconds_spent", "prompts")
    has_tags = False

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        # A zip takes one file at a time: the list waits until all cut-outs are in.
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as rows:
            for line in entries_joined(_cutouts(dataset, archive, losses)):
                rows.write(line.encode())
            rows.seek(0)
            names = {category.category_id: category.name for category in dataset.categories}
            with archive.open("cutouts.json") as file:
                file.write(json_line({"categories": names})[:-1].encode() + b', "cutouts": [')
                shutil.copyfileobj(rows, file)
                file.write(b"]}\n")


def _cutouts(dataset: Dataset, archive: Archive, losses: Losses) -> Iterator[dict[str, Any]]:
    """What the list says of each, once its PNG is written: where it lies, and what it was of which picture."""
    for picture, masks in dataset.items():
        if not masks or picture.open is None:
            continue
        with picture.open() as file, Image.open(file) as opened:
            photograph = np.asarray(opened.convert("RGB"))
        for mask in masks:
            losses.kept(mask)
            path = f"{mask.category_id}/{picture.stem}-{mask.number}.png"
            archive.write(path, _cut(photograph, mask))
            yield {
                "file": path,
                "picture": picture.name,
                "size": [picture.height, picture.width],
                "bbox": list(mask.bbox),
                "category_id": mask.category_id,
                "uuid": mask.uuid,
            }


def _cut(photograph: np.ndarray, mask: ObjectMask) -> bytes:
    x, y, width, height = mask.bbox
    alpha = mask.crop().astype(np.uint8) * 255
    return png_bytes(Image.fromarray(np.dstack((photograph[y : y + height, x : x + width], alpha))))
