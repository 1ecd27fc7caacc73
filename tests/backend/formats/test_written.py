"""Every format written, and read by somebody else's rules: pixel by pixel where it can hold them, and told where not."""

import base64
import csv
import io
import json
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from backend.formats.losses import Losses
from backend.formats.records import Dataset, ObjectMask
from backend.formats.registry import FORMATS, dataset_write, format_get
from tests.backend.formats.cases import CATEGORIES, HEIGHT, WIDTH, dataset, masks

Pixels = NDArray[np.bool_]


def written(name: str, rows: Dataset | None = None) -> tuple[zipfile.ZipFile, Losses]:
    stream = io.BytesIO()
    losses = dataset_write(rows or dataset(), format_get(name), stream)
    return zipfile.ZipFile(stream), losses


def original(number: int = 1) -> list[ObjectMask]:
    return next(objects for picture, objects in dataset().items() if picture.number == number)


def visible() -> dict[str, Pixels]:
    """What is left of each mask when each pixel is one object's: later ones lie higher."""
    above = np.zeros((HEIGHT, WIDTH), bool)
    left = {}
    for name, pixels in reversed(masks().items()):
        left[name] = pixels & ~above
        above |= pixels
    return dict(reversed(left.items()))


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_rows_are_the_same_bytes_and_the_archive_is_whole(name: str) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    for stream in (first, second):
        dataset_write(dataset(), format_get(name), stream)
    assert first.getvalue() == second.getvalue()
    archive = zipfile.ZipFile(first)
    assert archive.testzip() is None
    for picture, _ in dataset().items():
        assert picture.open
        assert archive.read(FORMATS[name].picture_path(picture)) == picture.open().read()


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"voc", "png", "cityscapes"}))
def test_formats_with_a_place_for_every_object_change_none(name: str) -> None:
    _, losses = written(name)
    assert (losses.objects, losses.changed, losses.mean_iou) == (7, 0, 1.0)


@pytest.mark.parametrize("name", ["voc", "png", "cityscapes"])
def test_a_label_map_tells_what_is_hidden_in_it(name: str) -> None:
    _, losses = written(name)
    seen = visible()
    hidden = {n: (masks()[n] != seen[n]).sum() for n in seen}
    changed = {n: count for n, count in hidden.items() if count}
    assert losses.changed == len(changed)
    assert {loss.mask: loss.pixels_lost for loss in losses.worst} == {
        number: changed[n] for number, n in enumerate(seen, 1) if n in changed
    }
    full = next(loss for loss in losses.worst if loss.mask == 1)
    assert full.iou == pytest.approx(seen["full"].sum() / (HEIGHT * WIDTH))
    assert losses.report()["worst"][0]["iou"] == min(loss.iou for loss in losses.worst)


@pytest.mark.parametrize("name", ["coco", "coco_polygons"])
def test_pycocotools_reads_coco(name: str, tmp_path: object) -> None:
    archive, _ = written(name)
    path = archive.extract("annotations/instances_train.json", str(tmp_path))
    coco = COCO(path)
    assert sorted(coco.getImgIds()) == [1, 2]
    assert [category["id"] for category in coco.loadCats(coco.getCatIds())] == [1, 2, 5]
    for number, (kind, pixels) in enumerate(masks().items(), 1):
        [annotation] = coco.loadAnns([number])
        assert (coco.annToMask(annotation) == pixels).all(), kind
        assert annotation["area"] == pixels.sum()
        assert annotation["iscrowd"] == 0
    val = json.loads(archive.read("annotations/instances_val.json"))
    assert [annotation["id"] for annotation in val["annotations"]] == [50]


def test_sa1b_has_a_file_an_image_with_the_clicks() -> None:
    archive, _ = written("sa1b")
    document = json.loads(archive.read("ä photo.json"))
    assert document["image"]["width"] == WIDTH
    for entry, pixels in zip(document["annotations"], masks().values(), strict=True):
        assert (coco_mask.decode(entry["segmentation"]) == pixels).all()
        assert entry["point_coords"] == [[3.5, 4]]
        assert entry["crop_box"] == [0, 0, WIDTH, HEIGHT]
    assert json.loads(archive.read("empty.json"))["annotations"] == []


