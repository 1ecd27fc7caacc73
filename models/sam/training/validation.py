"""The measure of the project on a small, fixed sample of val images: told often while a model trains."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.sam.evaluation.protocol import EvaluationConfig, MaskScore, chosen_masks, score_masks
from models.sam.modeling.sam import Sam
from models.sam.predictor import EncodedImage, SamPredictor
from models.sam.rle import decode
from models.sam.training.data_sources import read_images

SAMPLE = EvaluationConfig(limit=8, max_masks_per_image=4)


@dataclass
class _Picture:
    photograph: np.ndarray
    masks: list[np.ndarray]
    encoded: EncodedImage | None = None


class Validation:
    """`keeps_embeddings`: the models asked about share one image encoder, so that each picture is embedded once.

    DataError for a data set without val images.
    """

    def __init__(self, data: Path, device: str, *, keeps_embeddings: bool) -> None:
        self.device = device
        self.keeps_embeddings = keeps_embeddings
        self.pictures = [
            _Picture(image.pixels(), [decode(segmentation) for segmentation in segmentations])
            for image, segmentations in chosen_masks(read_images(data, SAMPLE.split), SAMPLE)
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
