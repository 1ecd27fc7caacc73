"""Looks after a retraining while it goes on: validates, keeps the best average, ends what no longer gets better."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from models.sam.build import sam_from_state_dict
from models.sam.evaluation.report import summarise
from models.sam.training.comparison import mean_miou
from models.sam.training.export import header_of, write_weights
from models.sam.training.metrics import MetricsLog, read_log
from models.sam.training.retrain_folder import TRAINING, RetrainSpec, tell
from models.sam.training.retrain_plan import PATIENCE
from models.sam.training.trainer import Trainer
from models.sam.training.validation import Validation

VALIDATIONS = 20  # of a run at most
# Between two of them the run trains for so many times as long as one takes: a slow machine validates less often. What is
# left of the time for training is where its schedule ends.
TRAINING_PER_VALIDATION = 4.0
TRAINING_SHARE = TRAINING_PER_VALIDATION / (1 + TRAINING_PER_VALIDATION)


class Watch:
    """Validates a run at parts of its progress: `best.safetensors` is the best average that learned anything.

    A run that is gone on with is validated where it was due, and keeps what it found before.
    """

    def __init__(self, folder: Path, trainer: Trainer, spec: RetrainSpec, architecture: str) -> None:
        self.folder, self.trainer, self.spec = folder, trainer, spec
        self.architecture = architecture
        # Where nothing of the encoder learns, the val images are embedded once.
        is_frozen = bool(trainer.config.only)
        self.validation = Validation(folder / "data.tar", keeps_embeddings=is_frozen)
        self.log = MetricsLog(folder / "validation.jsonl")
        self.log.rewind(trainer.step)
        self.is_enough = False
        self.told = 0.0
        self.validated, self.validation_seconds = 0.0, 0.0
        self.started, self.seconds_before = time.monotonic(), trainer.seconds
        if not self.lines:
            self.validate(0.0)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return read_log(self.log.path)

    def after_step(self) -> bool:
        """Whether the run is to end."""
        progress = min(1.0, self.trainer.progress)
        if time.monotonic() - self.told > 1:
            tell(self.folder, TRAINING, progress)
            self.told = time.monotonic()
        if self.due <= progress < 1 and self.has_time:
            self.validate(progress)
        spent = self.seconds_before + time.monotonic() - self.started
        return self.is_enough or spent >= self.spec.max_seconds

    @property
    def due(self) -> float:
        """The progress at which the next validation is due at the earliest."""
        return float(self.lines[-1]["progress"]) + 1 / VALIDATIONS

    @property
    def has_time(self) -> bool:
        """Whether enough was trained since the last validation; a run of so many steps has all the time it takes."""
        trained = time.monotonic() - self.validated
        return self.spec.steps is not None or trained >= TRAINING_PER_VALIDATION * self.validation_seconds

    def end(self) -> None:
        """The last validation, unless the last step was validated."""
        if self.lines[-1]["step"] != self.trainer.step:
            self.validate(1.0)

    def validate(self, progress: float) -> None:
        """The average on val; kept where none was better. The checkpoint goes along, so that both are of one step."""
        began = time.monotonic()
        sam = sam_from_state_dict(self.architecture, self.trainer.average.weights).to(self.spec.device).eval()
        value = mean_miou(summarise(self.validation.scores(sam)))
        before = [line["val"] for line in self.lines if line["step"] > 0]
        if self.trainer.step and value >= max(before, default=0.0):
            header = header_of(self.architecture, self.trainer.step)
            write_weights(_on_cpu(self.trainer.average.weights), self.folder / "best.safetensors", header)
        self.log.write({"step": self.trainer.step, "progress": round(progress, 4), "val": value})
        values = [line["val"] for line in self.lines]
        self.is_enough = len(values) - 1 - values.index(max(values)) >= PATIENCE
        self.trainer.save()
        self.validated = time.monotonic()
        self.validation_seconds = self.validated - began


def _on_cpu(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().cpu().contiguous() for name, value in weights.items()}
