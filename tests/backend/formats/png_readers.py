"""Readers of label maps, by the rules of those who made the formats; they know nothing of `backend.formats`."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.backend.formats.cases import Pixels
from tests.backend.formats.found import Found


def panoptic_definition(folder: Path) -> Found:
    """panopticapi's: rgb2id, and its evaluation's checks that PNG and JSON name the same segments."""
    found = Found()
    for path in sorted((folder / "annotations").glob("panoptic_*.json")):
        document = json.loads(path.read_text())
        categories = {category["id"]: category for category in document["categories"]}
        assert {category["isthing"] for category in categories.values()} <= {0, 1}
        found.labels |= {category["name"] for category in categories.values()}
        images = {image["id"]: image for image in document["images"]}
        for annotation in document["annotations"]:
            image = images[annotation["image_id"]]
            stem = found.picture(image["file_name"], image["width"], image["height"])
            color = np.array(Image.open(path.with_suffix("") / annotation["file_name"]), np.uint32)
            ids = color[:, :, 0] + 256 * color[:, :, 1] + 256 * 256 * color[:, :, 2]
            segments = {segment["id"]: segment for segment in annotation["segments_info"]}
            assert len(segments) == len(annotation["segments_info"])
            assert set(np.unique(ids).tolist()) - {0} == set(segments)
            for segment in annotation["segments_info"]:
                pixels = ids == segment["id"]
                rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
                x, y = int(columns[0]), int(rows[0])
                assert segment["bbox"] == [x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1]
                assert (segment["area"], segment["iscrowd"]) == (pixels.sum(), 0)
                found.objects[stem].append((categories[segment["category_id"]]["name"], pixels))
    return found


def voc_devkit(folder: Path) -> Found:
    """The development kit's: values of palette PNGs, the class of an object that of its pixels, 255 nobody's."""
    found = Found()
    lines = [line for line in (folder / "labelmap.txt").read_text().splitlines() if line[:1] != "#"]
    names = [line.rsplit(":", 3)[0] for line in lines]
    found.labels = set(names[1:])
    for path in sorted((folder / "SegmentationObject").iterdir()):
        instances = _values(path, "P")
        classes = _values(folder / "SegmentationClass" / path.name, "P")
        assert ((instances > 0) == (classes > 0)).all()
        stem = found.picture(path.name, *instances.shape[::-1])
        for value in np.unique(instances[(instances > 0) & (instances < 255)]):
            [label] = np.unique(classes[instances == value])
            found.objects[stem].append((names[label], instances == value))
    return found


def pillow_label_maps(folder: Path) -> Found:
    found = Found()
    names = {
        int(number): name for number, name in json.loads((folder / "categories.json").read_text()).items()
    }
    found.labels = set(names.values())
    for path in sorted((folder / "instances").rglob("*.png")):
        instances = _values(path, "I;16")
        classes = _values(folder / "semantic" / path.relative_to(folder / "instances"), "I;16")
        stem = found.picture(path.name, *instances.shape[::-1])
        for value in np.unique(instances[instances > 0]):
            [label] = np.unique(classes[instances == value])
            found.objects[stem].append((names[int(label)], instances == value))
    return found


def cityscapes_definition(folder: Path) -> Found:
    """cityscapesscripts' instances2dict: an id from 1000 on is its label times 1000 and a number."""
    found = Found()
    lines = (folder / "label_color.txt").read_text().splitlines()
    names = [line.split(" ", 1)[1] for line in lines]
    found.labels = set(names[1:])
    for path in sorted((folder / "gtFine").rglob("*_gtFine_instanceIds.png")):
        instances = _values(path, "I;16")
        labels = _values(path.with_name(path.name.replace("instanceIds", "labelIds")), "P")
        stem = found.picture(path.name.replace("_gtFine_instanceIds", ""), *instances.shape[::-1])
        for value in np.unique(instances[instances >= 1000]):
            assert (labels[instances == value] == value // 1000).all()
            found.objects[stem].append((names[int(value) // 1000], instances == value))
    return found


def pillow_cutouts(folder: Path) -> Found:
    """The alpha of each, put where the list says it was."""
    found = Found()
    document = json.loads((folder / "cutouts.json").read_text())
    found.labels = set(document["categories"].values())
    for entry in document["cutouts"]:
        height, width = entry["size"]
        x, y, w, h = entry["bbox"]
        pixels: Pixels = np.zeros((height, width), bool)
        with Image.open(folder / entry["file"]) as picture:
            pixels[y : y + h, x : x + w] = np.asarray(picture)[..., 3] > 0
        stem = found.picture(entry["picture"], width, height)
        found.objects[stem].append((document["categories"][str(entry["category_id"])], pixels))
    return found


def _values(path: Path, mode: str) -> NDArray[np.int64]:
    with Image.open(path) as picture:
        assert picture.mode == mode
        return np.asarray(picture).astype(np.int64)