def test_yolo_lines_are_a_class_and_one_ring_each() -> None:
    archive, _ = written("yolo")
    lines = archive.read("labels/train/ä photo.txt").decode().splitlines()
    for line, (kind, pixels) in zip(lines, masks().items(), strict=True):
        _, *shares = line.split()
        ring = np.array(shares, float).reshape(-1, 2)
        assert ring.min() >= 0
        assert ring.max() <= 1
        assert len(ring) >= 3
        filled = coco_mask.decode(coco_mask.frPyObjects([(ring * (WIDTH, HEIGHT)).ravel()], HEIGHT, WIDTH))
        assert (filled[..., 0] == pixels).all(), kind
    assert [line.split()[0] for line in lines] == [str(mask.category_id - 1) for mask in original()]
    assert archive.read("labels/train/empty.txt") == b""
    yaml = archive.read("data.yaml").decode()
    assert "val: images/val\n" in yaml
    assert '  0: "größe, 猫 \\"q\\""\n' in yaml
    assert '  2: "nobody"\n' in yaml


def test_voc_is_palettes_whose_values_are_labels() -> None:
    archive, _ = written("voc")
    classes = Image.open(io.BytesIO(archive.read("SegmentationClass/ä photo.png")))
    objects = Image.open(io.BytesIO(archive.read("SegmentationObject/ä photo.png")))
    assert classes.mode == objects.mode == "P"
    assert classes.getpalette()[3:9] == [128, 0, 0, 0, 128, 0]
    for place, (seen, mask) in enumerate(zip(visible().values(), original(), strict=True), 1):
        assert (np.asarray(objects)[seen] == place).all()
        assert (np.asarray(classes)[seen] == mask.category_id).all()
    assert (np.asarray(objects) > 0).all()
    boxes = ElementTree.fromstring(archive.read("Annotations/ä photo.xml")).findall("object/bndbox")
    corner = [int(side.text or "") for side in boxes[3]]
    assert corner == [45, 10, 45, 10]
    assert archive.read("ImageSets/Segmentation/val.txt") == b"b.c\n"
    assert 'größe, 猫 "q":128,0,0::' in archive.read("labelmap.txt").decode()


def test_label_maps_are_category_ids_and_object_numbers_in_16_bits() -> None:
    archive, _ = written("png")
    semantic = np.asarray(Image.open(io.BytesIO(archive.read("semantic/train/ä photo.png"))))
    instances = np.asarray(Image.open(io.BytesIO(archive.read("instances/train/ä photo.png"))))
    assert instances.dtype == np.uint16
    listed = json.loads(archive.read("instances/train/ä photo.json"))
    for entry, seen, mask in zip(listed, visible().values(), original(), strict=True):
        assert ((instances == entry["value"]) == seen).all()
        assert (semantic[seen] == mask.category_id).all()
        assert entry["uuid"] == mask.uuid
    assert json.loads(archive.read("categories.json"))["5"] == "nobody"


