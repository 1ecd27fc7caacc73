"""Crops of objects as the paper shows them to CLIP (7.5, D.5): a square around the box, widened by chance, half of
the time without what is around the object.

Frame: pixels of the photograph; boxes XYXY.
"""

from typing import NamedTuple

import numpy as np

from models.sam.boxes import tight_box

WIDENING = (1.0, 2.0)
BLANKED = 0.5


class ObjectCrop(NamedTuple):
    """A square picture uint8 [s, s, 3], black where it leaves the photograph, and the mask bool [s, s] in it."""

    picture: np.ndarray
    mask: np.ndarray


def object_crop(photograph: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> ObjectCrop:
    """A crop of the object `mask`, bool [H, W], of a photograph uint8 [H, W, 3]. ValueError for an empty mask."""
    if not mask.any():
        raise ValueError("a mask without a pixel cannot be cropped")
    x0, y0, x1, y1 = tight_box(mask)
    side = max(1, round(max(x1 - x0, y1 - y0) * float(rng.uniform(*WIDENING))))
    left, top = (x0 + x1 - side) // 2, (y0 + y1 - side) // 2
    picture, inside = np.zeros((side, side, 3), np.uint8), np.zeros((side, side), bool)
    height, width = mask.shape
    rows, columns = slice(max(0, top), min(height, top + side)), slice(max(0, left), min(width, left + side))
    there = (
        slice(rows.start - top, rows.stop - top),
        slice(columns.start - left, columns.stop - left),
    )
    picture[there], inside[there] = photograph[rows, columns], mask[rows, columns]
    if rng.random() < BLANKED:
        picture[~inside] = 0
    return ObjectCrop(picture, inside)
