"""A point's single mask in place of its three: the paper's ablation of outputs (section 7.3)."""

import numpy as np
from torch import Tensor

from models.sam.predictor import EncodedImage, SamPredictor

_TOGETHER = 16  # points


class SingleOutputDecoder:
    """A `PointDecoder` of the token that answers when a prompt is not ambiguous."""

    def __init__(self, predictor: SamPredictor) -> None:
        self.predictor = predictor

    @property
    def mask_threshold(self) -> float:
        """The model's."""
        return self.predictor.model.mask_threshold

    def look_at(self, crop: np.ndarray) -> "SingleOutputCrop":
        """Encodes the crop."""
        return SingleOutputCrop(self.predictor, self.predictor.encode([crop])[0])


class SingleOutputCrop:
    """A crop that is encoded."""

    usual_batch = _TOGETHER

    def __init__(self, predictor: SamPredictor, encoded: EncodedImage) -> None:
        self.predictor, self.encoded = predictor, encoded

    def decode(self, points: np.ndarray) -> "SingleOutputs":
        """Answers to points [n, 2], XY in pixels of the crop."""
        labels = np.ones((len(points), 1), np.int64)
        answer = self.predictor.predict_batch(
            points[:, None], labels, multimask_output=False, return_logits=True, image=self.encoded
        )
        return SingleOutputs(answer.masks[:, 0], answer.iou_predictions)


class SingleOutputs:
    """Logits [n, h, w] and IoU predictions [n, 1]."""

    def __init__(self, drawn: Tensor, iou_predictions: Tensor) -> None:
        self.drawn, self.iou_predictions = drawn, iou_predictions

    def choose(self, numbers: Tensor) -> None:
        """Nothing is left to be drawn."""

    def logits(self, numbers: Tensor) -> Tensor:
        """[m, h, w]."""
        return self.drawn[numbers]
