"""Two models side by side as a picture: photographs with the truth, and what each answers to one click."""

from pathlib import Path

import numpy as np
from PIL import Image

from models.sam.evaluation.clicks import farthest_point, iou
from models.sam.evaluation.gallery import Answer, draw_gallery, draw_row
from models.sam.predictor import SamPredictor
from models.sam.rle import area, decode
from models.sam.training.data_sources import read_images

COLUMNS = ("photograph, true outline", "before, 1 click", "after, 1 click")


def draw_comparison(
    data: Path, before: SamPredictor, after: SamPredictor, output: Path, limit: int, split: str = "val"
) -> int:
    """Write a picture of the largest mask of each of the first `limit` images of a split; how many these were.

    DataError for a set that cannot be read. An image without masks is passed over.
    """
    rows: list[Image.Image] = []
    for image in read_images(data, split):
        if not image.segmentations or len(rows) == limit:
            continue
        photograph = image.pixels()
        target = decode(max(image.segmentations, key=area)).astype(bool)
        rows.append(
            draw_row(photograph, target, [_clicked(one, photograph, target) for one in (before, after)])
        )
    if rows:
        partial = output.with_suffix(".partial")
        draw_gallery(rows, COLUMNS).save(partial, "JPEG", quality=85)
        partial.replace(output)
    return len(rows)


def _clicked(predictor: SamPredictor, photograph: np.ndarray, target: np.ndarray) -> Answer:
    predictor.set_image(photograph)
    click = (farthest_point(target)[0], 1)
    answer = predictor.predict(np.array([click[0]], np.float64), np.array([1]))
    mask = answer.masks[int(answer.iou_predictions.argmax())]
    return Answer(mask, iou(mask, target), (click,))
