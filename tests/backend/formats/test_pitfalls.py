"""What other tools got wrong in these formats, each by its name."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image
from pycocotools import mask as coco_mask

from backend.formats.reading import Reading, ReadPicture
from backend.formats.records import Dataset, ObjectMask
from backend.formats.registry import READ_FORMATS, dataset_write, format_get
from backend.formats.rle import runs_decode
from backend.formats.sources import ZipSource
from tests.backend.formats.cases import HEIGHT, WIDTH, Pixels, dataset, masks, object_mask, passes, picture
from tests.builders import make_zip

ENDS = masks()["last row and column"]


def written(name: str, rows: Dataset | None = None) -> zipfile.ZipFile:
    stream = io.BytesIO()
    dataset_write(rows or dataset(), format_get(name), stream)
    return zipfile.ZipFile(stream)


def read(name: str, members: dict[str, bytes]) -> tuple[list[ReadPicture], Reading]:
    reading = Reading(ZipSource(zipfile.ZipFile(io.BytesIO(make_zip(members)))))
    return list(READ_FORMATS[name].read(reading)), reading


def holding(*objects: ObjectMask) -> Dataset:
    """The same project with one photograph and these masks."""
    return replace(
        dataset(), **passes([(picture(1, "a.png"), list(objects))]), splits=("train",), picture_count=1
    )


def entries(name: str, archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    """An entry an object, of the photograph with most of them, as its format spells it."""
    match name:
        case "coco" | "coco_polygons":
            return list(json.loads(archive.read("annotations/instances_train.json"))["annotations"])
        case "coco_panoptic":
            [first, *_] = json.loads(archive.read("annotations/panoptic_train.json"))["annotations"]
            return list(first["segments_info"])
        case "sa1b":
            return list(json.loads(archive.read("ä photo.json"))["annotations"])
        case "datumaro":
            return list(json.loads(archive.read("annotations/train.json"))["items"][0]["annotations"])
        case "label_studio":
            return list(json.loads(archive.read("tasks.json"))[0]["annotations"][0]["result"])
        case "labelme":
            return list(json.loads(archive.read("ä photo.json"))["shapes"])
        case "cvat":
            image = ElementTree.fromstring(archive.read("annotations.xml")).find("image")
            assert image is not None
            return [mask.attrib for mask in image.findall("mask")]
        case "yolo":
            lines = archive.read("labels/train/ä photo.txt").decode().splitlines()
            return [{"line": line} for line in lines]
        case "voc":
            root = ElementTree.fromstring(archive.read("Annotations/ä photo.xml"))
            return [{"object": found} for found in root.findall("object")]
        case "parquet":
            table = pyarrow.parquet.read_table(io.BytesIO(archive.read("masks.parquet")))
            return [row for row in table.to_pylist() if row["image_id"] == 1]
    raise ValueError(name)


@pytest.mark.parametrize("name", ["coco", "coco_polygons", "coco_panoptic", "sa1b", "datumaro", "parquet"])
def test_ids_count_from_1(name: str) -> None:
    """pycocotools' evaluation takes an annotation with the id 0 for none; 0 is panoptic's void."""
    archive = written(name)
    assert [entry["id"] for entry in entries(name, archive)] == [1, 2, 3, 4, 5, 6]
    if name.startswith("coco"):
        kind = "panoptic" if name == "coco_panoptic" else "instances"
        document = json.loads(archive.read(f"annotations/{kind}_train.json"))
        assert [image["id"] for image in document["images"]] == [1, 2]
        assert [category["id"] for category in document["categories"]] == [1, 2, 5]
        assert [licence["id"] for licence in document["licenses"]] == [1]


@pytest.mark.parametrize("name", ["coco", "coco_polygons", "coco_panoptic"])
def test_a_single_object_is_no_crowd(name: str) -> None:
    """Whoever takes RLE for crowds writes objects that evaluations ignore and converters skip."""
    assert {entry["iscrowd"] for entry in entries(name, written(name))} == {0}


def test_crowds_of_others_are_read_like_objects() -> None:
    document = {
        "images": [{"id": 7, "file_name": "a.jpg", "width": 3, "height": 2}],
        "categories": [{"id": 1, "name": "sheep"}],
        "annotations": [
            {
                "id": 900100000007,
                "image_id": 7,
                "category_id": 1,
                "iscrowd": 1,
                "segmentation": {"size": [2, 3], "counts": [1, 2, 3]},
            }
        ],
    }
    [found], reading = read("coco", {"instances_val2017.json": json.dumps(document).encode()})
    assert not reading.problems
    [crowd] = found.objects
    assert (crowd.number, crowd.region.area, crowd.region.bbox) == (900100000007, 2, (0, 0, 2, 2))


@pytest.mark.parametrize(("name", "label"), [("cat", "cat"), ("unlabelled", None)])
def test_categories_of_others_may_count_from_0(name: str, label: str | None) -> None:
    document = {
        "images": [{"id": 0, "file_name": "a.jpg", "width": 3, "height": 2}],
        "categories": [{"id": 0, "name": name}],
        "annotations": [
            {"id": 0, "image_id": 0, "category_id": 0, "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2]]}
        ],
    }
    [found], reading = read("coco", {"instances.json": json.dumps(document).encode()})
    assert not reading.problems
    assert [(entry.label, entry.number, entry.region.area) for entry in found.objects] == [(label, None, 4)]
    assert found.number is None


def test_run_lengths_are_column_by_column_begin_with_the_background_and_are_text() -> None:
    tall: Pixels = np.zeros((HEIGHT, WIDTH), bool)
    tall[:, 0] = True
    for pixels, runs in ((tall, [0, HEIGHT, HEIGHT * (WIDTH - 1)]), (masks()["full"], [0, HEIGHT * WIDTH])):
        [entry] = entries("coco", written("coco", holding(object_mask(1, pixels, 1))))
        assert entry["segmentation"]["size"] == [HEIGHT, WIDTH]
        assert isinstance(entry["segmentation"]["counts"], str)
        assert runs_decode(entry["segmentation"]["counts"]).tolist() == runs


@pytest.mark.parametrize("name", ["coco", "coco_polygons", "sa1b", "parquet"])
def test_areas_are_pixels_and_boxes_are_whole_ones_from_0(name: str) -> None:
    """Not the area within an outline, and no rounded box."""
    for entry, pixels in zip(entries(name, written(name)), masks().values(), strict=True):
        packed = coco_mask.encode(np.asfortranarray(pixels.astype(np.uint8)))
        box = entry["bbox"] if "bbox" in entry else [entry[side] for side in ("x", "y", "width", "height")]
        assert entry["area"] == pixels.sum()
        # SA-1B's are from the first pixel to the last one, and so one less.
        less = [0, 0, 1, 1] if name == "sa1b" else [0, 0, 0, 0]
        assert box == [side - one for side, one in zip(coco_mask.toBbox(packed).tolist(), less, strict=True)]


OF_OBJECTS = ["coco", "coco_polygons", "coco_panoptic", "sa1b", "datumaro", "label_studio", "labelme"]


@pytest.mark.parametrize("name", [*OF_OBJECTS, "cvat", "yolo", "voc", "parquet"])
def test_an_object_is_one_entry_whatever_parts_and_holes_it_has(name: str) -> None:
    """Not one an outline."""
    assert len(entries(name, written(name))) == len(masks())


def test_categories_are_not_numbered_by_what_is_there() -> None:
    """One mask of the last label of three: it is not the first of all."""
    alone = holding(replace(object_mask(1, ENDS, 1), category_id=5))
    [coco] = entries("coco", written("coco", alone))
    assert coco["category_id"] == 5
    archive = written("datumaro", alone)
    [item] = json.loads(archive.read("annotations/train.json"))["items"]
    assert item["annotations"][0]["label_id"] == 2
    assert written("yolo", alone).read("labels/train/a.txt").startswith(b"2 ")
    classes = Image.open(io.BytesIO(written("voc", alone).read("SegmentationClass/a.png")))
    assert set(np.unique(np.asarray(classes))) == {0, 3}
    path = "gtFine/train/project/a_gtFine_instanceIds.png"
    instances = Image.open(io.BytesIO(written("cityscapes", alone).read(path)))
    assert set(np.unique(np.asarray(instances))) == {0, 3000}


def test_nothing_lies_beyond_the_last_row_and_column() -> None:
    """Readers that take the picture's size for an index break on masks that end with it."""
    rows = holding(object_mask(1, ENDS, 1))
    box = ElementTree.fromstring(written("voc", rows).read("Annotations/a.xml")).find("object/bndbox")
    assert box is not None
    assert [box.findtext(side) for side in ("xmin", "ymin", "xmax", "ymax")] == ["4", "21", "53", "37"]
    [shape] = json.loads(written("labelme", rows).read("a.json"))["shapes"]
    assert shape["points"] == [[3, 20], [WIDTH - 1, HEIGHT - 1]]
    mask = ElementTree.fromstring(written("cvat", rows).read("annotations.xml")).find("image/mask")
    assert mask is not None
    assert (mask.attrib["left"], mask.attrib["width"]) == ("3", str(WIDTH - 3))
    shares = np.array(written("yolo", rows).read("labels/train/a.txt").split()[1:], float).reshape(-1, 2)
    assert (shares < 1).all()
    assert (shares > 0).all()


MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=20), elements=st.booleans())


@given(MASKS.filter(np.any))
@settings(deadline=None)
def test_who_cuts_corners_to_integers_fills_what_the_account_says(pixels: Pixels) -> None:
    """Ultralytics, supervision: float32, integers, cv2.fillPoly. Rings along the sides of pixels would gain a column on
    the right and a row below, rings through their centres lose single pixels to everybody else."""
    height, width = pixels.shape
    base = holding(object_mask(1, pixels, 1))
    rows = [(replace(found, height=height, width=width), objects) for found, objects in base.items()]
    stream = io.BytesIO()
    losses = dataset_write(replace(base, **passes(rows)), format_get("yolo"), stream)
    words = zipfile.ZipFile(stream).read("labels/train/a.txt").split()[1:]
    corners = np.array(words, np.float32).reshape(-1, 2) * np.array([width, height], np.float32)
    filled = np.zeros((height, width), np.uint8)
    cv2.fillPoly(filled, [corners.astype(np.int32)], 1)
    assert filled[pixels].all()
    common, either = (filled & pixels).sum(), (filled | pixels).sum()
    assert losses.mean_iou == common / either
    assert losses.changed == (common < either)
    exact = np.array(words, float).reshape(-1, 2) * (width, height)
    assert (
        coco_mask.decode(coco_mask.frPyObjects([exact.ravel().tolist()], height, width))[..., 0] == pixels
    ).all()


