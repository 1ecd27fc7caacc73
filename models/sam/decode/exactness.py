"""The browser's graphs against the PyTorch model on many random prompts: largest difference of logits, IoU of masks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.sam.decode.export import Graphs, run_model
from models.sam.modeling.labels import ABSENT, BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, NOT_A_POINT
from models.sam.modeling.sam import Sam

SLOTS = (2, 3, 5, 7, 15)  # as the browser fills them; see frontend/src/sam/feeds.ts


@dataclass(frozen=True)
class Exactness:
    """Over all prompts and masks. `logits`: largest difference; `spread`: mean standard deviation of a prompt's logits;
    IoU of the masks cut at the threshold, two empty masks counting as equal; `predicted_iou`: largest difference.
    """

    prompts: int
    logits: float
    spread: float
    mean_iou: float
    worst_iou: float
    predicted_iou: float

    def __str__(self) -> str:
        return (
            f"{self.prompts} prompts: logits differ by at most {self.logits:.4f} ({self.logits / self.spread:.3%} of "
            f"their spread, {self.spread:.2f}), mask IoU {self.mean_iou:.5f} on average, {self.worst_iou:.5f} at worst, "
            f"predicted IoU differs by at most {self.predicted_iou:.1e}"
        )


@torch.no_grad()
def compare_decoders(
    sam: Sam, prepare: Path, click: Path, embeddings: Sequence[Tensor], prompts: int, seed: int = 0
) -> Exactness:
    """Run `prompts` random prompts, spread over `embeddings` [1, C, E, E], through `sam` and through the files.

    Embeddings are rounded to float16 first, as they are stored. Every second prompt is followed up with its best
    mask as mask prompt, which counts as a prompt too.
    """
    graphs = Graphs(prepare, click)
    generator = np.random.default_rng(seed)
    rounded = [embedding.half().float().cpu() for embedding in embeddings]
    prepared = [graphs.prepare(embedding) for embedding in rounded]
    logits, spreads, ious, predicted = [], [], [], []
    following: Tensor | None = None
    for index in range(prompts):
        place = (index // 2) % len(rounded)
        coords, labels = random_prompt(sam, generator)
        expected, expected_iou = run_model(sam, rounded[place].to(sam.device), coords, labels, following)
        answer, answer_iou = graphs.click(prepared[place], *fill_slots(coords, labels), following)
        logits.append(float((answer - expected).abs().max()))
        spreads.append(float(expected.std()))
        ious += list(mask_ious(answer[0] > sam.mask_threshold, expected[0] > sam.mask_threshold))
        predicted.append(float((answer_iou - expected_iou).abs().max()))
        best = int(expected_iou[0].argmax())
        following = expected[:, best : best + 1] if index % 2 == 0 else None
    worst = float(np.max(logits))  # NaN if any is
    return Exactness(
        prompts, worst, float(np.mean(spreads)), float(np.mean(ious)), min(ious), float(np.max(predicted))
    )


def random_prompt(sam: Sam, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
    """One to eight clicks, a box, or both: coordinates [1, n, 2] in the model's frame and labels [1, n]."""
    has_box = generator.random() < 0.3
    clicks = int(generator.integers(0 if has_box else 1, 9))
    points = [
        (*generator.uniform(0, sam.image_size, 2), float(generator.integers(0, 2))) for _ in range(clicks)
    ]
    if has_box:
        corners = np.sort(generator.uniform(0, sam.image_size, (2, 2)), axis=0)
        points += [(*corners[0], BOX_TOP_LEFT), (*corners[1], BOX_BOTTOM_RIGHT)]
    else:
        points.append((0.0, 0.0, NOT_A_POINT))
    rows = torch.tensor(points, dtype=torch.float32)[None]
    return rows[..., :2], rows[..., 2]


def fill_slots(coords: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The prompt with empty slots up to the next number in `SLOTS`."""
    count = labels.shape[1]
    empty = next((slots for slots in SLOTS if slots >= count), count) - count
    return (
        torch.cat([coords, torch.zeros(1, empty, 2)], dim=1),
        torch.cat([labels, torch.full((1, empty), float(ABSENT))], dim=1),
    )


def mask_ious(masks: Tensor, others: Tensor) -> Iterator[float]:
    """IoU of each of [M, H, W] with its counterpart; 1 where both are empty."""
    for mask, other in zip(masks, others, strict=True):
        union = int((mask | other).sum())
        yield int((mask & other).sum()) / union if union else 1.0
