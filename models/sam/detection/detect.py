"""Boxes of the things on a photograph."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from models.sam.detection.network import ObjectDetector
from models.sam.mask_generation.nms import suppress
from models.sam.predictor import EncodedImage

# More than are ever kept of a photograph, before they suppress one another.
_CANDIDATES = 1000


@dataclass(frozen=True)
class DetectionSettings:
    """`least_score` and IoU of suppression in [0, 1]; `most` boxes of a photograph. ValueError for others."""

    least_score: float = 0.1
    nms_thresh: float = 0.7
    most: int = 100

    def __post_init__(self) -> None:
        for name in ("least_score", "nms_thresh"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be between 0 and 1, not {getattr(self, name)}")
        if self.most < 1:
            raise ValueError(f"most must be at least 1, not {self.most}")


class DetectedBoxes(NamedTuple):
    """Boxes float32 [n, 4], XYXY in the photograph's pixels, and their scores float32 [n], the best first."""

    boxes: np.ndarray
    scores: np.ndarray


@torch.no_grad()
def detect(
    detector: ObjectDetector, encoded: EncodedImage, settings: DetectionSettings = DetectionSettings()
) -> DetectedBoxes:
    """The things on an encoded photograph. Scores estimate the IoU of the box with a thing's."""
    found = detector(encoded.embedding.float())
    scores = found.logits[0].sigmoid()
    best = scores.topk(min(_CANDIDATES, len(scores)))
    boxes = found.boxes[0][best.indices].cpu().numpy().astype(np.float64)
    values = best.values.cpu().numpy()
    height, width = encoded.original_size
    boxes = np.clip(boxes * max(height, width), 0, [width, height, width, height])
    is_kept = (values >= settings.least_score) & ((boxes[:, 2:] - boxes[:, :2]).min(axis=1) >= 1)
    boxes, values = boxes[is_kept], values[is_kept]
    chosen = suppress(boxes, values, settings.nms_thresh)[: settings.most]
    return DetectedBoxes(boxes[chosen].astype(np.float32), values[chosen].astype(np.float32))
