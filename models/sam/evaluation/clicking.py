"""Masks answered to several clicks each, every click placed by what the answer before was wrong about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from models.sam.evaluation.clicks import next_click
from models.sam.modeling.labels import FOREGROUND
from models.sam.predictor import EncodedImage, SamPredictor


class ClickAnswers(Protocol):
    """Whatever answers clicks on the masks of one photograph. It keeps what it needs of each between its clicks."""

    def __call__(self, rows: np.ndarray, coords: np.ndarray, labels: np.ndarray) -> Tensor:
        """Bool masks [n, H, W] of the masks numbered `rows` [n], after all their clicks so far.

        coords [n, k, 2]: XY, pixels of the photograph. labels [n, k]: 1 on the object, 0 beside it, -1 for no click.
        Called with k = 1 first, and then with one click more each time.
        """


class Step(NamedTuple):
    """What came of the n-th click of the masks `rows` [n]: masks [n, H, W], IoUs [n]; the clicks as in `ClickAnswers`."""

    rows: np.ndarray
    masks: Tensor
    ious: np.ndarray
    coords: np.ndarray
    labels: np.ndarray


def click_steps(
    answers: ClickAnswers,
    targets: Sequence[np.ndarray],
    first: Sequence[tuple[int, int]],
    least: int,
    most: int | None = None,
    enough: float = 1.0,
) -> Iterator[Step]:
    """Clicks on all of the bool masks [H, W], beginning at `first` (x, y), each later one in the larger error.

    `least` clicks on every mask, and then, up to `most`, further ones on those that never came to an IoU of `enough`.
    """
    masks_true = list(targets)
    rows = np.arange(len(masks_true))
    coords = np.array([[point] for point in first], np.float64)
    labels = np.full((len(masks_true), 1), FOREGROUND, np.int64)
    reached = np.zeros(len(masks_true), bool)
    while True:
        masks = answers(rows, coords, labels)
        found = ious(masks[:, None], [masks_true[row] for row in rows])[:, 0]
        yield Step(rows, masks, found, coords, labels)
        reached[rows] |= found >= enough
        count = labels.shape[1]
        kept = np.flatnonzero(~reached[rows]) if count >= least else np.arange(len(rows))
        if count >= max(least, most or 0) or not len(kept):
            return
        rows, coords, labels, current = rows[kept], coords[kept], labels[kept], masks.cpu().numpy()[kept]
        following = [next_click(mask, masks_true[row]) for row, mask in zip(rows, current, strict=True)]
        coords = np.concatenate([coords, [[point] for point, _ in following]], axis=1)
        labels = np.concatenate([labels, [[label] for _, label in following]], axis=1)


class SamAnswers:
    """A promptable model's. One click is ambiguous and gets three masks, of which the top-ranked counts, or the best one
    where the `oracle` chooses; later ones are answered by the single-mask token, fed the previous low-res logits.

    `predicted` and `true` [N, 3]: of all candidates of the first click. `image` as in `SamPredictor.predict`.
    """

    def __init__(
        self,
        predictor: SamPredictor,
        targets: Sequence[np.ndarray],
        *,
        oracle: bool = False,
        image: int | EncodedImage = 0,
    ) -> None:
        self.predictor, self.targets, self.oracle, self.image = predictor, list(targets), oracle, image
        self.predicted = self.true = np.zeros((0, 3))
        self._logits = torch.zeros(0)

    def __call__(self, rows: np.ndarray, coords: np.ndarray, labels: np.ndarray) -> Tensor:
        if labels.shape[1] > 1:
            masks, _, logits = self.predictor.predict_batch(
                coords, labels, mask_inputs=self._logits[rows], multimask_output=False, image=self.image
            )
            self._logits[rows] = logits
            return masks[:, 0]
        masks, predicted, low_res = self.predictor.predict_batch(coords, labels, image=self.image)
        self.true, self.predicted = ious(masks, self.targets), predicted.cpu().numpy()
        chosen = (self.true if self.oracle else self.predicted).argmax(axis=1)
        self._logits = low_res[rows, chosen][:, None]
        return masks[rows, chosen]


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
    """Answers to so many `clicks` for each of the bool masks [H, W], all prompted together, beginning at `first` (x, y);
    see `SamAnswers`."""
    answers = SamAnswers(predictor, targets, image=image)
    history = tuple(step.ious for step in click_steps(answers, targets, first, clicks))
    return Clicked(history, answers.predicted, answers.true)


def ious(masks_NMHW: Tensor, targets: list[np.ndarray]) -> np.ndarray:
    """IoU [N, M] of predicted masks with one true mask each; 1 where both are empty."""
    target = torch.from_numpy(np.stack(targets)).to(masks_NMHW.device)[:, None]
    overlap = (masks_NMHW & target).sum(dim=(-2, -1), dtype=torch.int64)
    union = (masks_NMHW | target).sum(dim=(-2, -1), dtype=torch.int64)
    return torch.where(union > 0, overlap / union.clamp(min=1), 1.0).cpu().numpy()
