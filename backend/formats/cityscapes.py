"""Cityscapes' fine annotations: colours, label ids and instance ids as PNGs, by split and city."""

from typing import Final

import numpy as np

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.painting import object_map
from backend.formats.png import grey_png, hex_color, palette_png
from backend.formats.records import Dataset, Picture

# An instance is a thousand times its class and its number: sixteen bits hold as many classes.
_CLASSES: Final = 64
_CITY: Final = "project"


class Cityscapes:
    name = "cityscapes"
    title = "Cityscapes (PNG)"
    holds = "Label, instance and colour maps in Cityscapes' folders; overlaps are drawn over."
    fields_without_a_place = ("attributes", "z", "author", "stage", "seconds_spent", "prompts", "uuid")
    has_tags = False

    def picture_path(self, picture: Picture) -> str:
        return f"leftImg8bit/{picture.split}/{_CITY}/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        """Raises InvalidInput `export.too_many_labels`."""
        if len(dataset.categories) > _CLASSES:
            raise InvalidInput(
                f"Cityscapes' instance ids hold {_CLASSES} labels, the project has {len(dataset.categories)}.",
                "export.too_many_labels",
            )
        class_of = {category.category_id: place for place, category in enumerate(dataset.categories, start=1)}
        palette = [(0, 0, 0), *(hex_color(category.color) for category in dataset.categories)]
        lines = (
            f"{','.join(map(str, hex_color(category.color)))} {category.name}\n"
            for category in dataset.categories
        )
        archive.write("label_color.txt", "0,0,0 background\n" + "".join(lines))
        for picture, masks in dataset.items():
            instance_of, taken = [0], [0] * (_CLASSES + 1)
            drawn = []
            for mask in masks:
                label = class_of[mask.category_id]
                if taken[label] == 1000:
                    losses.compared(mask, np.zeros((picture.height, picture.width), bool))
                    continue
                instance_of.append(label * 1000 + taken[label])
                taken[label] += 1
                drawn.append(mask)
            seen = object_map(drawn, height=picture.height, width=picture.width)
            for place, mask in enumerate(drawn, start=1):
                losses.compared(mask, seen == place)
            instances = np.array(instance_of, np.uint16)[seen]
            classes = (instances // 1000).astype(np.uint8)
            path = f"gtFine/{picture.split}/{_CITY}/{picture.stem}_gtFine"
            archive.write(f"{path}_color.png", palette_png(classes, palette))
            archive.write(
                f"{path}_labelIds.png", palette_png(classes, [(value, value, value) for value in range(256)])
            )
            archive.write(f"{path}_instanceIds.png", grey_png(instances))
