"""The training loop: optimiser, accumulation, average, log, checkpoints, resume."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader

from models.sam.build import build_sam, model_config
from models.sam.modeling.image_encoder import ViTConfig
from models.sam.modeling.sam import Sam
from models.sam.training.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from models.sam.training.dataset import Batch, DataConfig, PromptableDataset, collate
from models.sam.training.ema import WeightAverage
from models.sam.training.interaction import InteractionConfig, run_interaction
from models.sam.training.losses import LossWeights
from models.sam.training.metrics import MetricsLog, duration_text
from models.sam.training.optimizer import parameter_groups
from models.sam.training.plot import write_plot
from models.sam.training.schedule import LearningRate, Stage, stage_at


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides a run. `steps` or `max_seconds` (of training, pauses not counted) ends it."""

    model: str
    data: DataConfig
    stages: tuple[Stage, ...]
    steps: int | None = None
    max_seconds: float | None = None
    learning_rate: LearningRate = field(default_factory=LearningRate)
    weight_decay: float = 0.1
    layer_decay: float = 1.0
    drop_path: float = 0.0
    clip: float = 1.0
    accumulate: int = 1
    ema_decay: float = 0.999
    bf16: bool = False
    interaction: InteractionConfig = field(default_factory=InteractionConfig)
    losses: LossWeights = field(default_factory=LossWeights)
    seed: int = 0
    loader_workers: int = 1
    log_every: int = 25
    save_seconds: float = 300.0

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.max_seconds is None):
            raise ValueError("give either steps or max_seconds")


