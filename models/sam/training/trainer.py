"""The training loop: optimiser, accumulation, average, log, checkpoints, resume, several processes."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

from models.sam.build import OPTIONAL_PARTS, SMOOTHING_KERNEL
from models.sam.training.augmentation import ViewSize
from models.sam.training.checkpoint import (
    CheckpointError,
    load_checkpoint,
    save_checkpoint,
    stage_of,
)
from models.sam.training.config import TrainConfig
from models.sam.training.distributed import Ranks
from models.sam.training.ema import WeightAverage
from models.sam.training.export import header_of, write_pieces
from models.sam.training.metrics import MetricsLog, duration_text
from models.sam.training.objective import Task, build_task
from models.sam.training.optimizer import ENCODER, freeze_all_but, parameter_groups
from models.sam.training.plot import write_plot
from models.sam.training.schedule import stage_at


class Trainer:
    """One run in a folder: `last.pt` (resume), `metrics.jsonl` (log), `plot.svg` (its curves), `config.json` (what was
    asked). Of several processes each trains on its own views; the first one writes.
    """

    def __init__(
        self,
        config: TrainConfig,
        folder: Path,
        device: str = "cpu",
        ranks: Ranks | None = None,
        like: Mapping[str, tuple[int, ...]] | None = None,
        make_task: Callable[[TrainConfig], Task] | None = None,
    ) -> None:
        """`like`: names and shapes of the weights it will begin from, whose decoder may be narrower. `make_task`: what is
        trained, where that is no promptable model; called when the seed is set.
        """
        torch.manual_seed(config.seed)
        self.config = config
        self.folder = folder
        self.ranks = ranks or Ranks()
        self.device = self.ranks.device(device)
        self.task = make_task(config) if make_task else build_task(config, like)
        self.objective: nn.Module = self.task.module.to(self.device).train()
        self.model = self.task.model
        freeze_all_but(self.model, config.only)
        self.optimizer = torch.optim.AdamW(
            parameter_groups(self.model, config.weight_decay, config.layer_decay),
            betas=config.betas,
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
        if stage_of(state) != self.config.stage:
            raise CheckpointError(f"the checkpoint is of stage {stage_of(state)}, not {self.config.stage}")
        load_strictly(self.model, state["model"])
        try:
            self.optimizer.load_state_dict(state["optimizer"])
        except ValueError as error:
            raise CheckpointError(
                "the checkpoint's optimiser groups the parameters in another way (other options, an earlier version): "
                "begin a new run from its weights with --init"
            ) from error
        self.average.load_state_dict(state["average"])
        self.step, self.views, self.seconds = state["step"], state["views"], state["seconds"]
        if "log" in state:
            self.log.load_state_dict(state["log"])

    def start_from(self, weights: dict[str, torch.Tensor]) -> None:
        """Begin a new run at given weights instead of random ones; CheckpointError if they do not fit.

        Optional parts of the model that they do not know start fresh; the smoothing, which is not learnt, is the model's.
        """
        fresh = {
            name: value
            for name, value in self.model.state_dict().items()
            if any(
                name.startswith(prefix) and not any(known.startswith(prefix) for known in weights)
                for prefix in OPTIONAL_PARTS.values()
            )
        }
        own = self.model.state_dict()
        smoothing = {SMOOTHING_KERNEL: own[SMOOTHING_KERNEL]} if SMOOTHING_KERNEL in own else {}
        load_strictly(self.model, fresh | weights | smoothing)
        self.average = WeightAverage(self.model, self.config.ema_decay)

    def start_encoder_from(self, weights: dict[str, torch.Tensor]) -> None:
        """Begin a new run with the image encoder of a checkpoint, of any stage; CheckpointError if it does not fit."""
        inner = {
            name.removeprefix(ENCODER): value for name, value in weights.items() if name.startswith(ENCODER)
        }
        load_strictly(self.model.get_submodule(ENCODER.rstrip(".")), inner)
        self.average = WeightAverage(self.model, self.config.ema_decay)

    def save(self) -> None:
        """Write `last.pt` and `plot.svg`, in the first process."""
        if not self.ranks.is_first:
            return
        last = self.config.stages[-1].size
        state: dict[str, Any] = {
            "model_name": self.config.model,
            "size": [last.side, last.input_side],
            "stage": self.config.stage,
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

    def export(self) -> None:
        """Write the averaged weights to `exports/`, in the first process."""
        if self.ranks.is_first:
            header = header_of(self.config.model, self.step)
            write_pieces(self.average.weights, self.folder / "exports", f"step-{self.step:07d}", header)

    def run(self, after_step: Callable[[], bool] | None = None) -> None:
        """Train to the end of the budget, or until SIGINT or SIGTERM; saves at the end in every case but a crash.

        `after_step` is called after every step; the run ends where it answers True. Its time counts as the run's.
        """
        batches = self._batches()
        if self.ranks.count > 1:
            # A step may leave the prompt encoder's or decoder's rarer paths out, each process others.
            self.objective = DistributedDataParallel(
                self.task.module, find_unused_parameters=True, broadcast_buffers=False
            )
        if self.ranks.is_first:
            self.log.rewind(self.step)
            (self.folder / "config.json").write_text(json.dumps(asdict(self.config), indent=1))
        previous = {
            number: signal.signal(number, self._ask_stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            self._run(batches, after_step)
        finally:
            # The wrapper holds the group of processes, which cannot be left before it is gone.
            self.objective = self.task.module
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _ask_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked = True

    def _batches(self) -> Iterator[Any]:
        loader: DataLoader[Any] = DataLoader(
            self.task.open_data(),
            batch_sampler=BatchPlan(self),
            collate_fn=self.task.collate,
            num_workers=self.config.loader_workers,
            worker_init_fn=quiet_worker if self.config.loader_workers else None,
            pin_memory=self.device.type == "cuda",
        )
        return iter(loader)

    def _run(self, batches: Iterator[Any], after_step: Callable[[], bool] | None) -> None:
        saved = exported = logged = started = time.monotonic()
        seconds_before, views_logged = self.seconds, self.views
        stop = False
        while self.progress < 1 and not stop:
            self.log.add(self._step([next(batches) for _ in range(self.config.accumulate)]))
            is_enough = after_step is not None and after_step()
            now = time.monotonic()
            seconds = seconds_before + now - started
            stop, self.seconds = self.ranks.agree(self.stop_asked or is_enough, seconds, self.device)
            if self.step % self.config.log_every == 0 or self.progress >= 1:
                rate = (self.views - views_logged) / max(now - logged, 1e-9)
                logged, views_logged = now, self.views
                self._report(rate)
            if now - saved >= self.config.save_seconds:
                self.save()
                saved = now
            if self.config.export_seconds is not None and now - exported >= self.config.export_seconds:
                self.export()
                exported = now
        self.save()
        if self.config.export_seconds is not None:
            self.export()

    def _step(self, batches: list[Any]) -> dict[str, float]:
        config = self.config
        self.rate = config.learning_rate.at(self.step, self.progress)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * group.get("lr_scale", 1.0)
        numbers: dict[str, float] = {}
        for number, batch in enumerate(batches):
            batch = batch.to(self.device)
            self._seed(number)
            # Gradients travel between the processes once a step.
            last = number == len(batches) - 1
            parallel = self.objective if isinstance(self.objective, DistributedDataParallel) else None
            with parallel.no_sync() if parallel and not last else nullcontext():
                with torch.autocast(self.device.type, torch.bfloat16, enabled=config.bf16):
                    loss, numbers = self.objective(batch, self.generator)
                if not torch.isfinite(loss):
                    raise FloatingPointError(f"the loss is {float(loss.detach())} at step {self.step}")
                (loss / len(batches)).backward()
            self.views += len(batch.images) * self.ranks.count
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), config.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.average.update(self.model)
        self.step += 1
        return numbers | {"gradient_norm": float(norm)}

    def _seed(self, number: int) -> None:
        """Seed the draws of the step's batch `number`.

        By the step, so a resumed run draws the same clicks and drops the same paths without saved generator states; and
        by the batch's place among those of all processes, so that two processes do what one does in two batches.
        """
        place = number * self.ranks.count + self.ranks.rank
        seed = self.config.seed * 1_000_003 + self.step + place * 1_640_531_527
        self.generator.manual_seed(seed)
        torch.manual_seed(seed)

    def _report(self, views_per_second: float) -> None:
        if not self.ranks.is_first:
            return
        stage = stage_at(self.config.stages, self.progress)
        left = self.seconds * (1 / max(self.progress, 1e-9) - 1)
        facts = {
            "step": self.step,
            "views": self.views,
            "seconds": round(self.seconds, 1),
            "progress": round(self.progress, 4),
            "side": stage.size.side,
            "rate": self.rate,
            "views_per_second": round(views_per_second, 2),
        }
        line = self.log.write(facts)
        shown = " ".join(
            f"{name} {line[name]:.3f}" for name in ("loss", "first_iou", "last_iou") if name in line
        )
        side, left_text = stage.size.side, duration_text(left)
        text = f"step {self.step} side {side} {shown} {views_per_second:.1f} img/s, {left_text} left\n"
        sys.stderr.write(text)
        sys.stderr.flush()


class BatchPlan:
    """Which samples, at which size, make the coming batches; starts behind the views the trainer has already seen.

    Every process takes its own run of indices out of each round.
    """

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer

    def __iter__(self) -> Iterator[list[tuple[int, ViewSize]]]:
        config, ranks, index, batch = (
            self.trainer.config,
            self.trainer.ranks,
            self.trainer.views,
            self.trainer.step * self.trainer.config.accumulate,
        )
        while True:
            # Batches are planned a little ahead of training. By steps the plan is exact; by time it may lag a batch.
            by_step = None if config.steps is None else batch // config.accumulate / config.steps
            stage = stage_at(config.stages, self.trainer.progress if by_step is None else by_step)
            first = index + ranks.rank * stage.batch_size
            yield [(first + i, stage.size) for i in range(stage.batch_size)]
            index, batch = index + ranks.count * stage.batch_size, batch + 1


def load_strictly(module: nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Weights into a module; CheckpointError, listing what differs, unless all names and shapes fit."""
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(" ".join(str(error).split())[:400]) from error


def quiet_worker(worker_id: int) -> None:
    """A loader process keeps to one thread and leaves Ctrl-C and SIGTERM, sent to the whole group, to its parent."""
    torch.set_num_threads(1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.nice(1)
