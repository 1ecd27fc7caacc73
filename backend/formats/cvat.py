"""CVAT's XML 1.1 for images: each object a mask, the row-major runs of its box, background first."""

from collections.abc import Iterator
from typing import IO
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

from backend.formats.archive import Archive
from backend.formats.losses import Losses
from backend.formats.records import Dataset, ObjectMask, Picture


class Cvat:
    name = "cvat"
    title = "CVAT for images (XML 1.1, masks)"
    fields_without_a_place = ("author", "stage", "seconds_spent", "prompts", "uuid")

    def picture_path(self, picture: Picture) -> str:
        return f"images/{picture.name}"

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        with archive.open("annotations.xml") as file:
            _put(file, '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n')
            _put(file, f"<meta><task><name>{escape(dataset.name)}</name><labels>\n")
            for category in dataset.categories:
                _put(file, f"<label><name>{escape(category.name)}</name><color>{category.color}</color>")
                _put(file, "<attributes></attributes></label>\n")
            _put(file, "</labels></task></meta>\n")
            for picture, masks in dataset.items():
                name = quoteattr(picture.name)
                size = f'width="{picture.width}" height="{picture.height}"'
                subset = quoteattr(picture.split)
                _put(file, f'<image id="{picture.number - 1}" name={name} subset={subset} {size}>\n')
                for mask in masks:
                    losses.kept(mask)
                    for line in _mask(mask, dataset.category(mask.category_id).name):
                        _put(file, line)
                _put(file, "</image>\n")
            _put(file, "</annotations>\n")


def row_runs(pixels: NDArray[np.bool_]) -> list[int]:
    """The lengths of the runs of pixels [h, w], row by row, background first."""
    flat = pixels.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate(([0], changes, [flat.size]))).tolist()
    return [0, *runs] if flat[0] else runs


def _mask(mask: ObjectMask, label: str) -> Iterator[str]:
    x, y, width, height = mask.bbox
    runs = ", ".join(map(str, row_runs(mask.crop())))
    box = f'left="{x}" top="{y}" width="{width}" height="{height}" z_order="{mask.z}"'
    yield f'<mask label={quoteattr(label)} source="manual" occluded="0" rle="{runs}" {box}>\n'
    for name, value in mask.attributes.items():
        yield f"<attribute name={quoteattr(name)}>{escape(str(value))}</attribute>\n"
    yield "</mask>\n"


def _put(file: IO[bytes], text: str) -> None:
    file.write(text.encode())
