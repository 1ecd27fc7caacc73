"""What a detector finds on photographs whose things are known."""

from collections.abc import Sequence

import numpy as np

from models.sam.detection.detect import DetectionSettings, detect
from models.sam.detection.network import ObjectDetector
from models.sam.detection.recall import average_recall
from models.sam.detection.views import LARGEST_SHARE
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import AnnotatedImage
from models.sam.training.image_masks import ImageMasks

LIMITS = (10, 100)


def detector_quality(
    detector: ObjectDetector, predictor: SamPredictor, images: Sequence[AnnotatedImage]
) -> dict[str, float]:
    """`images`, `objects` and the average recall of boxes, `ar_10` and `ar_100`."""
    found, truths = [], []
    for image in images:
        masks = ImageMasks(image, LARGEST_SHARE)
        (encoded,) = predictor.encode([masks.pixels])
        found.append(detect(detector, encoded, DetectionSettings(least_score=0.0)).boxes)
        truths.append(masks.boxes_xyxy)
    quality: dict[str, float] = {"images": len(truths), "objects": sum(map(len, truths))}
    for limit in LIMITS:
        value = average_recall(found, truths, limit)
        quality[f"ar_{limit}"] = round(value, 4) if np.isfinite(value) else 0.0
    return quality
