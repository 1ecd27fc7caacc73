"""Written and read again: the same pixels, names and pictures, but for what a format has no place for."""

import io
import zipfile

import numpy as np
import pytest
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from backend.formats.reading import Reading, ReadPicture
from backend.formats.records import ObjectMask
from backend.formats.registry import READ_FORMATS, dataset_write, format_get
from backend.formats.sources import ZipSource
from tests.backend.formats.cases import CATEGORIES, HEIGHT, WIDTH, dataset, masks
from tests.backend.formats.test_written import visible

# Each pixel of these is one object's.
FLAT = {"voc", "png", "coco_panoptic"}
# Names and the fields of ours that come back.
LABELLED = set(READ_FORMATS) - {"sa1b"}
WITH_UUID = {"coco", "coco_panoptic", "png", "labelme", "datumaro", "label_studio"}
WITH_ATTRIBUTES = {"coco", "coco_panoptic", "png", "labelme", "datumaro", "cvat"}
WITHOUT_A_CATEGORY_OF_NONE = {"labelme", "label_studio"}


def round_trip(written: str, read: str) -> tuple[dict[str, ReadPicture], Reading]:
    stream = io.BytesIO()
    dataset_write(dataset(), format_get(written), stream)
    known = {picture.name: (picture.width, picture.height) for picture, _ in dataset().items()}
    reading = Reading(ZipSource(zipfile.ZipFile(stream)), size_of=known.get)
    return {picture.file_name: picture for picture in READ_FORMATS[read].read(reading)}, reading


def pixels(counts: str) -> NDArray[np.bool_]:
    return np.asarray(coco_mask.decode({"size": [HEIGHT, WIDTH], "counts": counts.encode()}), bool)


def originals() -> list[ObjectMask]:
    return next(objects for picture, objects in dataset().items() if picture.number == 1)


@pytest.mark.parametrize(
    ("written", "read"), [(n, n) for n in sorted(READ_FORMATS)] + [("coco_polygons", "coco")]
)
def test_what_comes_back(written: str, read: str) -> None:
    pictures, reading = round_trip(written, read)
    assert reading.problems == []
    assert set(pictures) == {"ä photo.png", "empty.png", "b.c.png"}
    assert {(picture.width, picture.height) for picture in pictures.values()} == {(WIDTH, HEIGHT)}
    assert pictures["empty.png"].objects == []
    expected = visible() if read in FLAT else masks()
    found = pictures["ä photo.png"].objects
    for (kind, wanted), mask, read_object in zip(expected.items(), originals(), found, strict=True):
        assert (pixels(read_object.region.counts) == wanted).all(), kind
        name = CATEGORIES[mask.category_id - 1].name
        assert read_object.label == (name if read in LABELLED else None)
        assert read_object.uuid == (mask.uuid if read in WITH_UUID else None)
        assert read_object.attributes == (mask.attributes if read in WITH_ATTRIBUTES else {})
    if read in LABELLED:
        names = {category.name for category in CATEGORIES}
        assert set(reading.categories) == names - (
            {"nobody"} if read in WITHOUT_A_CATEGORY_OF_NONE else set()
        )


@pytest.mark.parametrize("name", ["coco", "coco_panoptic", "yolo", "voc", "png", "datumaro", "cvat"])
def test_splits_come_back(name: str) -> None:
    pictures, _ = round_trip(name, name)
    assert pictures["b.c.png"].split == "val"
    assert pictures["ä photo.png"].split == "train"


def test_prompts_and_quality_come_back_from_coco_and_sa1b() -> None:
    for name in ("coco", "coco_panoptic", "sa1b"):
        pictures, _ = round_trip(name, name)
        first = pictures["ä photo.png"].objects[0]
        assert first.predicted_iou == 0.75
        assert first.prompts
        assert first.prompts["points"][0] == [3.5, 4, 1]
