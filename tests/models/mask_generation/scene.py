"""The golden scene as a decoder: what a network would find is painted into the pixels."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

INSIDE, WEAK, OUTSIDE = 6.0, 0.5, -6.0


@dataclass(frozen=True)
class SceneAnswers:
    """Answers to n points: IoU predictions [n, 3] and logits [3n, h, w]."""

    iou_predictions: Tensor
    all_logits: Tensor

    def choose(self, numbers: Tensor) -> None:
        pass

    def logits(self, numbers: Tensor) -> Tensor:
        return self.all_logits[numbers]


@dataclass(frozen=True)
class SceneCrop:
    """A crop: R // 2 is the subpart of a pixel, G its part, B the whole; where R is odd the logits are weak."""

    pixels: np.ndarray
    usual_batch: int = 64

    def decode(self, points: np.ndarray) -> SceneAnswers:
        height, width = self.pixels.shape[:2]
        maps = (self.pixels[..., 0] // 2, self.pixels[..., 1], self.pixels[..., 2])
        is_weak = self.pixels[..., 0] % 2 == 1
        masks, ious = [], []
        for x, y in points:
            column, row = min(int(np.floor(x + 1e-6)), width - 1), min(int(np.floor(y + 1e-6)), height - 1)
            for k, keys in enumerate(maps):
                inside = keys == keys[row, column]
                masks.append(np.where(inside, np.where(is_weak, WEAK, INSIDE), OUTSIDE))
                ious.append(0.97 - 0.02 * k - 0.05 * ((0.6180339887 * x + 0.4142135624 * y + 0.3 * k) % 1))
        return SceneAnswers(
            torch.tensor(np.array(ious).reshape(-1, 3).astype(np.float32)),
            torch.tensor(np.array(masks, dtype=np.float32)),
        )


class SceneDecoder:
    """Looks at crops of the golden scene."""

    mask_threshold = 0.0

    def look_at(self, crop: np.ndarray) -> SceneCrop:
        return SceneCrop(crop)
