"""Other people's readers of our files: their libraries where they can be had, else the few lines their format is told in.

None of them knows anything of `backend.formats`. Each takes the folder an export was unpacked to.
"""

import base64
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pyarrow.parquet
import yaml
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from tests.backend.formats.found import Found
from tests.backend.formats.png_readers import (
    cityscapes_definition,
    panoptic_definition,
    pillow_cutouts,
    pillow_label_maps,
    voc_devkit,
)
from tests.backend.formats.supervision_readers import supervision_coco, supervision_yolo

Reader = Callable[[Path], Found]


def pycocotools_instances(folder: Path) -> Found:
    found = Found()
    for path in sorted((folder / "annotations").glob("instances_*.json")):
        coco = COCO(str(path))
        found.labels |= {category["name"] for category in coco.cats.values()}
        for image in coco.imgs.values():
            stem = found.picture(image["file_name"], image["width"], image["height"])
            for annotation in coco.imgToAnns[image["id"]]:
                label = coco.cats[annotation["category_id"]]["name"]
                found.objects[stem].append((label, coco.annToMask(annotation).astype(bool)))
    return found


def sa1b_readme(folder: Path) -> Found:
    """segment-anything's README: pycocotools decodes `segmentation`."""
    found = Found()
    for path in _documents(folder):
        document = json.loads(path.read_text())
        image = document["image"]
        stem = found.picture(image["file_name"], image["width"], image["height"])
        for entry in document["annotations"]:
            found.objects[stem].append((None, coco_mask.decode(entry["segmentation"]).astype(bool)))
    return found


def ultralytics_definition(folder: Path) -> Found:
    """Ultralytics' loader: shares as float32, corners cut to integers, cv2.fillPoly."""
    found = Found()
    told = yaml.safe_load((folder / "data.yaml").read_text())
    found.labels = set(told["names"].values())
    for split in {told["train"], told["val"]}:
        for path in sorted((folder / split).iterdir()):
            width, height = Image.open(path).size
            stem = found.picture(path.name, width, height)
            # The text lies where `images` in the path is `labels`.
            lines = (folder / split.replace("images", "labels", 1) / f"{stem}.txt").read_text().splitlines()
            for line in lines:
                number, *shares = line.split()
                corners = np.array(shares, np.float32).reshape(-1, 2)
                assert len(corners) >= 3
                assert ((corners >= 0) & (corners <= 1)).all()
                corners *= np.array([width, height], np.float32)
                pixels = np.zeros((height, width), np.uint8)
                cv2.fillPoly(pixels, [corners.astype(np.int32)], 1)
                found.objects[stem].append((told["names"][int(number)], pixels.astype(bool)))
    return found


def labelme_definition(folder: Path) -> Found:
    """labelme's utils.shape_to_mask: the PNG between two corners that count."""
    found = Found()
    for path in _documents(folder):
        document = json.loads(path.read_text())
        width, height = document["imageWidth"], document["imageHeight"]
        stem = found.picture(document["imagePath"], width, height)
        for shape in document["shapes"]:
            assert shape["shape_type"] == "mask"
            (x1, y1), (x2, y2) = np.array(shape["points"]).astype(int)
            pixels = np.zeros((height, width), bool)
            crop = np.asarray(Image.open(io.BytesIO(base64.b64decode(shape["mask"]))))
            pixels[y1 : y2 + 1, x1 : x2 + 1] = crop.astype(bool)
            found.labels.add(shape["label"])
            found.objects[stem].append((shape["label"], pixels))
    return found


def datumaro_definition(folder: Path) -> Found:
    """Datumaro's JSON as CVAT's documentation tells it."""
    found = Found()
    for path in sorted((folder / "annotations").glob("*.json")):
        document = json.loads(path.read_text())
        names = [label["name"] for label in document["categories"]["label"]["labels"]]
        found.labels |= set(names)
        for item in document["items"]:
            height, width = item["image"]["size"]
            stem = found.picture(item["image"]["path"], width, height)
            for annotation in item["annotations"]:
                pixels = coco_mask.decode(annotation["rle"]).astype(bool)
                found.objects[stem].append((names[annotation["label_id"]], pixels))
    return found


