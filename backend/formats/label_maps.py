"""Label maps as plain PNGs: each pixel the id of its category, and the number of its object on the image."""

import json
from typing import Final

import numpy as np

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.painting import object_map
from backend.formats.png import grey_png
from backend.formats.records import Dataset, Picture

_HIGHEST: Final = 2**16 - 1


class LabelMaps:
    """16 bits a pixel, so that no project outgrows them; 0 is the background."""

    name = "png"
    title = "PNG label maps (semantic and instance, 16 bit)"
    fields_without_a_place = ("author", "stage", "seconds_spent", "prompts")

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.split}/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        names = {category.category_id: category.name for category in dataset.categories}
        if max(names, default=0) > _HIGHEST:
            raise InvalidInput(
                f"Sixteen bits hold category ids to {_HIGHEST}, the project has {max(names)}.",
                "export.too_many_labels",
            )
        archive.write("categories.json", json.dumps(names, ensure_ascii=False, indent=1))
        for picture, masks in dataset.items():
            seen = object_map(masks, height=picture.height, width=picture.width)
            for place, mask in enumerate(masks, start=1):
                losses.compared(mask, seen == place)
            categories = np.array([0, *(mask.category_id for mask in masks)], np.uint16)
            path = f"{picture.split}/{picture.stem}"
            archive.write(f"semantic/{path}.png", grey_png(categories[seen]))
            archive.write(f"instances/{path}.png", grey_png(seen.astype(np.uint16)))
            objects = [
                {
                    "value": place,
                    "category_id": mask.category_id,
                    "uuid": mask.uuid,
                    "z": mask.z,
                    "attributes": mask.attributes,
                }
                for place, mask in enumerate(masks, start=1)
            ]
            archive.write(f"instances/{path}.json", json.dumps(objects, ensure_ascii=False, allow_nan=False))
