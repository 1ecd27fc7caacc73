"""A photograph held in memory with its masks as runs, and objects cut out of it. Not for views: see `dataset`.

Frame: pixels of the stored image; boxes XYXY with x1 and y1 one past the last pixel.
"""

from dataclasses import dataclass

import numpy as np

from models.sam.boxes import tight_box
from models.sam.rle import runs_of, runs_to_mask
from models.sam.training.data_sources import AnnotatedImage


@dataclass(frozen=True)
class CutOut:
    """An object lifted from its photograph: RGB `pixels` [h, w, 3] of its tight box, `mask` [h, w] uint8 0 or 255.

    `share` is the box's long side over the photograph's long side.
    """

    pixels: np.ndarray
    mask: np.ndarray
    share: float


class ImageMasks:
    """An image's pixels (decoded once) and its masks as runs, ready to be drawn.

    Masks without pixels or over `max_share` of the image are left out; `kept` are the numbers of the others.
    """

    def __init__(self, image: AnnotatedImage, max_share: float) -> None:
        self.pixels = image.pixels()
        self.height, self.width = image.height, image.width
        runs = [runs_of(record) for record in image.segmentations]
        area = np.array([int(run[1::2].sum()) for run in runs])
        keep = np.flatnonzero((area > 0) & (area <= max_share * self.height * self.width))
        self.kept = keep.tolist()
        self.runs = [runs[i].astype(np.uint32) for i in keep]
        self.areas = area[keep].astype(np.float64) if len(keep) else np.zeros(0)
        boxes = [tight_box(self.mask(index)) for index in range(len(self.runs))]
        self.boxes_xyxy = np.array(boxes, np.float64).reshape(-1, 4)

    def mask(self, index: int) -> np.ndarray:
        """Mask [height, width], bool."""
        return runs_to_mask(self.runs[index], (self.height, self.width))

    def cut_out(self, index: int) -> CutOut:
        """The object of one mask."""
        x0, y0, x1, y1 = self.boxes_xyxy[index].astype(int)
        mask = np.ascontiguousarray(self.mask(index)[y0:y1, x0:x1]).astype(np.uint8) * 255
        return CutOut(self.pixels[y0:y1, x0:x1], mask, max(x1 - x0, y1 - y0) / max(self.height, self.width))
