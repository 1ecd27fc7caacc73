"""Pascal VOC (development kit of VOC2012): palette PNGs of classes and of objects, boxes as XML.

A pixel is one object's, so overlapping objects lose what is hidden. The line of 255 that VOC draws around objects is left
out: it would take pixels from every object.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring  # nosec B405 # read by `xml_root` alone

import numpy as np

from backend.common.errors import InvalidInput
from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.painting import object_map
from backend.formats.png import palette_png, values_read, voc_palette
from backend.formats.reading import Reading, ReadObject, ReadPicture, pixels_region
from backend.formats.records import Dataset, ObjectMask, Picture

# 0 is the background, 255 what nobody says anything about.
_HIGHEST: Final = 254
_ROOM: Final = "SegmentationClass"
# Of the challenge itself, whose folders have no file that says so.
_VOC_LABELS: Final = (
    *(
        "aeroplane",
        "bicycle",
        "bird",
        "boat",
        "bottle",
        "bus",
        "car",
        "cat",
        "chair",
        "cow",
        "diningtable",
        "dog",
    ),
    *("horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"),
)


class Voc:
    name = "voc"
    title = "Pascal VOC segmentation (PNG, XML)"
    holds = "Colour maps of classes and of objects, and XML with boxes."
    fields_without_a_place = ("attributes", "z", "author", "stage", "seconds_spent", "prompts", "uuid")
    has_tags = False

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

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """The pairs of SegmentationClass and SegmentationObject. 255 is nobody's."""
        paths = reading.paths()
        classes = {PurePosixPath(path).stem: path for path in paths if _ROOM in PurePosixPath(path).parts}
        names = _names(reading, paths)
        splits = _splits(reading, paths)
        pictures = {
            PurePosixPath(p).stem: PurePosixPath(p).name
            for p in paths
            if "JPEGImages" in PurePosixPath(p).parts
        }
        for path in paths:
            stem = PurePosixPath(path).stem
            if "SegmentationObject" not in PurePosixPath(path).parts:
                continue
            with reading.row(path):
                objects, labels = values_read(reading.text(path)), values_read(reading.text(classes[stem]))
                if objects.shape != labels.shape:
                    raise InvalidInput("Its classes and its objects differ in size.", "mask.wrong_size")
                found = []
                for value in np.unique(objects[(objects > 0) & (objects <= _HIGHEST)]).tolist():
                    with reading.row(path, f"object {value}"):
                        pixels = objects == value
                        label = int(np.bincount(labels[pixels]).argmax())
                        found.append(
                            ReadObject(label=names.get(label, str(label)), region=pixels_region(pixels))
                        )
                height, width = objects.shape
                yield ReadPicture(pictures.get(stem, stem), width, height, found, splits.get(stem, ""))


def _names(reading: Reading, paths: list[str]) -> dict[int, str]:
    """The labels by their values, by the file of ours and CVAT's: a line each, `name:colour:parts:actions`."""
    for path in paths:
        if PurePosixPath(path).name != "labelmap.txt":
            continue
        with reading.row(path):
            lines = [line for line in reading.text(path).decode().splitlines() if line and line[0] != "#"]
            # A name may hold a colon itself.
            named = [line.rsplit(":", 3)[0] for line in lines]
            return {value: reading.category(name) for value, name in enumerate(named) if value}
    return {value: reading.category(name) for value, name in enumerate(_VOC_LABELS, start=1)}


def _splits(reading: Reading, paths: list[str]) -> dict[str, str]:
    splits: dict[str, str] = {}
    for path in paths:
        if PurePosixPath(path).parent.match("ImageSets/Segmentation") and path.endswith(".txt"):
            with reading.row(path):
                for stem in reading.text(path).decode().splitlines():
                    splits.setdefault(stem, PurePosixPath(path).stem)
    return splits


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
