"""A project to measure on: photographs of shapes, one of them crowded with masks, all embeddings computed."""

import io
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

from anymask import Client, token_create
from anymask.types import Segmentation

_LARGE = (2000, 3000)  # (height, width)
_USUAL = (480, 640)
_EMBEDDING_SECONDS = 1800


@dataclass(frozen=True)
class BenchProject:
    """Ids in work order; the last two are alike in size, and only the very last has masks: all of them."""

    images: list[int]
    bare_image: int
    crowded_image: int
    mask_count: int


def project_make(url: str, *, images: int, masks: int) -> BenchProject:
    """Uploads `images` photographs and two large ones, one with `masks` masks; returns when every embedding is ready."""
    client = Client(url, token_create(url, "demo", "demo"))
    project = client.project_create("Bench")["id"]
    label = client.label_create(project, "disc", color="#0072b2")["id"]
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "photographs.zip"
        archive.write_bytes(_photographs(images))
        client.upload(project, [archive])
    ids = [image["id"] for image in client.images(project)]
    for segmentation in _discs(masks):
        client.mask_create(ids[-1], segmentation, label, seconds_spent=1.0)
    deadline = time.monotonic() + _EMBEDDING_SECONDS
    while client.project(project)["embedding_counts"]["ready"] < len(ids):
        if time.monotonic() > deadline:
            raise SystemExit("the embeddings were not computed in time")
        time.sleep(1)
    return BenchProject(ids[:-2], ids[-2], ids[-1], masks)


def _photographs(count: int) -> bytes:
    """A zip of `count` usual photographs, the bare and the crowded one, in the order of their names."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for index in range(count):
            file.writestr(f"photograph{index:03}.jpg", _photograph(_USUAL, index))
        file.writestr("zy_bare.jpg", _photograph(_LARGE, count))
        file.writestr("zz_crowded.jpg", _photograph(_LARGE, count + 1))
    return archive.getvalue()


def _photograph(size: tuple[int, int], seed: int) -> bytes:
    random = np.random.default_rng(seed)
    height, width = size
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    pixels = np.stack([60 + 80 * xs / width, 60 + 80 * ys / height, np.full_like(xs, 90)], axis=-1)
    for _ in range(9):
        x, y, radius = random.uniform(0, width), random.uniform(0, height), random.uniform(0.05, 0.2) * height
        pixels[(xs - x) ** 2 + (ys - y) ** 2 < radius**2] = random.uniform(0, 255, 3)
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def _discs(count: int) -> Iterator[Segmentation]:
    """Overlapping discs all over the crowded photograph."""
    random = np.random.default_rng(1)
    height, width = _LARGE
    for _ in range(count):
        x, y, radius = random.uniform(40, width - 40), random.uniform(40, height - 40), random.uniform(15, 60)
        turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        corners = np.stack([x + radius * np.cos(turns), y + radius * np.sin(turns)], axis=-1).ravel()
        [segmentation] = coco_mask.frPyObjects([corners.tolist()], height, width)
        yield {"size": [height, width], "counts": segmentation["counts"].decode()}
