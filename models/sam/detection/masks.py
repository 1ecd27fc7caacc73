"""Masks of things in detected boxes: each box a prompt, its single mask the answer, filtered as the generator does it."""

import numpy as np
import torch

from models.sam.detection.detect import DetectedBoxes
from models.sam.mask_generation.candidates import Candidates
from models.sam.mask_generation.filters import above, areas_of, boxes_of, stability_of
from models.sam.mask_generation.pasting import pasted_runs
from models.sam.mask_generation.settings import GeneratorSettings
from models.sam.predictor import EncodedImage, SamPredictor

PROMPTS_AT_ONCE = 8
_PIXELS_AT_ONCE = 1 << 22


@torch.no_grad()
def masks_in(
    predictor: SamPredictor, encoded: EncodedImage, found: DetectedBoxes, settings: GeneratorSettings
) -> Candidates:
    """The masks, in the boxes' order, that pass the settings' filters by predicted IoU, stability and share of the image.

    A record's point is the middle of its box, its crop all of the photograph.
    """
    parts = []
    for start in range(0, len(found.boxes), PROMPTS_AT_ONCE):
        boxes = found.boxes[start : start + PROMPTS_AT_ONCE]
        answer = predictor.predict_low_res(boxes, encoded)
        parts.append(_passing(predictor, encoded, boxes, *answer, settings))
    return Candidates.joined(parts)


def _passing(
    predictor: SamPredictor,
    encoded: EncodedImage,
    boxes: np.ndarray,
    low_res: torch.Tensor,
    iou: torch.Tensor,
    settings: GeneratorSettings,
) -> Candidates:
    height, width = size = encoded.original_size
    likely = torch.nonzero(iou > settings.pred_iou_thresh if settings.pred_iou_thresh > 0 else iou == iou)[
        :, 0
    ]
    threshold = predictor.model.mask_threshold
    runs, places, scores, numbers = [], [], [], []
    for some in likely.split(max(1, _PIXELS_AT_ONCE // (height * width))):
        if not len(some):
            break
        logits = predictor.model.postprocess_masks(low_res[some][:, None], encoded.input_size, size)[:, 0]
        stability = stability_of(logits, threshold, settings.stability_score_offset)
        masks = above(logits, threshold)
        areas = areas_of(masks)
        # 0/0 is not a number and reaches no threshold.
        passes = (stability >= settings.stability_score_thresh) & (areas > 0)
        if settings.full_image_share is not None:
            passes &= areas / (height * width) < settings.full_image_share
        tight = boxes_of(masks)
        for index in torch.nonzero(passes)[:, 0].tolist():
            x0, y0, x1, y1 = tight[index].tolist()
            mask = masks[index, y0 : y1 + 1, x0 : x1 + 1].cpu().numpy()
            runs.append(pasted_runs(mask, (x0, y0), size))
            places.append([x0, y0, x1, y1])
            scores.append([float(iou[some[index]]), float(stability[index])])
            numbers.append(int(some[index]))
    table = np.array(scores, np.float32).reshape(-1, 2)
    return Candidates(
        runs,
        np.array(places, np.int64).reshape(-1, 4),
        table[:, 0],
        table[:, 1],
        (boxes[numbers, :2] + boxes[numbers, 2:]).reshape(-1, 2).astype(np.float64) / 2,
        np.tile(np.array([0, 0, width, height], np.int64), (len(runs), 1)),
    )