def test_255_of_voc_is_nobodys_and_background_is_0_and_black() -> None:
    archive = written("voc", holding(object_mask(1, ENDS, 1)))
    objects = np.array(Image.open(io.BytesIO(archive.read("SegmentationObject/a.png"))))
    assert (objects[~ENDS] == 0).all()
    objects[0] = 255
    with_void = io.BytesIO()
    Image.fromarray(objects).save(with_void, "PNG")
    members = {path: archive.read(path) for path in archive.namelist() if "Object" not in path}
    members["SegmentationObject/a.png"] = with_void.getvalue()
    [found], _ = read("voc", members)
    assert [entry.region.area for entry in found.objects] == [ENDS.sum()]
    stem = "gtFine/train/project/a_gtFine_"
    city = written("cityscapes", holding(object_mask(1, ENDS, 1)))
    for part in ("color", "labelIds", "instanceIds"):
        opened = Image.open(io.BytesIO(city.read(f"{stem}{part}.png")))
        shown = np.asarray(opened.convert("RGB") if part == "color" else opened)
        assert (shown[~ENDS] == 0).all()


def test_what_lies_above_is_told_by_depth_then_by_size_then_by_number() -> None:
    """Not by the order in which objects were made."""
    small, large = masks()["over the donut"], masks()["full"]
    for first, second, seen in (
        (replace(object_mask(1, small, 1), z=2), replace(object_mask(2, large, 2), z=1), small),
        (replace(object_mask(1, small, 1), z=1), replace(object_mask(2, large, 2), z=1), small),
        (replace(object_mask(1, small, 1), z=1), replace(object_mask(2, large, 2), z=2), small & False),
    ):
        for name in ("voc", "png", "coco_panoptic"):
            archive = written(name, holding(first, second))
            paths = {
                "voc": "SegmentationObject/a.png",
                "png": "instances/train/a.png",
                "coco_panoptic": "annotations/panoptic_train/a.png",
            }
            values = np.asarray(Image.open(io.BytesIO(archive.read(paths[name]))))
            values = values[..., 0] if values.ndim == 3 else values
            assert ((values == 1) == seen).all()


def test_a_covered_object_has_no_segment_and_is_told_as_dropped() -> None:
    """panopticapi refuses segments without a pixel."""
    rows = holding(object_mask(1, masks()["one pixel"], 1), object_mask(2, masks()["full"], 2))
    stream = io.BytesIO()
    losses = dataset_write(rows, format_get("coco_panoptic"), stream)
    [annotation] = json.loads(zipfile.ZipFile(stream).read("annotations/panoptic_train.json"))["annotations"]
    assert [segment["id"] for segment in annotation["segments_info"]] == [2]
    assert (losses.objects, losses.changed, losses.dropped) == (2, 1, 1)


def test_numbers_that_no_pixel_holds_give_way_to_places() -> None:
    rows = holding(
        object_mask(900100000007, masks()["one pixel"], 1), object_mask(900100000008, masks()["two parts"], 2)
    )
    archive = written("coco_panoptic", rows)
    [annotation] = json.loads(archive.read("annotations/panoptic_train.json"))["annotations"]
    assert [segment["id"] for segment in annotation["segments_info"]] == [1, 2]
    large = replace(object_mask(1, masks()["one pixel"], 1), number=2**24 - 1)
    colors = Image.open(
        io.BytesIO(written("coco_panoptic", holding(large)).read("annotations/panoptic_train/a.png"))
    )
    assert colors.mode == "RGB"
    assert colors.getpixel((44, 9)) == (255, 255, 255)
    red = np.asarray(Image.open(io.BytesIO(archive.read("annotations/panoptic_train/a.png"))))
    assert red[9, 44].tolist() == [1, 0, 0]


def test_panoptic_pictures_may_lie_elsewhere_and_wrong_ones_are_told() -> None:
    archive = written("coco_panoptic")
    members = {
        path.replace("annotations/panoptic_train/", "masks/"): archive.read(path)
        for path in archive.namelist()
        if path.startswith("annotations/panoptic_train")
    }
    found, reading = read("coco_panoptic", members)
    assert [len(entry.objects) for entry in found] == [6, 0]
    assert not reading.problems
    gone = {path: content for path, content in members.items() if "photo" not in path}
    found, reading = read("coco_panoptic", gone)
    assert [len(entry.objects) for entry in found] == [0, 0]
    assert [problem.code for problem in reading.problems] == ["import.no_label_map"]
