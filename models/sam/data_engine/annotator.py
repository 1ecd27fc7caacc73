"""A person, simulated by true masks, who labels photographs with a model's help (SAM paper, section 4 and 7.1).

They look at what the model proposes, keep what is good enough as it is, turn the rest away, and then click what is
missing, the largest object first, by the evaluation's protocol of clicks. What no clicks bring about they draw by hand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch

from models.sam.evaluation.clicking import ious
from models.sam.evaluation.clicks import farthest_point, iou, next_click
from models.sam.mask_generation.network import NetworkDecoder
from models.sam.mask_generator import AutomaticMaskGenerator, GeneratorSettings
from models.sam.predictor import SamPredictor
from models.sam.rle import Rle, decode, encode

_TOGETHER = 16  # masks that are clicked in one batch


@dataclass(frozen=True)
class Terms:
    """How much the person asks for, and how long they go on.

    `good_enough`: IoU with the true mask from which on a mask is kept. `most_clicks`: after so many it is drawn by hand.
    `most_proposals`: of a photograph's proposals so many are looked at, the surest.
    `actions_per_image`: clicks and decisions about proposals after which they go on to the next photograph; None: never.
    """

    good_enough: float = 0.85
    most_clicks: int = 20
    most_proposals: int = 30
    actions_per_image: int | None = None


class Way(StrEnum):
    """How a mask came about."""

    UNTOUCHED = "untouched"
    CLICKS = "clicks"
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class Made:
    """One mask that the person made: RLE at the photograph's size, how, with how many clicks, IoU with the true one."""

    segmentation: Rle
    way: Way
    clicks: int
    iou: float


@dataclass(frozen=True)
class Labelled:
    """What became of a photograph: masks in the order they were made, proposals offered, and all actions it took."""

    made: list[Made]
    proposals: int
    actions: int

    @property
    def untouched(self) -> int:
        """Proposals kept as they were."""
        return sum(made.way == Way.UNTOUCHED for made in self.made)


def label(
    predictor: SamPredictor,
    photograph: np.ndarray,
    targets: Sequence[np.ndarray],
    terms: Terms,
    proposing: GeneratorSettings | None = None,
) -> Labelled:
    """Labels one photograph, uint8 [H, W, 3], whose objects are `targets`, bool [H, W].

    `proposing`: how the model proposes masks first; None: it does not (the paper's first stage).
    """
    by_size = sorted(targets, key=lambda target: -int(target.sum()))
    made: list[Made] = []
    proposals = 0
    if proposing is not None:
        made, proposals, by_size = _decide(predictor, photograph, by_size, terms, proposing)
    actions = proposals
    predictor.set_image(photograph)
    for start in range(0, len(by_size), _TOGETHER):
        batch = by_size[start : start + _TOGETHER]
        for one in clicked(predictor, batch, terms):
            if terms.actions_per_image is not None and actions + one.clicks > terms.actions_per_image:
                return Labelled(made, proposals, actions)
            actions += one.clicks
            made.append(one)
    return Labelled(made, proposals, actions)


def clicked(predictor: SamPredictor, targets: Sequence[np.ndarray], terms: Terms) -> Iterator[Made]:
    """The targets, bool [H, W], clicked one by one on the image that is set: each until its mask is good enough.

    The first click is answered by three masks, of which the one that ranks first is taken; every further one is given the
    logits before it (paper, section 7.1 and appendix D.1).
    """
    coords = np.array([[farthest_point(target)[0]] for target in targets], np.float64)
    labels = np.ones((len(targets), 1), np.int64)
    masks, predicted, low_res = predictor.predict_batch(coords, labels)
    top = predicted.argmax(dim=1)
    rows = torch.arange(len(targets), device=top.device)
    current, logits = masks[rows, top], low_res[rows, top][:, None]
    found: dict[int, Made] = {}
    open_rows = list(range(len(targets)))
    for clicks in range(1, terms.most_clicks + 1):
        scores = ious(current[:, None], [targets[row] for row in open_rows])[:, 0]
        is_done = scores >= terms.good_enough
        for place in np.flatnonzero(is_done):
            mask = current[place].cpu().numpy()
            found[open_rows[place]] = Made(encode(mask), Way.CLICKS, clicks, float(scores[place]))
        left = np.flatnonzero(~is_done)
        if not len(left) or clicks == terms.most_clicks:
            break
        open_rows = [open_rows[place] for place in left]
        coords, labels = coords[left], labels[left]
        kept = torch.from_numpy(left).to(current.device)
        current, logits = current[kept], logits[kept]
        following = [
            next_click(mask, targets[row]) for mask, row in zip(current.cpu().numpy(), open_rows, strict=True)
        ]
        coords = np.concatenate([coords, [[point] for point, _ in following]], axis=1)
        labels = np.concatenate([labels, [[sign] for _, sign in following]], axis=1)
        answers, _, logits = predictor.predict_batch(
            coords, labels, mask_inputs=logits, multimask_output=False
        )
        current = answers[:, 0]
    for row, target in enumerate(targets):
        yield found.get(row) or Made(encode(target), Way.BY_HAND, terms.most_clicks, 1.0)


def _decide(
    predictor: SamPredictor,
    photograph: np.ndarray,
    targets: list[np.ndarray],
    terms: Terms,
    proposing: GeneratorSettings,
) -> tuple[list[Made], int, list[np.ndarray]]:
    """What is kept of the proposals, how many were looked at, and the targets that are left.

    The surest proposals are looked at first; each is one action, whatever is decided.
    """
    generator = AutomaticMaskGenerator(NetworkDecoder(predictor))
    records = sorted(generator.generate(photograph, proposing), key=lambda record: -record["predicted_iou"])
    records = records[: terms.most_proposals]
    if terms.actions_per_image is not None:
        records = records[: terms.actions_per_image]
    made: list[Made] = []
    left = list(targets)
    for record in records:
        mask = decode(record["segmentation"])
        scores = [iou(mask, target) for target in left]
        best = int(np.argmax(scores)) if scores else -1
        if scores and scores[best] >= terms.good_enough:
            left.pop(best)
            made.append(Made(record["segmentation"], Way.UNTOUCHED, 0, scores[best]))
    return made, len(records), left
