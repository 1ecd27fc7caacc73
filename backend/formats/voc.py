"""Pascal VOC (development kit of VOC2012): palette PNGs of classes and of objects, boxes as XML.

A pixel is one object's, so overlapping objects lose what is hidden. The line of 255 that VOC draws around objects is left
out: it would take pixels from every object.
"""

from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.painting import object_map
from backend.formats.png import palette_png, voc_palette
from backend.formats.records import Dataset, ObjectMask, Picture

# 0 is the background, 255 what nobody says anything about.
_HIGHEST: Final = 254


class Voc:
    name = "voc"
    title = "Pascal VOC segmentation (PNG, XML)"
    fields_without_a_place = ("attributes", "z", "author", "stage", "seconds_spent", "prompts", "uuid")

    def picture_path(self, picture: Picture) -> str:
        return f"JPEGImages/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        """Raises InvalidInput `export.too_many_labels` where the palette has no place for all."""
        if len(dataset.categories) > _HIGHEST:
            raise InvalidInput(
                f"Pascal VOC holds {_HIGHEST} labels, the project has {len(dataset.categories)}.",
                "export.too_many_labels",
            )
        palette = voc_palette()
        class_of = {category.category_id: place for place, category in enumerate(dataset.categories, start=1)}
        names = ["background", *(category.name for category in dataset.categories)]
        lines = (f"{name}:{','.join(map(str, palette[place]))}::\n" for place, name in enumerate(names))
        archive.write("labelmap.txt", "# label:color_rgb:parts:actions\n" + "".join(lines))
        stems: dict[str, list[str]] = {split: [] for split in dataset.splits}
        for picture, masks in dataset.items():
            stems[picture.split].append(picture.stem)
            # The palette has no place for more: the uppermost are kept.
            drawn = masks[-_HIGHEST:]
            seen = object_map(drawn, height=picture.height, width=picture.width)
            for place, mask in enumerate(drawn, start=1):
                losses.compared(mask, seen == place)
            for mask in masks[:-_HIGHEST]:
                losses.compared(mask, np.zeros((picture.height, picture.width), bool))
            classes = np.array([0, *(class_of[mask.category_id] for mask in drawn)], np.uint8)
            archive.write(f"SegmentationClass/{picture.stem}.png", palette_png(classes[seen], palette))
            archive.write(
                f"SegmentationObject/{picture.stem}.png", palette_png(seen.astype(np.uint8), palette)
            )
            archive.write(f"Annotations/{picture.stem}.xml", _boxes(picture, masks, dataset))
        for split, listed in stems.items():
            archive.write(f"ImageSets/Segmentation/{split}.txt", "".join(f"{stem}\n" for stem in listed))


def _boxes(picture: Picture, masks: list[ObjectMask], dataset: Dataset) -> bytes:
    """VOC counts pixels from 1 and names the last one that belongs to the box."""
    root = Element("annotation")
    _texts(root, folder="JPEGImages", filename=picture.name)
    _texts(SubElement(root, "size"), width=picture.width, height=picture.height, depth=3)
    _texts(root, segmented=1)
    for mask in masks:
        x, y, width, height = mask.bbox
        entry = SubElement(root, "object")
        _texts(entry, name=dataset.category(mask.category_id).name, pose="Unspecified")
        is_cut = x == 0 or y == 0 or x + width == picture.width or y + height == picture.height
        _texts(entry, truncated=int(is_cut), difficult=0)
        box = SubElement(entry, "bndbox")
        _texts(box, xmin=x + 1, ymin=y + 1, xmax=x + width, ymax=y + height)
    indent(root)
    return bytes(tostring(root, encoding="utf-8"))


def _texts(parent: Element, **values: object) -> None:
    for name, value in values.items():
        SubElement(parent, name).text = str(value)