def label_studio_definition(folder: Path) -> Found:
    """Label Studio's brush: the alpha of an RGBA picture."""
    found = Found()
    for task in json.loads((folder / "tasks.json").read_text()):
        name = task["data"]["image"]
        stem = found.picture(name, *Image.open(folder / name).size)
        for result in task["annotations"][0]["result"]:
            height, width = result["original_height"], result["original_width"]
            picture = brush_decode(result["value"]["rle"]).reshape(height, width, 4)
            [label] = result["value"]["brushlabels"]
            found.labels.add(label)
            found.objects[stem].append((label, picture[..., 3] > 0))
    return found


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


def cvat_definition(folder: Path) -> Found:
    """CVAT's XML: row-major runs of the box, background first."""
    found = Found()
    root = ElementTree.parse(folder / "annotations.xml").getroot()
    found.labels = {label.text or "" for label in root.findall("meta/task/labels/label/name")}
    for image in root.findall("image"):
        width, height = int(image.attrib["width"]), int(image.attrib["height"])
        stem = found.picture(image.attrib["name"], width, height)
        for entry in image.findall("mask"):
            runs = [int(run) for run in entry.attrib["rle"].split(",")]
            left, top, w, h = (int(entry.attrib[side]) for side in ("left", "top", "width", "height"))
            pixels = np.zeros((height, width), bool)
            values = np.repeat(np.arange(len(runs)) % 2, runs)
            pixels[top : top + h, left : left + w] = values.reshape(h, w)
            found.objects[stem].append((entry.attrib["label"], pixels))
    return found


def csv_and_pycocotools(folder: Path) -> Found:
    with (folder / "masks.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return _table(
        row | {"size": json.loads(row["size"]), "counts": json.loads(row["counts"])} for row in rows
    )


def pyarrow_and_pycocotools(folder: Path) -> Found:
    return _table(pyarrow.parquet.read_table(folder / "masks.parquet").to_pylist())


def _table(rows: Any) -> Found:
    found = Found()
    for row in rows:
        stem = found.picture(row["file_name"], int(row["image_width"]), int(row["image_height"]))
        pixels = coco_mask.decode({"size": row["size"], "counts": row["counts"]}).astype(bool)
        found.labels.add(row["category"])
        found.objects[stem].append((row["category"], pixels))
    return found


def _documents(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if path.name != "losses.json")


# These round corners to whole pixels and draw the outline as they fill: whatever a file says, its polygons grow to the
# right and below. What they lose so is theirs; run lengths they read as they are.
ROUNDING = {("coco_polygons", "supervision"), ("yolo", "supervision")}
# By format: whose reading it is, as people call it.
READERS: dict[str, dict[str, Reader]] = {
    "coco": {"pycocotools": pycocotools_instances, "supervision": supervision_coco},
    "coco_polygons": {"pycocotools": pycocotools_instances, "supervision": supervision_coco},
    "coco_panoptic": {"panopticapi's rules": panoptic_definition},
    "sa1b": {"pycocotools": sa1b_readme},
    "yolo": {"Ultralytics' rules": ultralytics_definition, "supervision": supervision_yolo},
    "voc": {"Pillow, VOC's rules": voc_devkit},
    "png": {"Pillow": pillow_label_maps},
    "cityscapes": {"Pillow, cityscapesscripts' rules": cityscapes_definition},
    "labelme": {"labelme's rules": labelme_definition},
    "datumaro": {"Datumaro's rules": datumaro_definition},
    "label_studio": {"Label Studio's rules": label_studio_definition},
    "cvat": {"CVAT's rules": cvat_definition},
    "csv": {"csv, pycocotools": csv_and_pycocotools},
    "parquet": {"pyarrow, pycocotools": pyarrow_and_pycocotools},
    "cutouts": {"Pillow": pillow_cutouts},
}
