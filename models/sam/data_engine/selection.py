"""Which photographs to label next: by chance, where the model is least sure, or as unlike one another as can be.

Uncertainty is what the model says of its own masks; diversity is the farthest-first order over the photographs' mean
embeddings (the core-set of Sener and Savarese, 2018).
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import torch

from models.sam.mask_generation.network import NetworkDecoder
from models.sam.mask_generator import AutomaticMaskGenerator, GeneratorSettings
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import AnnotatedImage

# A look at a photograph, not its masks: a coarse grid, nothing filtered.
LOOK = GeneratorSettings(points_per_side=8, pred_iou_thresh=0.0, stability_score_thresh=0.0)


class Choice(StrEnum):
    """How the next photographs are chosen."""

    RANDOM = "random"
    UNCERTAINTY = "uncertainty"
    DIVERSITY = "diversity"


def choose(
    choice: Choice,
    predictor: SamPredictor,
    images: Sequence[AnnotatedImage],
    count: int,
    rng: np.random.Generator,
) -> list[AnnotatedImage]:
    """`count` of the images, in the order they are to be labelled."""
    if choice == Choice.RANDOM:
        return [images[index] for index in rng.permutation(len(images))[:count]]
    if choice == Choice.UNCERTAINTY:
        doubts = [uncertainty(predictor, image.pixels()) for image in images]
        return [images[index] for index in np.argsort(doubts, kind="stable")[::-1][:count]]
    features = np.stack([mean_embedding(predictor, image.pixels()) for image in images])
    return [images[index] for index in farthest_first(features, count, int(rng.integers(len(images))))]


def uncertainty(predictor: SamPredictor, photograph: np.ndarray) -> float:
    """In [0, 1]: the mean over the model's masks of one less predicted IoU times stability; 1 where it finds none."""
    records = AutomaticMaskGenerator(NetworkDecoder(predictor)).generate(photograph, LOOK)
    if not records:
        return 1.0
    sure = [np.clip(record["predicted_iou"], 0, 1) * record["stability_score"] for record in records]
    return float(1 - np.mean(sure))


@torch.no_grad()
def mean_embedding(predictor: SamPredictor, photograph: np.ndarray) -> np.ndarray:
    """The mean [C] of an image's embedding over its cells, of length 1."""
    (encoded,) = predictor.encode([photograph])
    side = predictor.model.image_size
    _, _, height, width = encoded.embedding.shape
    # Without the cells of the padding.
    rows = -(-encoded.input_size[0] * height // side)
    columns = -(-encoded.input_size[1] * width // side)
    mean = encoded.embedding[0, :, :rows, :columns].mean(dim=(1, 2)).double().cpu().numpy()
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12))


def farthest_first(features: np.ndarray, count: int, first: int) -> list[int]:
    """Indices of `count` rows of features [N, C], each as far from those before it as any; `first` begins."""
    chosen = [first]
    distance = np.linalg.norm(features - features[first], axis=1)
    while len(chosen) < min(count, len(features)):
        distance[chosen] = -1
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(features - features[chosen[-1]], axis=1))
    return chosen
