"""How learning rate and input side follow the progress of a run (0 at its start, 1 at its end).

Progress is steps done over steps planned, or seconds spent over seconds allowed: a run on a borrowed machine ends on
time.
"""

import math
from dataclasses import dataclass

from models.sam.training.augmentation import ViewSize


@dataclass(frozen=True)
class Stage:
    """A part of the run with views of one size: it lasts until progress `until`."""

    size: ViewSize
    batch_size: int
    until: float


@dataclass(frozen=True)
class LearningRate:
    """Linear warm-up over `warmup_steps`, then cosine to `floor`, or steps: times 0.1 at each of `drops`.

    With `warmup_progress` it is over at that progress at the latest: a run on a slow machine may have few steps.
    """

    peak: float = 8e-4
    warmup_steps: int = 250
    shape: str = "cosine"
    floor: float = 0.0
    drops: tuple[float, ...] = (2 / 3, 0.963)  # 60,000 and 86,666 of the paper's 90,000 iterations
    warmup_progress: float | None = None

    def __post_init__(self) -> None:
        if self.shape not in ("cosine", "step"):
            raise ValueError(f"the schedule's shape is cosine or step, got {self.shape!r}")

    def at(self, step: int, progress: float) -> float:
        """Rate of a step at a progress."""
        warmup = (step + 1) / max(1, self.warmup_steps)
        if self.warmup_progress:
            warmup = max(warmup, progress / self.warmup_progress)
        warmup = min(1.0, warmup)
        if self.shape == "step":
            return self.peak * warmup * 0.1 ** sum(progress >= drop for drop in self.drops)
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        return warmup * (self.floor + (self.peak - self.floor) * cosine)


def parse_stages(text: str) -> tuple[Stage, ...]:
    """Stages of "SIDE[/WHOLE]xBATCH:UNTIL,...", as in "128x8:0.5,256/512x4:1"; ValueError unless they rise to 1."""
    stages = []
    for part in text.split(","):
        try:
            size, until = part.split(":")
            sides, batch = size.split("x")
            view = ViewSize(*(int(side) for side in sides.split("/")))
            stages.append(Stage(view, int(batch), float(until)))
        except (ValueError, TypeError):
            raise ValueError(f"a stage is written SIDE[/WHOLE]xBATCH:UNTIL, got {part!r}") from None
        if view.input_side < view.side:
            raise ValueError(f"a window is not larger than its input, got {part!r}")
    ends = [stage.until for stage in stages]
    if ends != sorted(set(ends)) or ends[0] <= 0 or ends[-1] != 1:
        raise ValueError(f"the stages' ends must rise and the last be 1, got {ends}")
    return tuple(stages)


def stage_at(stages: tuple[Stage, ...], progress: float) -> Stage:
    """The stage a progress falls into; the last one from 1 on."""
    return next((stage for stage in stages if progress < stage.until), stages[-1])
