"""Masks answered to several clicks each, every click placed by what the answer before was wrong about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.sam.evaluation.clicks import next_click
from models.sam.predictor import EncodedImage, SamPredictor


@dataclass(frozen=True)
class Clicked:
    """IoUs of N masks. `history[n]` [N] after n + 1 clicks, `history[0]` the top-ranked of the first click's three;
    `predicted` and `true` [N, 3] are those of all candidates of the first click, in the order of the mask tokens."""

    history: tuple[np.ndarray, ...]
    predicted: np.ndarray
    true: np.ndarray

    @property
    def top(self) -> np.ndarray:
        """[N]: the number of the candidate that is ranked first."""
        return self.predicted.argmax(axis=1)


def clicked(
    predictor: SamPredictor,
    targets: Sequence[np.ndarray],
    first: Sequence[tuple[int, int]],
    clicks: int,
    image: int | EncodedImage = 0,
) -> Clicked:
    """Answers to so many `clicks` for each of the bool masks [H, W], all prompted together, beginning at `first` (x, y).

    One click is ambiguous and gets three masks, of which the top-ranked counts; later ones lie in the larger error
    (`clicks.next_click`), and the single-mask token answers, fed the previous low-res logits. `image` as in `predict`.
    """
    masks_true = list(targets)
    coords = np.array([[point] for point in first], np.float64)
    labels = np.ones((len(masks_true), 1), np.int64)
    masks, iou_predictions, low_res = predictor.predict_batch(coords, labels, image=image)
    true, predicted = ious(masks, masks_true), iou_predictions.cpu().numpy()
    rows, top = np.arange(len(masks_true)), predicted.argmax(axis=1)
    history = [true[rows, top]]
    current, logits = masks[rows, top], low_res[rows, top][:, None]
    while len(history) < clicks:
        following = [next_click(m, t) for m, t in zip(current.cpu().numpy(), masks_true, strict=True)]
        coords = np.concatenate([coords, [[point] for point, _ in following]], axis=1)
        labels = np.concatenate([labels, [[label] for _, label in following]], axis=1)
        masks, _, logits = predictor.predict_batch(
            coords, labels, mask_inputs=logits, multimask_output=False, image=image
        )
        current = masks[:, 0]
        history.append(ious(masks, masks_true)[:, 0])
    return Clicked(tuple(history), predicted, true)


def ious(masks_NMHW: Tensor, targets: list[np.ndarray]) -> np.ndarray:
    """IoU [N, M] of predicted masks with one true mask each; 1 where both are empty."""
    target = torch.from_numpy(np.stack(targets)).to(masks_NMHW.device)[:, None]
    overlap = (masks_NMHW & target).sum(dim=(-2, -1), dtype=torch.int64)
    union = (masks_NMHW | target).sum(dim=(-2, -1), dtype=torch.int64)
    return torch.where(union > 0, overlap / union.clamp(min=1), 1.0).cpu().numpy()
