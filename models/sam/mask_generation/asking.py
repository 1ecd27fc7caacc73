"""One batch of points on one crop, up to run lengths of the masks that pass the filters."""

import numpy as np
import torch
from torch import Tensor

from models.sam.mask_generation.candidates import Candidates
from models.sam.mask_generation.crops import Crop
from models.sam.mask_generation.decoding import CropDecoder
from models.sam.mask_generation.filters import above, areas_of, boxes_of, is_cut_off, stability_of
from models.sam.mask_generation.pasting import pasted_runs
from models.sam.mask_generation.settings import GeneratorSettings

# Pixels that are looked at together: on a CPU their logits should stay in its cache, a GPU is idle with few.
_PIXELS_ON_CPU = 1 << 20
_PIXELS_ON_GPU = 1 << 28


def ask(
    decoder: CropDecoder,
    points: np.ndarray,
    crop: Crop,
    size: tuple[int, int],
    threshold: float,
    settings: GeneratorSettings,
) -> list[Candidates]:
    """The masks of points [n, 2], in the crop's frame, that pass the filters, in the points' order.

    `size` (H, W) of the photograph. On a GPU there are two waits for the device, and two more for each group of masks.
    """
    decoded = decoder.decode(points)
    iou = decoded.iou_predictions.flatten()
    asked_for = points.repeat(decoded.iou_predictions.shape[1], axis=0)
    is_likely = iou > settings.pred_iou_thresh if settings.pred_iou_thresh > 0 else torch.ones_like(iou) > 0
    numbers = torch.nonzero(is_likely)[:, 0]
    decoded.choose(numbers)
    pixels = _PIXELS_ON_CPU if iou.device.type == "cpu" else _PIXELS_ON_GPU
    found = []
    for some in numbers.split(max(1, pixels // (crop.size[0] * crop.size[1]))):
        if some.shape[0] == 0:
            break
        logits = decoded.logits(some)
        stability = stability_of(logits, threshold, settings.stability_score_offset)
        masks = above(logits, threshold)
        boxes = boxes_of(masks)
        areas = areas_of(masks)
        # 0/0 is not a number and reaches no threshold; a mask without a pixel is of no use to anybody.
        passes = (stability >= settings.stability_score_thresh) & (areas > 0)
        facts = [passes, areas, stability, iou[some], some]
        table = torch.cat([boxes.double(), torch.stack([fact.double() for fact in facts], dim=1)], dim=1)
        found.append(_passing(table.cpu().numpy(), masks, asked_for, crop, size, settings))
    return found


def _passing(
    table: np.ndarray,
    masks: Tensor,
    points: np.ndarray,
    crop: Crop,
    size: tuple[int, int],
    settings: GeneratorSettings,
) -> Candidates:
    """What is left of bool masks [m, h, w] of which `table` [m, 9] says box, passing, area, stability, IoU, number.

    `points`: that of each number."""
    left, top = crop.window[:2]
    boxes = table[:, :4].astype(np.int64)
    placed = boxes + np.array([left, top, left, top])
    keep = (table[:, 4] > 0) & ~is_cut_off(placed, crop.window, size)
    if settings.full_image_share is not None:
        keep &= table[:, 5] / (size[0] * size[1]) < settings.full_image_share
    kept = np.flatnonzero(keep)
    runs = []
    for mask, (x0, y0, x1, y1) in zip(_on_cpu(masks, kept), boxes[kept], strict=True):
        corner = int(left + x0), int(top + y0)
        runs.append(pasted_runs(mask[y0 : y1 + 1, x0 : x1 + 1], corner, size))
    return Candidates(
        runs,
        placed[kept],
        table[kept, 7].astype(np.float32),
        table[kept, 6].astype(np.float32),
        points[table[kept, 8].astype(np.int64)] + np.array([left, top]),
        np.tile(np.array(crop.window, np.int64), (len(kept), 1)),
    )


def _on_cpu(masks: Tensor, kept: np.ndarray) -> np.ndarray:
    """Those of bool masks that are kept."""
    if masks.device.type == "cpu":
        return masks.numpy()[kept]
    return masks[torch.from_numpy(kept).to(masks.device)].cpu().numpy()
