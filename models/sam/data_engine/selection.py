"""Which photographs to label next: by chance, where the model is least sure, where it and the one before it differ, or as
unlike one another as can be.

Uncertainty is what the model says of its own masks; disagreement what two models say to the same clicks (query by
committee; Seung, Opper and Sompolinsky, 1992); diversity is the farthest-first order over the photographs' mean
embeddings (the core-set of Sener and Savarese, 2018).
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import islice

import numpy as np
import torch

from models.sam.mask_generation.decoding import PointDecoder
from models.sam.mask_generation.grid import point_grid
from models.sam.mask_generation.network import MASKS, NetworkDecoder
from models.sam.mask_generator import AutomaticMaskGenerator, GeneratorSettings
from models.sam.predictor import EncodedImage, SamPredictor
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
        doubts = [uncertainty(NetworkDecoder(predictor), image.pixels()) for image in images]
        return [images[index] for index in np.argsort(doubts, kind="stable")[::-1][:count]]
    features = np.stack([mean_embedding(predictor, image.pixels()) for image in images])
    return [images[index] for index in farthest_first(features, count, int(rng.integers(len(images))))]


def uncertainty(decoder: PointDecoder, photograph: np.ndarray) -> float:
    """In [0, 1]: the mean over the model's masks of one less predicted IoU times stability; 1 where it finds none.

    `photograph`, RGB uint8 [H, W, 3], may be as small as the masks need to be: clicks are told as shares of it.
    """
    records = AutomaticMaskGenerator(decoder).generate(photograph, LOOK)
    if not records:
        return 1.0
    sure = [np.clip(record["predicted_iou"], 0, 1) * record["stability_score"] for record in records]
    return float(1 - np.mean(sure))


@torch.no_grad()
def clicked_masks(decoder: PointDecoder, photograph: np.ndarray) -> np.ndarray:
    """bool [n, H, W]: for each click of the coarse grid the mask that the model predicts the highest IoU for."""
    height, width = photograph.shape[:2]
    points = point_grid(LOOK.points_per_side) * np.array([width, height])
    crop = decoder.look_at(photograph)
    masks = []
    for start in range(0, len(points), crop.usual_batch):
        answers = crop.decode(points[start : start + crop.usual_batch])
        best = answers.iou_predictions.argmax(dim=1)
        numbers = torch.arange(len(best), device=best.device) * MASKS + best
        answers.choose(numbers)
        masks.append((answers.logits(numbers) > decoder.mask_threshold).cpu().numpy())
    return np.concatenate(masks)


def disagreement(some: np.ndarray, others: np.ndarray) -> float:
    """In [0, 1]: one less the mean IoU of two models' masks of the same clicks, bool [n, H, W] each. Where neither model
    finds a pixel they agree."""
    both, either = (some & others).sum(axis=(1, 2)), (some | others).sum(axis=(1, 2))
    return float(1 - np.where(either > 0, both / np.maximum(either, 1), 1.0).mean())


@torch.no_grad()
def mean_embedding(predictor: SamPredictor, photograph: np.ndarray) -> np.ndarray:
    """The mean [C] of an image's embedding over its cells, of length 1."""
    (encoded,) = predictor.encode([photograph])
    return encoded_mean(encoded, predictor.model.image_size)


@torch.no_grad()
def encoded_mean(encoded: EncodedImage, side: int) -> np.ndarray:
    """The same of an image that is encoded; `side` of the model's input."""
    _, _, height, width = encoded.embedding.shape
    # Without the cells of the padding.
    rows = -(-encoded.input_size[0] * height // side)
    columns = -(-encoded.input_size[1] * width // side)
    mean = encoded.embedding[0, :, :rows, :columns].mean(dim=(1, 2)).double().cpu().numpy()
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12))


def farthest_first(features: np.ndarray, count: int, first: int) -> list[int]:
    """Indices of `count` rows of features [N, C], each as far from those before it as any; `first` begins."""
    following = farthest_from(features, count, features[first : first + 1], left_out=[first])
    return [first, *(index for index, _ in islice(following, count - 1))]


def farthest_from(
    features: np.ndarray, count: int, known: np.ndarray, left_out: Sequence[int] = ()
) -> Iterator[tuple[int, float]]:
    """(index, distance) of the rows of features [N, C] but those `left_out`: `count` of them each as far from the known
    ones [K, C] and from those before it as any, then the rest, by how far each is from all of these."""
    distance = np.full(len(features), np.inf)
    for one in known:
        distance = np.minimum(distance, np.linalg.norm(features - one, axis=1))
    distance[list(left_out)] = -1
    for _ in range(min(count, len(features) - len(left_out))):
        index = int(distance.argmax())
        yield index, float(distance[index])
        distance = np.minimum(distance, np.linalg.norm(features - features[index], axis=1))
        distance[index] = -1
    for index in np.argsort(-distance, kind="stable"):
        if distance[index] >= 0:
            yield int(index), float(distance[index])
