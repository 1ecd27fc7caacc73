"""COCO's own way of counting, by pycocotools, on images that are not COCO's.

Areas are pixels of the stored image: small below 32 x 32, large above 96 x 96.
"""

import contextlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from models.sam.rle import Rle, area

AREAS = ("all", "small", "medium", "large")
THRESHOLDS = 10  # IoU .50, .55, ... .95
_NO_CLASS = 1


def recall_counts(
    truths: Sequence[Rle], found: Sequence[Rle], scores: Sequence[float], limits: Sequence[int]
) -> dict[str, dict[str, Any]]:
    """For each of `AREAS`: `masks`, how many true ones there are, and `hits`, for each limit (as a text) how many of them
    are found at each threshold by so many of the best proposals of this one image. Without classes."""
    truth = coco_of([(1, *_size(truths))], [(1, _NO_CLASS, rle) for rle in truths], [_NO_CLASS])
    answers = [(1, _NO_CLASS, rle, score) for rle, score in zip(found, scores, strict=True)]
    evaluation = _evaluation(truth, results_of(truth, answers), limits=sorted(limits))
    counts: dict[str, dict[str, Any]] = {}
    for name, bounds in zip(AREAS, evaluation.params.areaRng, strict=True):
        known = [rle for rle in truths if bounds[0] <= area(rle) <= bounds[1]]
        counts[name] = {"masks": len(known), "hits": {}}
        for limit in limits:
            of_image = evaluation.evaluateImg(1, -1, bounds, limit)
            if of_image is None:
                counts[name]["hits"][str(limit)] = [0] * THRESHOLDS
                continue
            is_hit = (of_image["gtMatches"] > 0) & ~np.asarray(of_image["gtIgnore"], bool)
            counts[name]["hits"][str(limit)] = is_hit.sum(axis=1).tolist()
    return counts


def average_precision(truth: COCO, answers: Any, *, with_classes: bool) -> dict[str, float | None]:
    """Mask AP over all thresholds, `ap_50` and `ap_75`, and AP by size; None where there is no such mask."""
    evaluation = _evaluation(truth, answers, with_classes=with_classes, limits=[1, 10, 100])
    with _quietly():
        evaluation.accumulate()
    precision = evaluation.eval["precision"]  # [thresholds, recalls, classes, areas, limits]
    figures = {
        "ap": precision[:, :, :, 0, 2],
        "ap_50": precision[0, :, :, 0, 2],
        "ap_75": precision[5, :, :, 0, 2],
    }
    figures |= {f"ap_{name}": precision[:, :, :, number, 2] for number, name in enumerate(AREAS) if number}
    return {name: _mean(values) for name, values in figures.items()}


def coco_of(
    images: Sequence[tuple[int, int, int]], masks: Sequence[tuple[int, int, Rle]], categories: Sequence[int]
) -> COCO:
    """pycocotools' object of images (id, height, width) and true masks (image id, category id, RLE)."""
    coco = COCO()
    coco.dataset = {
        "info": {},
        "images": [{"id": number, "height": height, "width": width} for number, height, width in images],
        "categories": [{"id": number, "name": str(number)} for number in categories],
        "annotations": [
            {
                "id": number,
                "image_id": image,
                "category_id": category,
                "segmentation": dict(rle),
                "area": area(rle),
                "bbox": [0, 0, 1, 1],
                "iscrowd": 0,
            }
            for number, (image, category, rle) in enumerate(masks, start=1)
        ],
    }
    with _quietly():
        coco.createIndex()
    return coco


def results_of(truth: COCO, answers: Sequence[tuple[int, int, Rle, float]]) -> COCO:
    """pycocotools' object of found masks (image id, category id, RLE, score)."""
    rows = [
        {"image_id": image, "category_id": category, "segmentation": dict(rle), "score": score}
        for image, category, rle, score in answers
    ]
    if not rows:
        images = [(image["id"], image["height"], image["width"]) for image in truth.dataset["images"]]
        return coco_of(images, [], [category["id"] for category in truth.dataset["categories"]])
    with _quietly():
        return truth.loadRes(rows)


def _evaluation(truth: COCO, answers: COCO, *, limits: Sequence[int], with_classes: bool = False) -> COCOeval:
    evaluation = COCOeval(truth, answers, "segm")
    evaluation.params.maxDets = list(limits)
    evaluation.params.useCats = int(with_classes)
    with _quietly():
        evaluation.evaluate()
    return evaluation


def _size(masks: Sequence[Rle]) -> tuple[int, int]:
    height, width = masks[0]["size"]
    return int(height), int(width)


def _mean(values: np.ndarray) -> float | None:
    known = values[values > -1]
    return round(float(known.mean()), 4) if known.size else None


def _quietly() -> contextlib.redirect_stdout[io.StringIO]:
    """pycocotools prints what it does."""
    return contextlib.redirect_stdout(io.StringIO())
