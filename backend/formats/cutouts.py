"""Each object cut out of its photograph: an RGBA PNG of its box, clear where the object is not."""

import numpy as np
from PIL import Image

from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.png import png_bytes
from backend.formats.records import Dataset, ObjectMask, Picture


class Cutouts:
    """Needs the pictures, and leaves out those that cannot be read."""

    name = "cutouts"
    title = "Cut-outs (RGBA PNG an object)"
    holds = "Each object alone on a transparent ground, cut out of its photograph."
    fields_without_a_place = ("attributes", "z", "author", "stage", "seconds_spent", "prompts")

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        for picture, masks in dataset.items():
            if not masks or picture.open is None:
                continue
            with picture.open() as file, Image.open(file) as opened:
                photograph = np.asarray(opened.convert("RGB"))
            for mask in masks:
                losses.kept(mask)
                category = dataset.category(mask.category_id)
                path = f"{category.category_id}/{picture.stem}-{mask.number}.png"
                archive.write(path, _cut(photograph, mask))


def _cut(photograph: np.ndarray, mask: ObjectMask) -> bytes:
    x, y, width, height = mask.bbox
    alpha = mask.crop().astype(np.uint8) * 255
    return png_bytes(Image.fromarray(np.dstack((photograph[y : y + height, x : x + width], alpha))))
