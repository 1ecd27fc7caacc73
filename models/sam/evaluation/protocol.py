"""The measure of the project: boxes and clicks against true masks, on stored images, through the predictor.

First point: farthest from the mask's edge; later ones in the larger error (see `clicks`). One prompt is ambiguous and
gets three masks, of which the top-ranked counts ("best": the oracle's choice); with more prompts the single-mask token
answers, and every decode is fed the previous low-res logits. IoU is taken at the size of the stored image.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.sam.evaluation.clicks import farthest_point, next_click
from models.sam.predictor import SamPredictor
from models.sam.rle import decode
from models.sam.training.data_sources import AnnotatedImage, read_images

CLICKS = 5
SMALL, MEDIUM = 32**2, 96**2  # COCO's size classes, pixels


@dataclass(frozen=True)
class EvaluationConfig:
    """What is measured. `limit`: a seeded sample of so many images; `max_masks_per_image`: likewise of masks."""

    split: str = "val"
    limit: int | None = None
    max_masks_per_image: int | None = None
    min_area: int = 100  # pixels of the stored image
    seed: int = 0
    prompts_per_batch: int = 16


@dataclass(frozen=True)
class MaskScore:
    """One mask's IoUs. `clicks[n]` is the IoU after n + 1 clicks, `clicks[0]` the top-ranked of three."""

    area: int
    box: float
    box_best: float
    click1_best: float
    clicks: tuple[float, ...]
    iou_error: float  # of the top-ranked first-click mask

    @property
    def size_class(self) -> str:
        return "small" if self.area < SMALL else "medium" if self.area < MEDIUM else "large"


@dataclass(frozen=True)
class SetScore:
    """Scores of one data set."""

    dataset: str
    images: int
    scores: list[MaskScore]
    seconds: float


def evaluate_set(
    predictor: SamPredictor,
    path: Path,
    config: EvaluationConfig,
    progress: Callable[[int, int], None] | None = None,
) -> SetScore:
    """Score every mask of the chosen images of a data set; `progress(done, images)` is called after each image.

    DataError for a set that cannot be read.
    """
    started = time.perf_counter()
    chosen = list(_chosen(read_images(path, config.split), config))
    scores: list[MaskScore] = []
    for done, (image, masks) in enumerate(chosen, start=1):
        predictor.set_image(image.pixels())
        for start in range(0, len(masks), config.prompts_per_batch):
            scores += score_masks(predictor, masks[start : start + config.prompts_per_batch])
        if progress:
            progress(done, len(chosen))
    return SetScore(path.stem, len(chosen), scores, time.perf_counter() - started)


def _chosen(
    images: list[AnnotatedImage], config: EvaluationConfig
) -> Iterator[tuple[AnnotatedImage, list[np.ndarray]]]:
    """Sampled images that have masks of the minimal area, with those masks."""
    rng = np.random.default_rng(config.seed)
    if config.limit is not None and config.limit < len(images):
        images = [images[i] for i in sorted(rng.choice(len(images), config.limit, replace=False))]
    for image in images:
        masks = [mask for mask in map(decode, image.segmentations) if mask.sum() >= config.min_area]
        limit = config.max_masks_per_image
        if limit is not None and limit < len(masks):
            masks = [masks[i] for i in sorted(rng.choice(len(masks), limit, replace=False))]
        if masks:
            yield image, masks


def score_masks(predictor: SamPredictor, targets: list[np.ndarray]) -> list[MaskScore]:
    """Scores of masks [H, W] of the image set in `predictor`, all prompted together."""
    boxes = np.array([box_of(target) for target in targets], np.float64)
    box_masks, box_iou, _ = predictor.predict_batch(boxes=boxes)
    box_all = ious(box_masks, targets)
    box_top = box_iou.argmax(dim=1).cpu().numpy()

    rows = np.arange(len(targets))
    coords = np.array([[farthest_point(target)[0]] for target in targets], np.float64)
    labels = np.ones((len(targets), 1), np.int64)
    masks, predicted, low_res = predictor.predict_batch(coords, labels)
    click_all = ious(masks, targets)
    top = predicted.argmax(dim=1)
    top_rows = top.cpu().numpy()
    iou_error = np.abs(predicted.cpu().numpy()[rows, top_rows] - click_all[rows, top_rows])
    history = [click_all[rows, top_rows]]
    picked = torch.arange(len(targets), device=top.device)
    current, logits = masks[picked, top], low_res[picked, top][:, None]
    while len(history) < CLICKS:
        following = [next_click(m, t) for m, t in zip(current.cpu().numpy(), targets, strict=True)]
        coords = np.concatenate([coords, [[point] for point, _ in following]], axis=1)
        labels = np.concatenate([labels, [[label] for _, label in following]], axis=1)
        masks, _, logits = predictor.predict_batch(coords, labels, mask_inputs=logits, multimask_output=False)
        current = masks[:, 0]
        history.append(ious(masks, targets)[:, 0])
    return [
        MaskScore(
            area=int(target.sum()),
            box=float(box_all[i, box_top[i]]),
            box_best=float(box_all[i].max()),
            click1_best=float(click_all[i].max()),
            clicks=tuple(float(values[i]) for values in history),
            iou_error=float(iou_error[i]),
        )
        for i, target in enumerate(targets)
    ]


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """XYXY box of a non-empty mask as x, y, x + w, y + h of COCO's bbox."""
    xs, ys = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1


def ious(masks_NMHW: Tensor, targets: list[np.ndarray]) -> np.ndarray:
    """IoU [N, M] of predicted masks with one true mask each; 1 where both are empty."""
    target = torch.from_numpy(np.stack(targets)).to(masks_NMHW.device)[:, None]
    overlap = (masks_NMHW & target).sum(dim=(-2, -1), dtype=torch.int64)
    union = (masks_NMHW | target).sum(dim=(-2, -1), dtype=torch.int64)
    return torch.where(union > 0, overlap / union.clamp(min=1), 1.0).cpu().numpy()
