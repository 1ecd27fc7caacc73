"""Fits the part of the IoU prediction that looks at masks (`modeling.mask_quality`) to what a finished model answers.

Training ranks masks that change under it, for prompts and views drawn for the sake of the masks. Once the masks stand,
what is known of each is computed once, for prompts as they are in use, and a fresh part learns from it in many passes
within minutes. Masks stay as they are; only which of them is thought best, and how good, is learnt anew.

Shape letters: N prompts, M = 4 masks of a prompt, F features (`MaskQuality.rate`).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as nnf

from models.sam.boxes import tight_box
from models.sam.evaluation.clicking import ious
from models.sam.evaluation.clicks import farthest_point, next_click
from models.sam.modeling.mask_quality import MaskQuality
from models.sam.predictor import SamPredictor
from models.sam.rle import area, decode
from models.sam.training.data_sources import AnnotatedImage

# Features hardly vary somewhere: divided by less than this, their weights would not fit into float16.
_LEAST_SPREAD = 0.02


@dataclass(frozen=True)
class Judgements:
    """`features` [N, M, F] half precision; `base` [N, M]: the prediction without them; `true` IoU [N, M]; `asked`
    [N, M]: which masks were answered at all; `image` [N]: a number for each photograph."""

    features: Tensor
    base: Tensor
    true: Tensor
    asked: Tensor
    image: Tensor

    def of(self, rows: Tensor) -> "Judgements":
        """The prompts of these rows, bool or indices."""
        return Judgements(
            self.features[rows], self.base[rows], self.true[rows], self.asked[rows], self.image[rows]
        )


@dataclass(frozen=True)
class QualityFitConfig:
    """Settings of the fit. `held_out`: every so many-th photograph is kept to measure by. `dropout` of hidden units."""

    masks_per_image: int = 12
    min_area: int = 100
    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    dropout: float = 0.3
    held_out: int = 10
    seed: int = 0


@dataclass(frozen=True)
class Ranking:
    """Of prompts with several answers: mean true IoU of the top-ranked, of the best, and how often they are the same."""

    prompts: int
    top: float
    best: float
    agreement: float


def quality_of(predictor: SamPredictor) -> MaskQuality:
    """The part to be fitted; ValueError for models without it."""
    quality = predictor.model.mask_decoder.mask_quality
    if quality is None:
        raise ValueError("this model's IoU prediction does not look at masks: there is nothing to fit")
    return quality


def collect(
    predictor: SamPredictor,
    images: Iterable[AnnotatedImage],
    config: QualityFitConfig,
    progress: Callable[[int], None] | None = None,
) -> Judgements:
    """What is known of the answers to a central click, and to a box or a correction, on the masks of `images`.

    `progress(done)` is called after each photograph. ValueError where there is not one mask of the least area.
    """
    quality, rng = quality_of(predictor), np.random.default_rng(config.seed)
    parts: list[Judgements] = []
    for number, image in enumerate(images):
        masks = [rle for rle in image.segmentations if area(rle) >= config.min_area]
        if len(masks) > config.masks_per_image:
            masks = [masks[i] for i in sorted(rng.choice(len(masks), config.masks_per_image, replace=False))]
        if masks:
            predictor.set_image(image.pixels())
            parts += _of_image(predictor, quality, [decode(rle) for rle in masks], number)
        if progress:
            progress(number + 1)
    if not parts:
        raise ValueError("there is no mask to judge")
    return Judgements(*(torch.cat(column) for column in zip(*map(_columns, parts), strict=True)))


def fit(quality: MaskQuality, judgements: Judgements, config: QualityFitConfig) -> None:
    """Puts a fresh fit in place of what `quality` knew: least squares of predicted against true IoU, over masks answered.

    Features are learnt from in units of their own spread, which is folded into the weights afterwards.
    """
    torch.manual_seed(config.seed)
    known = judgements.features[judgements.asked].float()
    mean, spread = known.mean(dim=0), known.std(dim=0).clamp(min=_LEAST_SPREAD)
    hidden = nn.Linear(quality.hidden.in_features, quality.hidden.out_features)
    answer = nn.Linear(quality.answer.in_features, 1)
    parameters = [*hidden.parameters(), *answer.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)
    steps = max(1, config.epochs * len(judgements.true) // config.batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        batch = judgements.of(torch.randint(len(judgements.true), (config.batch_size,)))
        units = torch.relu(hidden((batch.features.float() - mean) / spread))
        predicted = batch.base + answer(nnf.dropout(units, config.dropout))[..., 0]
        loss = ((predicted - batch.true) ** 2)[batch.asked].mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        quality.hidden.weight.copy_(hidden.weight / spread)
        quality.hidden.bias.copy_(hidden.bias - (hidden.weight / spread) @ mean)
        quality.answer.weight.copy_(answer.weight)
        quality.answer.bias.copy_(answer.bias)


@torch.no_grad()
def ranking(quality: MaskQuality, judgements: Judgements) -> Ranking:
    """How well the present predictions rank the answers to ambiguous prompts."""
    several = judgements.of(judgements.asked.sum(dim=1) > 1)
    predicted = several.base + quality.rate(several.features.float())
    predicted = predicted.masked_fill(~several.asked, -torch.inf)
    true = several.true.masked_fill(~several.asked, -torch.inf)
    top, (best, best_index) = predicted.argmax(dim=1), true.max(dim=1)
    chosen = true.gather(1, top[:, None])[:, 0]
    return Ranking(
        len(true), float(chosen.mean()), float(best.mean()), float((top == best_index).float().mean())
    )


def held_out(judgements: Judgements, config: QualityFitConfig) -> Tensor:
    """Bool [N]: the prompts on photographs that are kept to measure by."""
    return judgements.image % config.held_out == 0


def _columns(part: Judgements) -> tuple[Tensor, ...]:
    return part.features, part.base, part.true, part.asked, part.image


def _of_image(
    predictor: SamPredictor, quality: MaskQuality, targets: list[np.ndarray], number: int
) -> Iterator[Judgements]:
    """A central click on each target; then, by the photograph's number, boxes with three answers or one, or a second
    click in what the first got wrong."""
    coords = np.array([[farthest_point(target)[0]] for target in targets], np.float64)
    labels = np.ones((len(targets), 1), np.int64)
    with _watched(quality) as seen:
        masks, iou, low_res = predictor.predict_batch(coords, labels)
        yield _judged(quality, seen, iou, ious(masks, targets), number)
        if number % 3 < 2:
            boxes = np.array([tight_box(target) for target in targets], np.float64)
            masks, iou, _ = predictor.predict_batch(boxes=boxes, multimask_output=number % 3 == 0)
        else:
            rows, top = torch.arange(len(targets)), iou.argmax(dim=1).cpu()
            pairs = zip(masks.cpu()[rows, top].numpy(), targets, strict=True)
            following = [next_click(answer, target) for answer, target in pairs]
            masks, iou, _ = predictor.predict_batch(
                np.concatenate([coords, [[point] for point, _ in following]], axis=1),
                np.concatenate([labels, [[label] for _, label in following]], axis=1),
                mask_inputs=low_res.cpu()[rows, top][:, None],
                multimask_output=False,
            )
        yield _judged(quality, seen, iou, ious(masks, targets), number)


def _judged(
    quality: MaskQuality, seen: list[Tensor], iou: Tensor, true: np.ndarray, number: int
) -> Judgements:
    """Of the decode just made: `iou` predicted and `true`, both of its one answer or of its three."""
    features = seen.pop()
    asked = torch.zeros(features.shape[:2], dtype=torch.bool)
    asked[:, 0 if iou.shape[1] == 1 else slice(1, None)] = True
    base, actual = torch.zeros(asked.shape), torch.zeros(asked.shape)
    with torch.no_grad():
        base[asked] = (iou.cpu() - quality.rate(features).cpu()[asked].view(iou.shape)).flatten().float()
    actual[asked] = torch.from_numpy(true).float().flatten()
    return Judgements(features.half().cpu(), base, actual, asked, torch.full((len(iou),), number))


@contextmanager
def _watched(quality: MaskQuality) -> Iterator[list[Tensor]]:
    """What `quality` knew of the masks of each decode, the latest last."""
    seen: list[Tensor] = []
    handle = quality.hidden.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].detach()))
    try:
        yield seen
    finally:
        handle.remove()
