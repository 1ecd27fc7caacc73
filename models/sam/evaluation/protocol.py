"""The measure of the project: boxes and clicks against true masks, on stored images, through the predictor.

First point: farthest from the mask's edge; later ones in the larger error (see `clicks`). One prompt is ambiguous and
gets three masks, of which the top-ranked counts ("best": the oracle's choice); with more prompts the single-mask token
answers, and every decode is fed the previous low-res logits. IoU is taken at the size of the stored image.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models.sam.boxes import tight_box
from models.sam.evaluation.clicking import clicked, ious
from models.sam.evaluation.clicks import farthest_point, iou
from models.sam.modeling.sam import PIXEL_MEAN
from models.sam.predictor import SamPredictor
from models.sam.rle import area, decode
from models.sam.training.data_sources import AnnotatedImage, read_images

CLICKS = 5
SMALL, MEDIUM = 32**2, 96**2  # COCO's size classes, pixels

# Other ways to a mask from the same box: predictor with the image set, the photograph [H, W, 3], boxes XYXY [N, 4]
# -> bool masks [H, W], N for each row's name. They never see the true masks.
BoxMeasure = Callable[[SamPredictor, np.ndarray, np.ndarray], dict[str, list[np.ndarray]]]


@dataclass(frozen=True)
class EvaluationConfig:
    """What is measured. `limit`: a seeded sample of so many images; `max_masks_per_image`: likewise of masks.

    `grey_control`: everything once more with each image replaced by flat grey. `passed_over`: file names left out.
    """

    split: str = "val"
    limit: int | None = None
    max_masks_per_image: int | None = None
    min_area: int = 100  # pixels of the stored image
    seed: int = 0
    prompts_per_batch: int = 16
    grey_control: bool = False
    passed_over: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MaskScore:
    """One mask's IoUs. `clicks[n]` is the IoU after n + 1 clicks, `clicks[0]` the top-ranked of three.

    `predicted` and `true` are the IoUs of all candidates of the first click, in the order of the mask tokens.
    """

    area: int
    box: float
    box_best: float
    click1_best: float
    clicks: tuple[float, ...]
    iou_error: float  # of the top-ranked first-click mask
    predicted: tuple[float, ...]
    true: tuple[float, ...]

    @property
    def size_class(self) -> str:
        return "small" if self.area < SMALL else "medium" if self.area < MEDIUM else "large"


@dataclass(frozen=True)
class ImageScore:
    """Scores of one image's masks; see `SetScore`."""

    scores: list[MaskScore]
    grey: list[MaskScore]
    boxes: dict[str, dict[str, list[float]]]


@dataclass(frozen=True)
class SetScore:
    """Scores of one data set; the lists of `grey` and of `boxes` (group -> row -> IoUs) run parallel to `scores`.

    `masks`: how many of the scores are of each image, in their order."""

    dataset: str
    images: int
    scores: list[MaskScore]
    seconds: float
    grey: list[MaskScore] = field(default_factory=list)
    boxes: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    masks: list[int] = field(default_factory=list)


def evaluate_set(
    predictor: SamPredictor,
    path: Path,
    config: EvaluationConfig,
    progress: Callable[[int, int], None] | None = None,
    box_measures: Mapping[str, BoxMeasure] | None = None,
) -> SetScore:
    """Score every mask of the chosen images of a data set; `progress(done, images)` is called after each image.

    `box_measures`: groups of rows measured from the same boxes, by name. DataError for a set that cannot be read.
    """
    started = time.perf_counter()
    chosen = list(chosen_masks(read_images(path, config.split), config))
    found: list[ImageScore] = []
    for done, (image, segmentations) in enumerate(chosen, start=1):
        # One image's masks at a time: those of a set of large photographs fill the memory.
        masks = [decode(segmentation) for segmentation in segmentations]
        found.append(score_image(predictor, image.pixels(), masks, config, box_measures))
        if progress:
            progress(done, len(chosen))
    return set_score(path.stem, found, time.perf_counter() - started)


