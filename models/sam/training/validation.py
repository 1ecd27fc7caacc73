"""The measure of the project on a small, fixed sample of val images: told often while a model trains."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.sam.evaluation.protocol import EvaluationConfig, MaskScore, chosen_masks, score_masks
from models.sam.modeling.sam import Sam
from models.sam.predictor import EncodedImage, SamPredictor
from models.sam.rle import decode
from models.sam.training.data_sources import read_images

SAMPLE = EvaluationConfig(limit=8, max_masks_per_image=4)
# Of fewer images more masks each: a handful of masks would pick the best average by luck.
_MASKS = 32
# The images that pick the best of many averages say too much good of it. From so many val images on, those of the sample
# pick only and the others measure; with fewer the same do both.
APART_FROM = 24


@dataclass
class _Picture:
    photograph: np.ndarray
    masks: list[np.ndarray]
    encoded: EncodedImage | None = None


class Validation:
    """`keeps_embeddings`: the models asked about share one image encoder, so that each picture is embedded once.

    DataError for a data set without val images.
    """

    def __init__(self, data: Path, *, keeps_embeddings: bool) -> None:
        self.keeps_embeddings = keeps_embeddings
        images = read_images(data, SAMPLE.split)
        each = max(int(SAMPLE.max_masks_per_image or 0), _MASKS // len(images))
        self.pictures = [
            _Picture(image.pixels(), [decode(segmentation) for segmentation in segmentations])
            for image, segmentations in chosen_masks(images, replace(SAMPLE, max_masks_per_image=each))
        ]

    def scores(self, sam: Sam) -> list[MaskScore]:
        """The scores of all masks of the sample."""
        predictor = SamPredictor(sam)
        found: list[MaskScore] = []
        for picture in self.pictures:
            encoded = picture.encoded or predictor.encode([picture.photograph])[0]
            if self.keeps_embeddings:
                picture.encoded = encoded
            predictor.images = [encoded]
            found += score_masks(predictor, picture.masks)
        return found


def picking_only(data: Path) -> frozenset[str]:
    """File names of the val images that pick the best average and do not measure it; none where there are few.

    DataError for a data set without val images.
    """
    everything = EvaluationConfig(split=SAMPLE.split)
    images = [image for image, _ in chosen_masks(read_images(data, SAMPLE.split), everything)]
    if len(images) < APART_FROM:
        return frozenset()
    return frozenset(image.file_name for image, _ in chosen_masks(read_images(data, SAMPLE.split), SAMPLE))
