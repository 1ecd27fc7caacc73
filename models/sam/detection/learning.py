"""Training a detector on embedded views: minutes on a processor, as the encoder has done its part already."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from models.sam.detection.network import LEVELS, Detections, ObjectDetector
from models.sam.detection.targets import loss_of
from models.sam.detection.views import EmbeddedView

_TIMED = 5  # steps
# (step, steps, loss): called after each step; True ends the training.
AfterStep = Callable[[int, int, float], bool]


@dataclass(frozen=True)
class LearningConfig:
    """AdamW with one cycle. `epochs` over the views, but `least_steps` at least, so that few views suffice as well; fewer
    where all would take longer than `max_seconds`, as the first ones tell."""

    epochs: int = 12
    least_steps: int = 200
    batch: int = 8
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.05  # share of the steps
    clip: float = 1.0  # norm of the gradient
    max_seconds: float | None = None
    seed: int = 0

    def steps(self, views: int) -> int:
        """How many for so many views."""
        return max(self.least_steps, math.ceil(self.epochs * views / self.batch))


def new_detector(embedding_shape: Sequence[int], seed: int = 0) -> ObjectDetector:
    """An untrained one for embeddings [1, C, E, E], the same for a seed; as many levels as halve the side."""
    _, channels, side, _ = embedding_shape
    levels = 1
    while levels < LEVELS and side % 2**levels == 0:
        levels += 1
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return ObjectDetector(channels, levels=levels)


def learn(
    detector: ObjectDetector,
    views: Sequence[EmbeddedView],
    config: LearningConfig = LearningConfig(),
    after_step: AfterStep = lambda step, steps, loss: False,
) -> ObjectDetector:
    """Trains `detector` where it is, on its device, and answers it. ValueError without views."""
    if not views:
        raise ValueError("a detector needs views to learn from")
    device = next(detector.parameters()).device
    rng = np.random.default_rng(config.seed)
    steps = config.steps(len(views))
    optimizer = torch.optim.AdamW(
        detector.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    detector.train()
    order: list[int] = []
    step, began = 0, time.monotonic()
    while step < steps:
        step += 1
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * one_cycle(step / steps, config.warmup)
        while len(order) < config.batch:
            order += rng.permutation(len(views)).tolist()
        batch, order = [views[number] for number in order[: config.batch]], order[config.batch :]
        embeddings = torch.stack([view.embedding for view in batch]).to(device, torch.float32)
        found: Detections = detector(embeddings)
        truths = [view.boxes.to(device) for view in batch]
        loss = loss_of(found, truths, embeddings.shape[-1], detector.levels)
        if not loss.isfinite():
            raise FloatingPointError(f"the detector's loss is {loss.item()} at step {step}")
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(detector.parameters(), config.clip)
        optimizer.step()
        if step == _TIMED and config.max_seconds is not None:
            steps = min(steps, max(step, int(step * config.max_seconds / (time.monotonic() - began))))
        if after_step(step, steps, loss.item()):
            break
    return detector.eval()


def one_cycle(share: float, warmup: float) -> float:
    """The learning rate over its highest, after this share of the steps: up in a line, down in half a cosine."""
    if share < warmup:
        return share / warmup
    return 0.5 * (1 + math.cos(math.pi * (share - warmup) / (1 - warmup)))
