"""What the detector learns from: embeddings of random views, made once, with the boxes of the masks in them.

The encoder does not learn, and costs a hundred times what the detector does: so a view is looked at many times.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.sam.modeling.sam import Sam
from models.sam.training.augmentation import (
    AugmentationConfig,
    View,
    ViewSize,
    jitter_colour,
    random_view,
    whole_view,
)
from models.sam.training.data_sources import AnnotatedImage
from models.sam.training.image_masks import ImageMasks

# A thing of which less is in the view is none of it.
LEAST_VISIBLE = 0.4
LARGEST_SHARE = 0.9  # of the image; larger ones are no things
AUGMENTATION = AugmentationConfig(zoom=(0.6, 1.6))


@dataclass(frozen=True)
class EmbeddedView:
    """An embedding float16 [C, E, E] and the boxes [M, 4] of what is on it, XYXY in the unit square."""

    embedding: Tensor
    boxes: Tensor


@torch.no_grad()
def embedded_views(
    model: Sam,
    images: Sequence[AnnotatedImage],
    count: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], bool] = lambda done, total: False,
) -> list[EmbeddedView]:
    """`count` views, of each image as it is first, then by chance, until there are so many. Images without masks,
    and masks of next to the whole image, are left out. `progress` is told how many are done, and ends it by True."""
    views: list[EmbeddedView] = []
    for number in range(count):
        image = ImageMasks(images[number % len(images)], LARGEST_SHARE)
        if len(image.boxes_xyxy):
            views.append(_embedded(model, image, _view(model, image, number < len(images), rng), rng))
        if progress(number + 1, count):
            break
    return views


def _view(model: Sam, image: ImageMasks, is_whole: bool, rng: np.random.Generator) -> View:
    if is_whole:
        return whole_view(image.height, image.width, model.image_size)
    anchor = image.boxes_xyxy[rng.integers(len(image.boxes_xyxy))]
    return random_view(image.height, image.width, ViewSize(model.image_size), anchor, AUGMENTATION, rng)


def _embedded(model: Sam, image: ImageMasks, view: View, rng: np.random.Generator) -> EmbeddedView:
    pixels = jitter_colour(view.draw(image.pixels), AUGMENTATION, rng)
    tensor = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1).float().to(model.device)
    embedding = model.image_encoder(model.preprocess(tensor)[None])[0]
    boxes = boxes_in(view, image.boxes_xyxy) / model.image_size
    return EmbeddedView(embedding.half().cpu(), torch.from_numpy(boxes).float())


def boxes_in(view: View, boxes_xyxy: np.ndarray) -> np.ndarray:
    """The boxes [n, 4] (stored pixels) that are visible enough, cut to the view, in its pixels: [m, 4]."""
    seen = boxes_xyxy[view.visible_share(boxes_xyxy) >= LEAST_VISIBLE]
    x0, y0, x1, y1 = view.box
    scale = np.array([view.width / (x1 - x0), view.height / (y1 - y0)] * 2)
    placed = np.clip((seen - np.array([x0, y0, x0, y0])) * scale, 0, [view.width, view.height] * 2)
    if view.mirrored:
        placed[:, [0, 2]] = view.width - placed[:, [2, 0]]
    return placed
