"""What the generator asks of whatever decodes points: a network, or anything else that answers with masks.

Shape letters: n points, k masks of a point (3 of SAM: whole, part, subpart), m masks that are chosen.
"""

from typing import Protocol

import numpy as np
from torch import Tensor


class DecodedPoints(Protocol):
    """Answers to n points, k masks each: mask j of point i has number k * i + j."""

    @property
    def iou_predictions(self) -> Tensor:
        """[n, k]."""
        ...

    def choose(self, numbers: Tensor) -> None:
        """Told once, before any logits are asked for, which masks int64 [m] will be: the others need not be drawn."""
        ...

    def logits(self, numbers: Tensor) -> Tensor:
        """Logits [m, h, w], at the crop's resolution, of the masks with these numbers int64 [m], in ascending order."""
        ...


class CropDecoder(Protocol):
    """Answers points on one crop."""

    @property
    def usual_batch(self) -> int:
        """Points that are best asked at once."""
        ...

    def decode(self, points: np.ndarray) -> DecodedPoints:
        """Answers to foreground points [n, 2], XY in pixels of the crop."""
        ...


class PointDecoder(Protocol):
    """Looks at crops."""

    @property
    def mask_threshold(self) -> float:
        """Logits above are foreground."""
        ...

    def look_at(self, crop: np.ndarray) -> CropDecoder:
        """What answers points on a crop, RGB uint8 [h, w, 3]."""
        ...
