"""The same model asked otherwise about the same box: what can be gained without training.

`box_clipped`: the plain answer without its pixels outside the box. `box_crop`: the answer from a crop of twice the box,
encoded anew; `box_crop_clipped`: that one clipped. `box_crop_if_small`: clipped, from the crop where the box is small
in the image and from the whole image otherwise, which is what a product would do.
"""

import numpy as np

from models.sam.predictor import SamPredictor
from models.sam.refine import clip_to_box

CROP_SCALE = 2.0
SMALL_BOX = (
    1 / 8
)  # longer side of a small box, in longer sides of the image: 64 of 512 pixels; fixed beforehand


def box_variants(
    predictor: SamPredictor, photograph: np.ndarray, boxes: np.ndarray
) -> dict[str, list[np.ndarray]]:
    """Rows of masks (see `protocol.BoxMeasure`); of three candidates the top-ranked, as in the plain measure."""
    masks, predicted, _ = predictor.predict_batch(boxes=boxes)
    top = predicted.argmax(dim=1).tolist()
    plain = [masks[index, best].cpu().numpy() for index, best in enumerate(top)]
    crops = []
    for box in boxes:
        answer = predictor.predict_crop(photograph, box, scale=CROP_SCALE)
        crops.append(answer.masks[answer.iou_predictions.argmax()])
    clipped, crops_clipped = (
        [clip_to_box(mask, box) for mask, box in zip(answers, boxes, strict=True)]
        for answers in (plain, crops)
    )
    return {
        "box_clipped": clipped,
        "box_crop": crops,
        "box_crop_clipped": crops_clipped,
        "box_crop_if_small": [
            crop if is_small(box, photograph.shape) else whole
            for box, crop, whole in zip(boxes, crops_clipped, clipped, strict=True)
        ],
    }


def is_small(box_xyxy: np.ndarray, size: tuple[int, ...]) -> bool:
    """Whether a box's longer side is below `SMALL_BOX` of the longer side of an image of `size` (H, W, ...)."""
    left, top, right, bottom = box_xyxy
    return bool(max(right - left, bottom - top) < SMALL_BOX * max(size[:2]))
