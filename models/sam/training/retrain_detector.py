"""The detector of a retrained model: learned from the same masks, on the embeddings that the model has now.

Only where there are enough things to learn from. Where the encoder is the parent's and the parent has a detector, that
one learns on.
"""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.sam.detection.learning import LearningConfig, learn, new_detector
from models.sam.detection.network import ObjectDetector
from models.sam.detection.quality import detector_quality
from models.sam.detection.views import EmbeddedView, embedded_views
from models.sam.detection.weights import load_detector, save_detector
from models.sam.manifest import Manifest, verify_file
from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import AnnotatedImage, read_images
from models.sam.training.retrain_folder import DETECTING, RetrainSpec, tell

LEAST_IMAGES, LEAST_MASKS = 8, 50
VIEWS_PER_IMAGE, MOST_VIEWS = 4, 2000
# Of the time that the training had, embedding and learning may take as much each.
TIME_SHARE = 0.2
VAL_IMAGES = 50
FILE = "detector.safetensors"


def retrained_detector(
    folder: Path, spec: RetrainSpec, manifest: Manifest, child: Sam, *, name: str, is_same_encoder: bool
) -> Path | None:
    """The file of the detector for `child`, called `name`; None where there is too little to learn from and the parent's
    does not fit. Made once."""
    made = folder / FILE
    if made.is_file():
        return made
    images = [image for image in read_images(folder / "data.tar", "train") if image.segmentations]
    known = _of_parent(spec, manifest) if is_same_encoder else None
    is_enough = (
        len(images) >= LEAST_IMAGES and sum(len(image.segmentations) for image in images) >= LEAST_MASKS
    )
    if not is_enough:
        return known
    detector = (load_detector(known) if known else new_detector(manifest.embedding_shape, spec.seed)).to(
        spec.device
    )
    views = _views(folder, spec, child, images)
    if not views:
        return known
    config = LearningConfig(max_seconds=TIME_SHARE * spec.max_seconds, seed=spec.seed)
    if spec.steps is not None:
        config = replace(config, epochs=0, least_steps=spec.steps)
    heard = 0.0

    def after_step(step: int, steps: int, _: float) -> bool:
        nonlocal heard
        if time.monotonic() - heard > 1:
            tell(folder, DETECTING, 0.5 + 0.4 * step / steps)
            heard = time.monotonic()
        return False

    learn(detector, views, config, after_step)
    _save(folder, made, detector, child, name)
    return made


def _of_parent(spec: RetrainSpec, manifest: Manifest) -> Path | None:
    return verify_file(Path(spec.parent), manifest.detector) if manifest.detector else None


def _views(folder: Path, spec: RetrainSpec, child: Sam, images: list[AnnotatedImage]) -> list[EmbeddedView]:
    """As many as there is time for, at least one of each image where there is time for that."""
    rng = np.random.default_rng(spec.seed)
    images = [images[number] for number in rng.permutation(len(images))]
    until = time.monotonic() + TIME_SHARE * spec.max_seconds

    def progress(done: int, total: int) -> bool:
        tell(folder, DETECTING, 0.5 * done / total)
        return time.monotonic() > until

    return embedded_views(child, images, min(MOST_VIEWS, VIEWS_PER_IMAGE * len(images)), rng, progress)


def _save(folder: Path, made: Path, detector: ObjectDetector, child: Sam, name: str) -> None:
    val = [image for image in read_images(folder / "data.tar", "val") if image.segmentations]
    quality = detector_quality(detector, SamPredictor(child), val[:VAL_IMAGES])
    partial = made.with_suffix(".partial")
    save_detector(detector.cpu(), partial, model=name, quality=quality)
    partial.replace(made)
