"""What a model answers to a word on an image, measured by the masks of the category that it names.

The word does not say which of several things is meant. So an answer's IoU is that with the mask of the category it fits
best; the answer is the candidate that the model ranks first.
"""

from dataclasses import dataclass

import numpy as np

from models.sam.evaluation.clicks import farthest_point, iou, next_click
from models.sam.predictor import Prediction, SamPredictor


@dataclass(frozen=True)
class Asked:
    """IoUs of the word's answer, of the best of its three candidates, after one corrective click beside the word, and
    of a first click on the same thing without the word; the answer [H, W], and the number of the mask that it fits
    best."""

    word: float
    best: float
    clicked: float
    click_alone: float
    answer: np.ndarray
    target: int


def fit(answer: np.ndarray, masks: list[np.ndarray]) -> tuple[float, int]:
    """The largest IoU of an answer with one of the masks, and that one's number; the largest mask where none is
    touched."""
    overlaps = [iou(answer, mask) for mask in masks]
    sizes = overlaps if max(overlaps) > 0 else [float(mask.sum()) for mask in masks]
    number = int(np.argmax(sizes))
    return overlaps[number], number


def top_of(prediction: Prediction) -> tuple[np.ndarray, np.ndarray]:
    """The candidate that is ranked first, and its low-res logits [1, L, L]."""
    top = int(prediction.iou_predictions.argmax())
    return prediction.masks[top], prediction.low_res_masks[top : top + 1]


def ask(predictor: SamPredictor, embedding: np.ndarray, masks: list[np.ndarray]) -> Asked:
    """Prompts the image that is set with a word's embedding [D]; `masks`, bool [H, W], are those of its category."""
    prediction = predictor.predict(text_embedding=embedding)
    answer, logits = top_of(prediction)
    word, target = fit(answer, masks)
    best = max(fit(candidate, masks)[0] for candidate in prediction.masks)
    point, label = next_click(answer, masks[target])
    clicked = predictor.predict(
        np.array([point], np.float64),
        np.array([label]),
        mask_input=logits,
        multimask_output=False,
        text_embedding=embedding,
    )
    first = np.array([farthest_point(masks[target])[0]], np.float64)
    alone, _ = top_of(predictor.predict(first, np.array([1])))
    return Asked(
        word,
        best,
        iou(clicked.masks[0], masks[target]),
        iou(alone, masks[target]),
        answer,
        target,
    )


def ask_wrong(predictor: SamPredictor, embedding: np.ndarray, masks: list[np.ndarray]) -> float:
    """The IoU that the answer to a word for something else happens to have with the masks."""
    answer, _ = top_of(predictor.predict(text_embedding=embedding))
    return fit(answer, masks)[0]