class Trainer:
    """One run in a folder: `last.pt` (resume), `metrics.jsonl` (log), `plot.svg` (its curves), `config.json` (what was
    asked)."""

    def __init__(self, config: TrainConfig, folder: Path, device: str = "cpu") -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.folder = folder
        self.device = torch.device(device)
        self.model = model_for_training(config.model, config.drop_path).to(self.device).train()
        self.optimizer = torch.optim.AdamW(
            parameter_groups(self.model, config.weight_decay, config.layer_decay),
            betas=(0.9, 0.999),
            fused=True,
        )
        self.average = WeightAverage(self.model, config.ema_decay)
        self.log = MetricsLog(folder / "metrics.jsonl")
        self.generator = torch.Generator(self.device)
        self.step = 0
        self.views = 0
        self.seconds = 0.0
        self.rate = 0.0
        self.stop_asked = False
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def progress(self) -> float:
        """0 at the start of the run, 1 at its end."""
        if self.config.steps is not None:
            return self.step / self.config.steps
        assert self.config.max_seconds is not None
        return self.seconds / self.config.max_seconds

    def resume(self) -> None:
        """Continue from `last.pt`: the next step is the one that would have come; CheckpointError if it does not fit."""
        state = load_checkpoint(self.folder / "last.pt")
        if state["model_name"] != self.config.model:
            raise CheckpointError(f"the checkpoint is of {state['model_name']}, not {self.config.model}")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.load_state_dict(state["average"])
        self.step, self.views, self.seconds = state["step"], state["views"], state["seconds"]
        if "log" in state:
            self.log.load_state_dict(state["log"])

    def start_from(self, weights: dict[str, torch.Tensor]) -> None:
        """Begin a new run at given weights instead of random ones."""
        self.model.load_state_dict(weights)
        self.average = WeightAverage(self.model, self.config.ema_decay)

    def save(self) -> None:
        """Write `last.pt` and `plot.svg`."""
        state: dict[str, Any] = {
            "model_name": self.config.model,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.state_dict(),
            "step": self.step,
            "views": self.views,
            "seconds": self.seconds,
            "log": self.log.state_dict(),
        }
        save_checkpoint(self.folder / "last.pt", state)
        write_plot(self.log.path, self.folder / "plot.svg")

    def run(self) -> None:
        """Train to the end of the budget, or until SIGINT or SIGTERM; saves at the end in every case but a crash."""
        dataset = PromptableDataset(self.config.data, self.config.seed)
        self.log.rewind(self.step)
        (self.folder / "config.json").write_text(json.dumps(asdict(self.config), indent=1))
        previous = {
            number: signal.signal(number, self._ask_stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            self._run(dataset)
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _ask_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked = True

    def _run(self, dataset: PromptableDataset) -> None:
        loader = DataLoader(
            dataset,
            batch_sampler=BatchPlan(self),
            collate_fn=collate,
            num_workers=self.config.loader_workers,
            worker_init_fn=quiet_worker if self.config.loader_workers else None,
            pin_memory=self.device.type == "cuda",
        )
        batches = iter(loader)
        saved = logged = started = time.monotonic()
        seconds_before, views_logged = self.seconds, self.views
        while self.progress < 1 and not self.stop_asked:
            self.log.add(self._step([next(batches) for _ in range(self.config.accumulate)]))
            now = time.monotonic()
            self.seconds = seconds_before + now - started
            if self.step % self.config.log_every == 0 or self.progress >= 1:
                rate = (self.views - views_logged) / max(now - logged, 1e-9)
                logged, views_logged = now, self.views
                self._report(rate)
            if now - saved >= self.config.save_seconds:
                self.save()
                saved = now
        self.save()

    def _step(self, batches: list[Batch]) -> dict[str, float]:
        config = self.config
        self.rate = config.learning_rate.at(self.step, self.progress)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * group.get("lr_scale", 1.0)
        # Seeded by the step: a resumed run draws the same clicks, and drops the same paths, without saving states.
        self.generator.manual_seed(config.seed * 1_000_003 + self.step)
        torch.manual_seed(config.seed * 1_000_003 + self.step)
        numbers: dict[str, float] = {}
        for batch in batches:
            batch = batch.to(self.device)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=config.bf16):
                result = run_interaction(self.model, batch, config.interaction, config.losses, self.generator)
            if not torch.isfinite(result.loss):
                raise FloatingPointError(f"the loss is {float(result.loss.detach())} at step {self.step}")
            (result.loss / len(batches)).backward()
            self.views += len(batch.images)
            numbers = result.terms
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), config.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.average.update(self.model)
        self.step += 1
        return numbers | {"gradient_norm": float(norm)}

    def _report(self, views_per_second: float) -> None:
        stage = stage_at(self.config.stages, self.progress)
        left = self.seconds * (1 / max(self.progress, 1e-9) - 1)
        facts = {
            "step": self.step,
            "views": self.views,
            "seconds": round(self.seconds, 1),
            "progress": round(self.progress, 4),
            "side": stage.side,
            "rate": self.rate,
            "views_per_second": round(views_per_second, 2),
        }
        line = self.log.write(facts)
        shown = " ".join(
            f"{name} {line[name]:.3f}" for name in ("loss", "first_iou", "last_iou") if name in line
        )
        text = f"step {self.step} side {stage.side} {shown} {views_per_second:.1f} img/s, {duration_text(left)} left\n"
        sys.stderr.write(text)
        sys.stderr.flush()


class BatchPlan:
    """Which samples, at which side, make the coming batches; starts behind the views the trainer has already seen."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        config, index, batch = (
            self.trainer.config,
            self.trainer.views,
            self.trainer.step * self.trainer.config.accumulate,
        )
        while True:
            # Batches are planned a little ahead of training. By steps the plan is exact; by time it may lag a batch.
            by_step = None if config.steps is None else batch // config.accumulate / config.steps
            stage = stage_at(config.stages, self.trainer.progress if by_step is None else by_step)
            yield [(index + i, stage.side) for i in range(stage.batch_size)]
            index, batch = index + stage.batch_size, batch + 1


def model_for_training(name: str, drop_path: float) -> Sam:
    """The model registered as `name` with random weights; ValueError for drop path where there is none."""
    config = model_config(name)
    if drop_path:
        if not isinstance(config.encoder, ViTConfig):
            raise ValueError(f"drop path is for ViT encoders, {name} has another kind")
        config = replace(config, encoder=replace(config.encoder, drop_path=drop_path))
    return build_sam(config)


def quiet_worker(worker_id: int) -> None:
    """A loader process keeps to one thread and leaves Ctrl-C to its parent."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(1)
