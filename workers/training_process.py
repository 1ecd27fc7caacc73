"""The process that trains, seen from its worker: started, listened to, ended.

It ends with its worker (it reads from a pipe that only the worker holds open), so that two never train in one folder;
its memory goes with it.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from backend.common.errors import Conflict
from backend.jobs.context import JobContext, JobInterrupted
from backend.training.models import Parts, TrainingRun

logger = logging.getLogger("anymask.training")

POLL_SECONDS: Final = 0.5
CURVE_SECONDS: Final = 5.0
# A process that says nothing for so long hangs. Loading the largest model takes less than a minute.
STALL_SECONDS: Final = 900.0
# What a process that is told to end needs for the step it is in, and to save it.
ENDING_SECONDS: Final = 20.0
# Of all percent, where each phase begins and ends (`models.sam.training.retrain_folder`).
PHASES: Final = {"training": (0, 70), "comparing": (70, 80), "detecting": (80, 98), "exporting": (98, 100)}
_CURVE_POINTS: Final = 400


class TrainingProcess:
    """One attempt at the training in a folder, and what is told of it meanwhile."""

    def __init__(self, context: JobContext, run: TrainingRun, folder: Path) -> None:
        self.context, self.run, self.folder = context, run, folder
        self.curve_at = 0.0
        self.curve_length = -1
        self.is_chosen = False

    def attend(self) -> None:
        """Until it is done. Raises JobStopped, Conflict `training.failed`, RuntimeError for what may pass."""
        self._spec_write()
        (self.folder / "progress.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "models.cli.retrain", str(self.folder), "--with-parent"]
        with (self.folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        try:
            self._wait(process)
        except JobInterrupted:
            process.terminate()
            try:
                process.wait(ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                logger.warning("training_killed job=%s", self.context.job.uuid)
            raise
        finally:
            process.kill()
            process.communicate()
        self._tell()
        if process.returncode == 0:
            return
        if process.returncode == 1:
            raise Conflict(f"The training failed: {self._last_words()}", "training.failed")
        raise RuntimeError(f"the training process ended with {process.returncode}: {self._last_words()}")

    def _spec_write(self) -> None:
        from models.sam.training.retrain_folder import RetrainSpec, write_spec

        run, models = self.run, Path(settings.MODELS_DIR)
        spec = RetrainSpec(
            parent=str(models / run.parent.name / run.parent.version),
            output=str(models),
            parts="" if run.parts == Parts.AUTO else run.parts,
            device=settings.DEVICE,
            max_seconds=60.0 * run.max_minutes,
            steps=run.steps,
            seed=run.pk,
        )
        write_spec(self.folder, spec)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        heard, said = time.monotonic(), ""
        while process.poll() is None:
            time.sleep(POLL_SECONDS)
            self._tell()
            words = _text(self.folder / "progress.json")
            if words != said:
                heard, said = time.monotonic(), words
            elif time.monotonic() - heard > STALL_SECONDS:
                raise RuntimeError(f"the training said nothing for {STALL_SECONDS:.0f} s")

    def _tell(self) -> None:
        """Progress into the context, now and then the curve into the run's row."""
        content = _text(self.folder / "progress.json")
        percent = 0
        if content:
            progress = json.loads(content)
            low, high = PHASES[progress["phase"]]
            percent = int(low + (high - low) * progress["share"])
        self.context.progress(percent, 100)
        chosen = _text(self.folder / "chosen.json")
        if chosen and not self.is_chosen:
            self.is_chosen = True
            facts = json.loads(chosen)
            self.context.log(
                f"Training {facts['parts']} on {facts['device']}, {facts['objects']} objects a step."
            )
            self._update(parts_chosen=facts["parts"], device=facts["device"])
        if time.monotonic() - self.curve_at >= CURVE_SECONDS:
            self.curve_at = time.monotonic()
            points = curve_shown(self.folder)
            if len(points) != self.curve_length:
                self.curve_length = len(points)
                self._update(curve=points)

    def _update(self, **fields: Any) -> None:
        with self.context.holding():
            TrainingRun.objects.filter(pk=self.run.pk).update(**fields)

    def _last_words(self) -> str:
        lines = _text(self.folder / "log.txt").strip().splitlines()
        return lines[-1].removeprefix("retrain: ") if lines else "it said nothing"


def curve_shown(folder: Path) -> list[dict[str, float]]:
    """The run's curve, all figures of val and as many of the losses as a plot shows."""
    from models.sam.training.retrain_folder import curve

    points = curve(folder)
    losses = [point for point in points if "loss" in point]
    step = -(-len(losses) // _CURVE_POINTS) or 1
    kept = {point["step"] for point in losses[::step]} | {losses[-1]["step"] if losses else -1}
    return [point for point in points if "val" in point or point["step"] in kept]


def _text(path: Path) -> str:
    """The file's text, empty where there is none yet."""
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""
