"""Shards: a data set, or a split of it, as one uncompressed tar in the folder layout, to copy and read in one piece.

Optionally smaller than the original: images are then resized and their masks redrawn. Same input, same bytes.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from models.sam.boxes import tight_box
from models.sam.rle import decode, encode
from models.sam.training.data_sources import UNNAMED, AnnotatedImage, DataError, read_images
from models.sam.transforms import resized_size

JPEG_QUALITY = 92


def write_shard(
    source: Path, output: Path, split: str = "all", max_side: int | None = None
) -> tuple[int, int]:
    """Write the images of `split` and their masks to the tar `output`, as `write_images` does.

    DataError if the source cannot be read or `output` does not end in .tar.
    """
    if output.suffix != ".tar":
        raise DataError(f"a shard's name ends in .tar, got {output.name}")
    return write_images(read_images(source, split), output, max_side)


def write_images(
    source: Iterable[AnnotatedImage], output: Path, max_side: int | None = None
) -> tuple[int, int]:
    """Write images and their masks, as they come, to the tar `output`; returns the numbers of images and masks.

    Images whose long side exceeds `max_side` are resized to it (and stored as JPEG), masks with them; masks that vanish
    are dropped. Only what training and evaluation read is kept: sizes, splits, RLEs and the names of their classes, whose
    ids follow the order in which they come. `output` appears whole or not at all.
    """
    ids: dict[str, int] = {}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_suffix(".partial")
    with tarfile.open(partial, "w") as tar:
        for number, image in enumerate(source, start=1):
            height, width, data, masks = _shrunk(image, max_side)
            _add(tar, f"images/{image.file_name}", data)
            images.append(
                {
                    "id": number,
                    "file_name": image.file_name,
                    "height": height,
                    "width": width,
                    "split": image.split,
                }
            )
            for category, rle, (box, area) in masks:
                record = {
                    "image_id": number,
                    "category_id": ids.setdefault(category, len(ids) + 1),
                    "iscrowd": 0,
                    "bbox": box,
                    "area": area,
                }
                annotations.append({"id": len(annotations) + 1, **record, "segmentation": dict(rle)})
        categories = [{"id": number, "name": name} for name, number in ids.items()]
        coco = {"images": images, "annotations": annotations, "categories": categories}
        _add(tar, "annotations.json.gz", gzip.compress(json.dumps(coco).encode(), mtime=0))
    partial.replace(output)
    return len(images), len(annotations)


class _Kept(NamedTuple):
    """A mask as it is written: its class, its RLE, bbox XYWH and area."""

    category: str
    rle: Mapping[str, Any]
    extent: tuple[list[int], int]


def _shrunk(image: AnnotatedImage, max_side: int | None) -> tuple[int, int, bytes, list[_Kept]]:
    """Height, width, image file and masks, no larger than `max_side`."""
    names = image.categories or [UNNAMED] * len(image.segmentations)
    masks = [decode(rle) for rle in image.segmentations]
    if max_side is None or max(image.height, image.width) <= max_side:
        rows = zip(names, image.segmentations, masks, strict=True)
        kept = [_Kept(name, rle, _extent(mask)) for name, rle, mask in rows if mask.any()]
        return image.height, image.width, image.data, kept
    height, width = resized_size(image.height, image.width, max_side)
    file = io.BytesIO()
    Image.fromarray(image.pixels()).resize((width, height), Image.Resampling.LANCZOS).save(
        file, "JPEG", quality=JPEG_QUALITY
    )
    small = [(name, _resized(mask, height, width)) for name, mask in zip(names, masks, strict=True)]
    kept = [_Kept(name, encode(mask), _extent(mask)) for name, mask in small if mask.any()]
    return height, width, file.getvalue(), kept


def _resized(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    share = Image.fromarray(mask.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(share) >= 128


def _extent(mask: np.ndarray) -> tuple[list[int], int]:
    x0, y0, x1, y1 = tight_box(mask)
    return [x0, y0, x1 - x0, y1 - y0], int(mask.sum())


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))
