"""Many masks as one picture: each pixel is the object that is seen there."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from backend.formats.records import ObjectMask


def drawing_order(masks: Iterable[ObjectMask]) -> list[ObjectMask]:
    """From the lowest to the uppermost: ascending z, at one z the smaller one over the larger, then the later one."""
    return sorted(masks, key=lambda mask: (mask.z, -mask.area, mask.number))


def object_map(masks: list[ObjectMask], *, height: int, width: int) -> NDArray[np.int64]:
    """[height, width]: the place in `masks`, from 1, of the object seen at each pixel; 0 where there is none."""
    seen = np.zeros((height, width), np.int64)
    place_of = {mask.number: place for place, mask in enumerate(masks, start=1)}
    for mask in drawing_order(masks):
        x, y, w, h = mask.bbox
        seen[y : y + h, x : x + w][mask.crop()] = place_of[mask.number]
    return seen
