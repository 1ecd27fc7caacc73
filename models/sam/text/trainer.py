"""A run that teaches a model words: steps by the clock, a log, and a checkpoint to go on from."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from models.sam.text.batches import WordSampler
from models.sam.text.learning import TextObjective
from models.sam.training.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from models.sam.training.metrics import MetricsLog
from models.sam.training.optimizer import parameter_groups

CHECKPOINT, LOG = "checkpoint.pt", "metrics.jsonl"
STAGE = "text"


@dataclass(frozen=True)
class Limits:
    """The run ends with the first of the two; `seconds` count learning alone, over all parts of a resumed run.

    ValueError where there is none."""

    seconds: float | None = None
    steps: int | None = None
    save_every: float = 60.0  # seconds
    log_every: int = 20  # steps

    def __post_init__(self) -> None:
        if self.seconds is None and self.steps is None:
            raise ValueError("a run needs an end: seconds or steps")

    def progress(self, step: int, seconds: float) -> float:
        """0 at the start, 1 or more at the end."""
        shares = [0.0]
        if self.steps is not None:
            shares.append(step / max(1, self.steps))
        if self.seconds is not None:
            shares.append(seconds / max(1e-9, self.seconds))
        return max(shares)


# (line of the log, share of the run): told with every line.
Tell = Callable[[dict[str, Any], float], None]


class TextRun:
    """`facts` say what the run is of: a checkpoint with others is refused (CheckpointError)."""

    def __init__(
        self,
        folder: Path,
        objective: TextObjective,
        sampler: WordSampler,
        limits: Limits,
        facts: dict[str, str],
    ) -> None:
        self.folder, self.objective, self.sampler = folder, objective, sampler
        self.limits, self.facts = limits, facts
        config = objective.config
        self.optimizer = torch.optim.AdamW(
            parameter_groups(objective, config.weight_decay), config.learning_rate
        )
        self.step, self.seconds = 0, 0.0
        self.log = MetricsLog(folder / LOG)
        path = folder / CHECKPOINT
        if path.is_file():
            self._restore(path)

    def train(self, tell: Tell = lambda line, share: None) -> None:
        """From where the run is to its end. FloatingPointError for a loss that is no number."""
        config = self.objective.config
        began, saved = time.monotonic() - self.seconds, time.monotonic()
        while (share := self.limits.progress(self.step, self.seconds)) < 1:
            is_naming = share < config.naming and (
                self.objective.prompt.has_map or self.objective.image_side is not None
            )
            stage = self.objective.naming if is_naming else self.objective.masks
            loss, numbers = stage(self.step, self.sampler)
            if not loss.isfinite():
                raise FloatingPointError(f"the loss is {loss.item()} at step {self.step}")
            self._descend(loss, share)
            self.step += 1
            self.seconds = time.monotonic() - began
            self.log.add(numbers | {"loss": float(loss.detach())})
            if self.step % self.limits.log_every == 0:
                facts = {"step": self.step, "seconds": round(self.seconds, 1), "stage": stage.__name__}
                tell(self.log.write(facts), self.limits.progress(self.step, self.seconds))
            if time.monotonic() - saved > self.limits.save_every:
                self.save()
                saved = time.monotonic()
        self.objective.eval()
        self.save()

    def save(self) -> None:
        """The checkpoint, in one go."""
        state = {
            "stage": STAGE,
            "facts": self.facts,
            "step": self.step,
            "seconds": self.seconds,
            "objective": self.objective.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "log": self.log.state_dict(),
        }
        save_checkpoint(self.folder / CHECKPOINT, state)

    def _descend(self, loss: torch.Tensor, share: float) -> None:
        config = self.objective.config
        warmup = min(1.0, (self.step + 1) / max(1, config.warmup_steps))
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * warmup * 0.5 * (1 + math.cos(math.pi * share))
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.objective.parameters(), config.clip)
        self.optimizer.step()

    def _restore(self, path: Path) -> None:
        state = load_checkpoint(path)
        if state.get("stage") != STAGE:
            raise CheckpointError(f"{path} is no checkpoint of a text training")
        other = [name for name, fact in self.facts.items() if state["facts"].get(name) != fact]
        if other:
            raise CheckpointError(
                f"{path} is of a run with another {' and '.join(other)}: take another folder, or the same options"
            )
        self.objective.load_state_dict(state["objective"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.log.load_state_dict(state["log"])
        self.log.rewind(self.step)
