"""Masks on a photograph, for the examples of a report."""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from pycocotools.mask import iou as rle_ious
from scipy.ndimage import binary_dilation

from models.sam.rle import Rle, decode

FOUND_RGB, MISSED_RGB, ANSWER_RGB = (0, 158, 115), (213, 94, 0), (86, 180, 233)
FOUND_FROM = 0.5  # IoU
_WIDTH = 2  # pixels of an outline
_TINT = 0.35


def outlined(photograph: np.ndarray, truths: Sequence[Rle], answers: Sequence[Rle]) -> Image.Image:
    """The photograph [H, W, 3] with every true mask outlined, green where an answer meets it at IoU .5, else orange, and
    the answer that comes nearest to each laid over it in blue."""
    pixels = photograph.astype(np.float32)
    nearest = nearest_answers(truths, answers)
    for (answer, _), _ in zip(nearest, truths, strict=True):
        if answer >= 0:
            inside = decode(answers[answer])
            pixels[inside] = (1 - _TINT) * pixels[inside] + _TINT * np.array(ANSWER_RGB, np.float32)
    for (_, overlap), truth in zip(nearest, truths, strict=True):
        mask = decode(truth)
        rim = binary_dilation(mask, iterations=_WIDTH) & ~mask
        pixels[rim] = FOUND_RGB if overlap >= FOUND_FROM else MISSED_RGB
    return Image.fromarray(pixels.astype(np.uint8))


def nearest_answers(truths: Sequence[Rle], answers: Sequence[Rle]) -> list[tuple[int, float]]:
    """For each true mask the number of the answer with the largest IoU, and that; (-1, 0) where none overlaps it."""
    if not truths or not answers:
        return [(-1, 0.0)] * len(truths)
    ious = rle_ious([dict(rle) for rle in answers], [dict(rle) for rle in truths], [0] * len(truths))
    return [
        (int(row.argmax()), float(row.max())) if row.max() > 0 else (-1, 0.0) for row in np.asarray(ious).T
    ]
