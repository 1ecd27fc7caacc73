"""The generator: crops, points, filters and suppression, in the order of the published code.

Per crop: a grid of points -> three masks each -> predicted IoU -> stability -> boxes -> edges -> suppression by predicted
IoU. Then suppression across crops, where small crops win, then small regions. The order of the records follows from it.
"""

from collections.abc import Callable
from typing import Any, TypedDict

import numpy as np
import torch

from models.sam.mask_generation.asking import ask
from models.sam.mask_generation.candidates import NOTHING, Candidates
from models.sam.mask_generation.crops import Crop, crops_of
from models.sam.mask_generation.decoding import PointDecoder
from models.sam.mask_generation.filters import boxes_of
from models.sam.mask_generation.grid import point_grid
from models.sam.mask_generation.nms import suppress
from models.sam.mask_generation.regions import drop_small_islands, fill_small_holes
from models.sam.mask_generation.settings import PRESETS, GeneratorSettings, OutputMode
from models.sam.rle import mask_to_runs, runs_to_mask, runs_to_string

Progress = Callable[[int, int], None]


class MaskRecord(TypedDict):
    """One mask. `segmentation` as the settings' `output_mode` says: compressed or uncompressed COCO RLE or bool [H, W];
    `bbox` and `crop_box` XYWH, of which `bbox` has last minus first pixel as its sides; `point_coords` [[x, y]]."""

    segmentation: Any
    area: int
    bbox: list[int]
    predicted_iou: float
    point_coords: list[list[float]]
    stability_score: float
    crop_box: list[int]


class AutomaticMaskGenerator:
    """Masks of everything that `decoder` finds in a photograph."""

    def __init__(self, decoder: PointDecoder) -> None:
        self.decoder = decoder

    @torch.no_grad()
    def generate(
        self,
        image: np.ndarray,
        settings: GeneratorSettings = PRESETS["default"],
        progress: Progress | None = None,
        others: Candidates = NOTHING,
    ) -> list[MaskRecord]:
        """The records of a photograph, RGB uint8 [H, W, 3]. `progress` is told how many points of how many are done.

        `others` were found on it in another way, and passed the same filters: of two masks of one thing the one with the
        better predicted IoU stays.

        ValueError for anything but such an image, and for one too small for the settings' crops. Masks without a pixel
        are left out even where no filter is set.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
            raise ValueError(f"an image must be uint8 [H, W, 3], not {image.dtype} {list(image.shape)}")
        size = image.shape[0], image.shape[1]
        crops = crops_of(size, settings.crop_n_layers, settings.crop_overlap_ratio)
        total, done = sum(settings.points_in_layer(crop.layer) ** 2 for crop in crops), 0

        def advance(points: int) -> None:
            nonlocal done
            done += points
            if progress:
                progress(done, total)

        found = Candidates.joined([self._look(image, crop, settings, advance) for crop in crops])
        if len(crops) > 1:
            found = of_the_best(found, settings)
            x0, y0, x1, y1 = found.crops.T
            found = found.chosen(suppress(found.boxes, 1 / ((x1 - x0) * (y1 - y0)), settings.crop_nms_thresh))
        return records_of(Candidates.joined([found, others]), size, settings, is_mixed=others.count > 0)

    def _look(
        self, image: np.ndarray, crop: Crop, settings: GeneratorSettings, advance: Callable[[int], None]
    ) -> Candidates:
        """What one crop shows, suppressed by predicted IoU."""
        left, top, right, bottom = crop.window
        decoder = self.decoder.look_at(image[top:bottom, left:right])
        points = point_grid(settings.points_in_layer(crop.layer)) * np.array(crop.size[::-1])
        batch = settings.points_per_batch or decoder.usual_batch
        parts = []
        for start in range(0, len(points), batch):
            asked = points[start : start + batch]
            size, threshold = (image.shape[0], image.shape[1]), self.decoder.mask_threshold
            parts += ask(decoder, asked, crop, size, threshold, settings)
            advance(len(asked))
        found = Candidates.joined(parts)
        return found.chosen(suppress(found.boxes, found.iou_predictions, settings.box_nms_thresh))


def records_of(
    found: Candidates, size: tuple[int, int], settings: GeneratorSettings, *, is_mixed: bool = True
) -> list[MaskRecord]:
    """Records of candidates on a photograph of `size` (H, W), which suppress one another where they are `mixed`, from
    several ways of looking."""
    found = of_the_best(found, settings)
    if is_mixed:
        found = found.chosen(suppress(found.boxes, found.iou_predictions, settings.box_nms_thresh))
    if settings.min_mask_region_area:
        found = clean(found, size, settings)
    return [record_of(found, index, size, settings.output_mode) for index in range(found.count)]


def of_the_best(found: Candidates, settings: GeneratorSettings) -> Candidates:
    """Without those predicted below the settings' share of the image's best."""
    if settings.best_iou_share is None or not found.count:
        return found
    best = found.iou_predictions.max()
    return found.chosen(np.flatnonzero(found.iou_predictions >= settings.best_iou_share * best))


def clean(found: Candidates, size: tuple[int, int], settings: GeneratorSettings) -> Candidates:
    """Without small holes and islands, and suppressed again: masks that stayed as they were come first, and win."""
    area = settings.min_mask_region_area
    runs, boxes, scores = [], [], []
    for before in found.runs:
        mask = np.ascontiguousarray(runs_to_mask(before, size))
        mask, is_filled = fill_small_holes(mask, area)
        mask, is_trimmed = drop_small_islands(mask, area)
        is_changed = is_filled or is_trimmed
        runs.append(mask_to_runs(mask) if is_changed else before)
        boxes.append(boxes_of(torch.from_numpy(mask)).numpy())
        scores.append(float(not is_changed))
    cleaned = Candidates(
        runs,
        np.array(boxes, np.int64).reshape(-1, 4),
        found.iou_predictions,
        found.stability_scores,
        found.points,
        found.crops,
    )
    threshold = max(settings.box_nms_thresh, settings.crop_nms_thresh)
    return cleaned.chosen(suppress(cleaned.boxes, np.array(scores), threshold))


def record_of(found: Candidates, index: int, size: tuple[int, int], mode: OutputMode) -> MaskRecord:
    """Candidate number `index` as a record."""
    runs = found.runs[index]
    segmentation: Any
    if mode == "binary_mask":
        segmentation = runs_to_mask(runs, size)
    else:
        counts = runs_to_string(runs) if mode == "coco_rle" else runs.tolist()
        segmentation = {"size": list(size), "counts": counts}
    return {
        "segmentation": segmentation,
        "area": int(runs[1::2].sum()),
        "bbox": xywh(found.boxes[index]),
        "predicted_iou": float(found.iou_predictions[index]),
        "point_coords": [found.points[index].tolist()],
        "stability_score": float(found.stability_scores[index]),
        "crop_box": xywh(found.crops[index]),
    }


def xywh(box_xyxy: np.ndarray) -> list[int]:
    """Corner and differences of the corners."""
    x0, y0, x1, y1 = (int(value) for value in box_xyxy)
    return [x0, y0, x1 - x0, y1 - y0]
