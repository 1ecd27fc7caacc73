"""Every format written, and read by somebody else's rules: pixel by pixel where it can hold them, and told where not."""

import base64
import csv
import io
import json
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from backend.formats.losses import Losses
from backend.formats.parquet import COLUMN_TYPES
from backend.formats.records import Dataset, ObjectMask
from backend.formats.registry import FORMATS, dataset_write, format_get
from backend.formats.table import COLUMNS
from tests.backend.formats import cases
from tests.backend.formats.cases import CATEGORIES, HEIGHT, WIDTH, Pixels, dataset, masks
from tests.backend.formats.readers import brush_decode


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


LABEL_MAPS = ("voc", "png", "cityscapes", "coco_panoptic")


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {*LABEL_MAPS, "yolo"}))
def test_formats_with_a_place_for_every_object_change_none(name: str) -> None:
    _, losses = written(name)
    assert (losses.objects, losses.changed, losses.mean_iou) == (7, 0, 1.0)


def test_yolo_tells_what_is_drawn_between_two_parts() -> None:
    """By those who draw the outline as they fill; nothing else is changed."""
    _, losses = written("yolo")
    names = list(masks())
    told = {names[loss.mask - 1]: (loss.pixels_lost, loss.parts_lost) for loss in losses.worst}
    assert told == {"two parts": (0, 1), "last row and column": (0, 1)}
    assert losses.objects == 7


@pytest.mark.parametrize("name", LABEL_MAPS)
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


def test_label_studio_brush_is_an_rgba_picture() -> None:
    archive, _ = written("label_studio")
    first, empty, _ = json.loads(archive.read("tasks.json"))
    for result, pixels in zip(first["annotations"][0]["result"], masks().values(), strict=True):
        picture = brush_decode(result["value"]["rle"]).reshape(HEIGHT, WIDTH, 4)
        assert ((picture[..., 3] > 0) == pixels).all()
    assert empty["annotations"][0]["result"] == []


def test_the_table_for_data_frames_is_the_rows_again_with_their_types(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("backend.formats.parquet._GROUP", 3)
    archive, _ = written("parquet")
    file = pyarrow.parquet.ParquetFile(io.BytesIO(archive.read("masks.parquet")))
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [3, 3, 1]
    described = {entry.name: entry.metadata[b"description"].decode() for entry in file.schema_arrow}
    assert described == {name: description for name, (_, description) in COLUMN_TYPES.items()}
    rows = file.read().to_pylist()
    pairs = [(picture, mask) for picture, objects in dataset().items() for mask in objects]
    for row, (photograph, mask) in zip(rows, pairs, strict=True):
        x, y, width, height = mask.bbox
        assert row == {
            "id": mask.number,
            "uuid": mask.uuid,
            "image_id": photograph.number,
            "file_name": photograph.name,
            "split": photograph.split,
            "image_width": WIDTH,
            "image_height": HEIGHT,
            "category_id": mask.category_id,
            "category": CATEGORIES[mask.category_id - 1].name,
            "x": x,
            "y": y,
            "width": width,
            "height": height,
            "area": mask.area,
            "z": mask.z,
            "stage": "assisted_manual",
            "model": "tiny@0123456789ab",
            "predicted_iou": 0.75,
            "stability_score": None,
            "author": "-anna",
            "seconds_spent": 2.5,
            "revision": 1,
            "prompts": json.dumps(mask.prompts),
            "attributes": json.dumps(mask.attributes, ensure_ascii=False),
            "size": [HEIGHT, WIDTH],
            "counts": mask.counts,
            "tags": list(photograph.tags),
        }
    assert (coco_mask.decode(rows[1]) == masks()["donut"]).all()


def test_both_tables_have_the_same_columns_and_an_empty_one_is_a_table() -> None:
    assert tuple(COLUMN_TYPES) == COLUMNS
    archive, _ = written("parquet", replace(dataset(), items=lambda: iter([(cases.picture(1, "a.png"), [])])))
    table = pyarrow.parquet.read_table(io.BytesIO(archive.read("masks.parquet")))
    assert (table.num_rows, tuple(table.column_names)) == (0, COLUMNS)


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
    listed = json.loads(archive.read("cutouts.json"))
    assert listed["categories"]["5"] == "nobody"
    assert [entry["bbox"] for entry in listed["cutouts"][:6]] == [list(mask.bbox) for mask in original()]
    assert listed["cutouts"][1]["file"] == "1/ä photo-2.png"
