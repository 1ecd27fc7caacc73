"""LabelMe's JSON, a file an image beside it: each object two corners and a PNG of what is between them."""

import base64
import io
import json

import numpy as np
from PIL import Image

from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.records import Dataset, ObjectMask, Picture

_VERSION = "5.5.0"


class LabelMe:
    name = "labelme"
    title = "LabelMe (one JSON an image, masks)"
    fields_without_a_place = ("author", "stage", "seconds_spent", "prompts")

    def picture_path(self, picture: Picture) -> str:
        return picture.name

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        for picture, masks in dataset.items():
            for mask in masks:
                losses.kept(mask)
            document = {
                "version": _VERSION,
                "flags": {},
                "shapes": [_shape(mask, dataset.category(mask.category_id).name) for mask in masks],
                "imagePath": picture.name,
                "imageData": None,
                "imageHeight": picture.height,
                "imageWidth": picture.width,
            }
            archive.write(f"{picture.stem}.json", json.dumps(document, ensure_ascii=False, allow_nan=False))


def _shape(mask: ObjectMask, label: str) -> dict[str, object]:
    x, y, width, height = mask.bbox
    buffer = io.BytesIO()
    Image.fromarray(mask.crop().astype(np.uint8) * 255).save(buffer, "PNG")
    return {
        "label": label,
        # Of the first and of the last pixel: LabelMe counts both in.
        "points": [[x, y], [x + width - 1, y + height - 1]],
        "group_id": None,
        "description": "",
        "shape_type": "mask",
        "flags": {},
        "mask": base64.b64encode(buffer.getvalue()).decode(),
        "uuid": mask.uuid,
        "z": mask.z,
        "attributes": mask.attributes,
    }