def test_cityscapes_instances_are_a_thousand_times_the_class_and_a_number() -> None:
    archive, _ = written("cityscapes")
    stem = "gtFine/train/project/ä photo_gtFine_"
    instances = np.asarray(Image.open(io.BytesIO(archive.read(f"{stem}instanceIds.png"))))
    labels = np.asarray(Image.open(io.BytesIO(archive.read(f"{stem}labelIds.png"))))
    expected = [2000, 1000, 2001, 1001, 2002, 1002]
    for value, seen in zip(expected, visible().values(), strict=True):
        assert ((instances == value) == seen).all()
        assert (labels[seen] == value // 1000).all()
    color = Image.open(io.BytesIO(archive.read(f"{stem}color.png"))).convert("RGB")
    assert color.getpixel((44, 9)) == (0xE6, 0x9F, 0x00)


def test_labelme_places_each_png_by_two_corners_that_count() -> None:
    archive, _ = written("labelme")
    document = json.loads(archive.read("ä photo.json"))
    for shape, pixels in zip(document["shapes"], masks().values(), strict=True):
        (x1, y1), (x2, y2) = shape["points"]
        read = np.zeros((HEIGHT, WIDTH), bool)
        read[y1 : y2 + 1, x1 : x2 + 1] = (
            np.asarray(Image.open(io.BytesIO(base64.b64decode(shape["mask"])))) > 0
        )
        assert (read == pixels).all()
    assert [shape["label"] for shape in document["shapes"]] == [
        CATEGORIES[mask.category_id - 1].name for mask in original()
    ]


def test_datumaro_holds_rle_by_subset() -> None:
    archive, _ = written("datumaro")
    document = json.loads(archive.read("annotations/train.json"))
    first, empty = document["items"]
    for annotation, pixels in zip(first["annotations"], masks().values(), strict=True):
        assert (coco_mask.decode(annotation["rle"]) == pixels).all()
    assert empty["annotations"] == []
    assert first["image"]["size"] == [HEIGHT, WIDTH]


def test_cvat_runs_fill_the_box_row_by_row() -> None:
    archive, _ = written("cvat")
    root = ElementTree.fromstring(archive.read("annotations.xml"))
    first, empty, _ = root.findall("image")
    for entry, pixels in zip(first.findall("mask"), masks().values(), strict=True):
        runs = [int(run) for run in entry.attrib["rle"].split(",")]
        left, top, width, height = (int(entry.attrib[side]) for side in ("left", "top", "width", "height"))
        values = np.repeat(np.arange(len(runs)) % 2, runs)
        read = np.zeros((HEIGHT, WIDTH), bool)
        read[top : top + height, left : left + width] = values.reshape(height, width)
        assert (read == pixels).all()
    attribute = first.find("mask/attribute")
    assert attribute is not None
    assert (attribute.attrib["name"], attribute.text) == ("übermalt", '<ja> & "nein"')
    assert empty.findall("mask") == []
    assert [label.text for label in root.findall("meta/task/labels/label/name")] == [
        c.name for c in CATEGORIES
    ]


def brush_decode(code: list[int]) -> NDArray[np.uint8]:
    """Label Studio's code read by its description: a head, then runs and literal values, bit by bit."""
    bits = "".join(f"{byte:08b}" for byte in code)
    at = 0

    def take(count: int) -> int:
        nonlocal at
        at += count
        return int(bits[at - count : at], 2)

    total, word = take(32), take(5) + 1
    sizes = [take(4) + 1 for _ in range(4)]
    values: list[int] = []
    while len(values) < total:
        is_run = take(1)
        count = take(sizes[take(2)]) + 1
        values += [take(word)] * count if is_run else [take(word) for _ in range(count)]
    return np.array(values, np.uint8)


def test_label_studio_brush_is_an_rgba_picture() -> None:
    archive, _ = written("label_studio")
    first, empty, _ = json.loads(archive.read("tasks.json"))
    for result, pixels in zip(first["annotations"][0]["result"], masks().values(), strict=True):
        picture = brush_decode(result["value"]["rle"]).reshape(HEIGHT, WIDTH, 4)
        assert ((picture[..., 3] > 0) == pixels).all()
    assert empty["annotations"][0]["result"] == []


def test_the_table_has_a_row_a_mask_that_no_spreadsheet_runs() -> None:
    archive, _ = written("csv")
    rows = list(csv.DictReader(io.StringIO(archive.read("masks.csv").decode())))
    assert len(rows) == 7
    for row, pixels in zip(rows, masks().values(), strict=False):
        size = json.loads(row["size"])
        assert (coco_mask.decode({"size": size, "counts": json.loads(row["counts"])}) == pixels).all()
    assert rows[0]["category"] == "'=SUM(A1)"
    assert not any(value[:1] in "=+-@" for row in rows for value in row.values() if value)


def test_cutouts_are_clear_where_the_object_is_not() -> None:
    archive, _ = written("cutouts")
    donut = np.asarray(Image.open(io.BytesIO(archive.read("1/ä photo-2.png"))))
    pixels = masks()["donut"]
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    cropped = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert ((donut[..., 3] == 255) == cropped).all()
    assert set(np.unique(donut[..., 3])) == {0, 255}