def score_image(
    predictor: SamPredictor,
    photograph: np.ndarray,
    masks: list[np.ndarray],
    config: EvaluationConfig,
    box_measures: Mapping[str, BoxMeasure] | None = None,
) -> ImageScore:
    """Scores of masks [H, W] of a photograph [H, W, 3], which is left set in `predictor` unless its grey control is."""
    batches = [
        masks[start : start + config.prompts_per_batch]
        for start in range(0, len(masks), config.prompts_per_batch)
    ]
    scores: list[MaskScore] = []
    grey: list[MaskScore] = []
    rows: dict[str, dict[str, list[float]]] = {group: defaultdict(list) for group in box_measures or {}}
    predictor.set_image(photograph)
    for batch in batches:
        scores += score_masks(predictor, batch)
        boxes = np.array([tight_box(target) for target in batch], np.float64)
        for group, measure in (box_measures or {}).items():
            for row, answers in measure(predictor, photograph, boxes).items():
                rows[group][row] += [iou(*pair) for pair in zip(answers, batch, strict=True)]
    if config.grey_control:
        predictor.set_image(grey_like(photograph))
        for batch in batches:
            grey += score_masks(predictor, batch)
    return ImageScore(scores, grey, {group: dict(found) for group, found in rows.items()})


def set_score(dataset: str, images: Sequence[ImageScore], seconds: float) -> SetScore:
    """The scores of a data set's images, in their order."""
    boxes: dict[str, dict[str, list[float]]] = {}
    for image in images:
        for group, rows in image.boxes.items():
            for row, values in rows.items():
                boxes.setdefault(group, {}).setdefault(row, []).extend(values)
    return SetScore(
        dataset,
        len(images),
        [score for image in images for score in image.scores],
        seconds,
        [score for image in images for score in image.grey],
        boxes,
        [len(image.scores) for image in images],
    )


def grey_like(photograph: np.ndarray) -> np.ndarray:
    """A picture of the same size that shows nothing: uint8 [H, W, 3] of the model's mean pixel.

    Clicks on it are corrected in the usual way, from the true mask, so that its score says what prompts alone give.
    """
    return np.broadcast_to(np.rint(PIXEL_MEAN).astype(np.uint8), photograph.shape).copy()


def chosen_masks(
    images: list[AnnotatedImage], config: EvaluationConfig
) -> Iterator[tuple[AnnotatedImage, list[dict[str, Any]]]]:
    """Sampled images that have masks of the minimal area, with those masks as RLE."""
    rng = np.random.default_rng(config.seed)
    for image in sampled(images, config, rng):
        masks = [rle for rle in image.segmentations if area(rle) >= config.min_area]
        limit = config.max_masks_per_image
        if limit is not None and limit < len(masks):
            masks = [masks[i] for i in sorted(rng.choice(len(masks), limit, replace=False))]
        if masks:
            yield image, masks


def sampled(
    images: list[AnnotatedImage], config: EvaluationConfig, rng: np.random.Generator | None = None
) -> list[AnnotatedImage]:
    """The images but those passed over, or the sample of them that `limit` asks for; `rng`: default of the seed."""
    rng = rng or np.random.default_rng(config.seed)
    images = [image for image in images if image.file_name not in config.passed_over]
    if config.limit is None or config.limit >= len(images):
        return images
    return [images[i] for i in sorted(rng.choice(len(images), config.limit, replace=False))]


def score_masks(predictor: SamPredictor, targets: list[np.ndarray]) -> list[MaskScore]:
    """Scores of masks [H, W] of the image set in `predictor`, all prompted together."""
    boxes = np.array([tight_box(target) for target in targets], np.float64)
    box_masks, box_iou, _ = predictor.predict_batch(boxes=boxes)
    box_all = ious(box_masks, targets)
    box_top = box_iou.argmax(dim=1).cpu().numpy()

    rows = np.arange(len(targets))
    found = clicked(predictor, targets, [farthest_point(target)[0] for target in targets], CLICKS)
    iou_error = np.abs(found.predicted[rows, found.top] - found.true[rows, found.top])
    return [
        MaskScore(
            area=int(target.sum()),
            box=float(box_all[i, box_top[i]]),
            box_best=float(box_all[i].max()),
            click1_best=float(found.true[i].max()),
            clicks=tuple(float(values[i]) for values in found.history),
            iou_error=float(iou_error[i]),
            predicted=tuple(found.predicted[i].tolist()),
            true=tuple(found.true[i].tolist()),
        )
        for i, target in enumerate(targets)
    ]
