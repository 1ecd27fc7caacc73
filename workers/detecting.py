"""Masks of what a model's detector finds in a picture."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings

if TYPE_CHECKING:
    from models.sam.detection.network import ObjectDetector
    from models.sam.mask_generation.candidates import Candidates
    from models.sam.mask_generation.settings import GeneratorSettings
    from workers.proposing import PatientDecoder


def masks_detected(decoder: PatientDecoder, pixels: np.ndarray, wanted: GeneratorSettings) -> Candidates:
    """The masks of RGB uint8 [H, W, 3] that pass the filters. Where the decoder had no embedding of the picture it has
    one afterwards. Raises ModelError."""
    from models.sam.detection.detect import DetectedBoxes, detect
    from models.sam.detection.masks import PROMPTS_AT_ONCE, masks_in
    from models.sam.mask_generation.candidates import Candidates

    detector = detector_of(*decoder.version)
    with decoder.turn() as predictor:
        if decoder.embedding is None:
            (encoded,) = predictor.encode([pixels])
            decoder.embedding = encoded.embedding.float().cpu().numpy()
        else:
            encoded = predictor.encoded_as(decoder.embedding, (pixels.shape[0], pixels.shape[1]))
        found = detect(detector, encoded)
    parts = []
    for start in range(0, len(found.boxes), PROMPTS_AT_ONCE):
        some = slice(start, start + PROMPTS_AT_ONCE)
        with decoder.turn() as predictor:
            boxes = DetectedBoxes(found.boxes[some], found.scores[some])
            parts.append(masks_in(predictor, encoded, boxes, wanted))
    return Candidates.joined(parts)


@lru_cache(maxsize=4)
def detector_of(name: str, version: str) -> ObjectDetector:
    """The detector of a model's artifact on this worker's device. Raises ModelError `detector.missing`."""
    from models.sam.detection.weights import load_detector
    from models.sam.errors import ModelError
    from models.sam.manifest import read_manifest, verify_file

    folder = Path(settings.MODELS_DIR) / name / version
    entry = read_manifest(folder).detector
    if entry is None:
        raise ModelError("detector.missing", f"{name}@{version} has no detector.")
    return load_detector(verify_file(folder, entry), settings.DEVICE)
