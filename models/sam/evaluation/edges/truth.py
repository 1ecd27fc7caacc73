"""Boundaries that people drew: from files where the data set has them, else from its masks.

A file `boundaries_<split>/<image>.png` has bit k - 1 of a pixel set where annotator k marks a boundary, 8 or 16 bits.
Masks tell their annotator by a key `annotator` of the annotation; those without are one annotator's.
"""

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.sam.evaluation.edges.thinning import thin
from models.sam.rle import decode
from models.sam.training.data_sources import (
    AnnotatedImage,
    DataError,
    FileSource,
    open_source,
    read_annotations,
)


class TrueBoundaries:
    """Those of the data set at `path`. DataError for one that cannot be read."""

    def __init__(self, path: Path) -> None:
        self.source = open_source(path)
        coco = read_annotations(self.source)
        names = {image["id"]: image["file_name"] for image in coco["images"]}
        self._masks: dict[str, dict[Any, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        for annotation in coco["annotations"]:
            if not annotation.get("iscrowd") and isinstance(annotation["segmentation"], dict):
                of_image = self._masks[names[annotation["image_id"]]]
                of_image[annotation.get("annotator", 1)].append(annotation["segmentation"])

    def of(self, image: AnnotatedImage) -> tuple[list[np.ndarray], bool]:
        """Bool maps [H, W] of an image, one for each annotator, and whether they were made of masks. DataError for a file
        that cannot be used."""
        size = image.height, image.width
        maps = boundaries_in(self.source, image.split, image.file_name, size)
        if maps is not None:
            return maps, False
        by_annotator = self._masks[image.file_name]
        return [boundary_of(map(decode, by_annotator[one]), size) for one in sorted(by_annotator)], True


def boundaries_in(
    source: FileSource, split: str, file_name: str, size: tuple[int, int]
) -> list[np.ndarray] | None:
    """Bool maps [H, W], one for each annotator who marked any, of an image of `size` (H, W); None without a file.

    DataError for a file of another size or kind.
    """
    path = f"boundaries_{split}/{file_name.rpartition('.')[0]}.png"
    data = source.read(path)
    if data is None:
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            bits = np.asarray(image)
    except OSError as error:
        raise DataError(f"{source.name}/{path} is no picture") from error
    if bits.shape != size or bits.dtype.kind not in "iu":
        raise DataError(f"{source.name}/{path} is {bits.dtype} {list(bits.shape)}, the image is {list(size)}")
    maps = [(bits >> bit & 1).astype(bool) for bit in range(bits.dtype.itemsize * 8)]
    return [map_ for map_ in maps if map_.any()]


def boundary_of(masks: Iterable[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """The outlines of one annotator's masks, bool [H, W] each, as one map of lines a pixel wide.

    A pixel is on a line if a mask holds it and not its right, lower or lower right neighbour, or the other way round: two
    masks that touch share one line. The border of the image is none. Of BSDS500's masks this makes the benchmark's maps.
    """
    lines = np.zeros(size, bool)
    for mask in masks:
        lines[:, :-1] |= mask[:, :-1] != mask[:, 1:]
        lines[:-1] |= mask[:-1] != mask[1:]
        lines[:-1, :-1] |= mask[:-1, :-1] != mask[1:, 1:]
    return thin(lines)
