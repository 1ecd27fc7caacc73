"""The crops that are looked at, each the size of the network's input: the whole image, then 2 x 2, 4 x 4, ..."""

import math
from dataclasses import dataclass

from models.sam.refine import Window


@dataclass(frozen=True)
class Crop:
    """A window XYXY (exclusive end) of the photograph and its layer; 0 is the whole image."""

    window: Window
    layer: int

    @property
    def size(self) -> tuple[int, int]:
        """(h, w)."""
        left, top, right, bottom = self.window
        return bottom - top, right - left


def crops_of(size: tuple[int, int], layers: int, overlap_ratio: float) -> list[Crop]:
    """The crops of a photograph of `size` (H, W), in the order of the published code: columns of crops from the left.

    Crops of layer k overlap by `overlap_ratio * 2 / 2^k` of the photograph's short side. ValueError where a crop of the
    last layer would have no pixel.
    """
    height, width = size
    crops = [Crop((0, 0, width, height), 0)]
    for layer in range(1, layers + 1):
        count = 2**layer
        overlap = int(overlap_ratio * min(size) * (2 / count))
        columns, rows = (_spans(side, count, overlap) for side in (width, height))
        if not all(start < end for start, end in (*columns, *rows)):
            raise ValueError(f"a {width} x {height} photograph is too small for {layers} layers of crops")
        crops += [Crop((x0, y0, x1, y1), layer) for x0, x1 in columns for y0, y1 in rows]
    return crops


def _spans(side: int, count: int, overlap: int) -> list[tuple[int, int]]:
    """(start, end) of `count` spans along a side."""
    length = math.ceil((overlap * (count - 1) + side) / count)
    starts = [int((length - overlap) * index) for index in range(count)]
    return [(start, min(start + length, side)) for start in starts]
