"""Measure a model on data in COCO layout by the paper's experiments.

python -m models.cli.evaluate --data DIR [DIR ...] --model NAME --split val --json OUT
    [--variants] [--baselines] [--control grey]
python -m models.cli.evaluate --task TASK --data DIR [DIR ...] --model NAME --out DIR

TASK is single-point, edges, proposals, instances, text or probe. With --out all is kept there, records, report.json and
a page, report.html; a run that was killed goes on when it is asked for again. Single points without --out (and without
--click-baseline) are measured in short: the box and one to five clicks from the centre.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from models.cli.model_options import add_model_options, predictor_of
from models.sam.errors import ModelError
from models.sam.evaluation.protocol import BoxMeasure, EvaluationConfig, SetScore, evaluate_set
from models.sam.evaluation.report import report_of
from models.sam.evaluation.run import run_task
from models.sam.evaluation.single_point.task import SinglePoint, box_measures
from models.sam.evaluation.table import table_of
from models.sam.evaluation.tasks import TASKS
from models.sam.predictor import SamPredictor
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.data_sources import DataError


def build_parser() -> argparse.ArgumentParser:
    """All options."""
    parser = argparse.ArgumentParser(prog="python -m models.cli.evaluate", description=__doc__)
    add = parser.add_argument
    add(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="DIR",
        help="folders or .tar shards in COCO layout",
    )
    add_model_options(parser)
    add("--task", choices=list(TASKS), default=SinglePoint.name)
    add("--out", type=Path, help="folder of the run")
    add("--split", default="val", help="train, val or all")
    add("--json", type=Path, help="write the report here")
    add("--limit", type=int, help="a seeded sample of so many images of each set")
    add("--max-masks-per-image", type=int, help="a seeded sample of so many masks of each image")
    add("--min-area", type=int, default=100, help="smallest mask, pixels of the stored image")
    add("--seed", type=int, default=0)
    for name, task in TASKS.items():
        task.add_options(parser.add_argument_group(f"--task {name}"))
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with one line on stderr for bad input."""
    options = build_parser().parse_args(arguments)
    config = EvaluationConfig(
        split=options.split,
        limit=options.limit,
        max_masks_per_image=options.max_masks_per_image,
        min_area=options.min_area,
        seed=options.seed,
        grey_control=options.control == "grey",
    )
    try:
        if options.task != SinglePoint.name or options.out or options.click_baseline:
            return _run_task(options, config)
        measures = box_measures(options)
        predictor = predictor_of(options)
        sets = [evaluate_with_progress(predictor, path, config, measures) for path in options.data]
    except (ModelError, CheckpointError, DataError, ValueError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 1
    facts = {
        "model": options.model,
        "weights": options.weights.name if options.weights else None,
        "split": options.split,
        "min_area": options.min_area,
        "limit": options.limit,
        "max_masks_per_image": options.max_masks_per_image,
        "seed": options.seed,
    }
    report = report_of(sets, facts)
    print(table_of(report))
    if options.json:
        _write_json(options.json, report)
    return 0


def _run_task(options: argparse.Namespace, config: EvaluationConfig) -> int:
    task = TASKS[options.task].from_options(config, options)
    predictor = predictor_of(options)
    facts = {"model": options.model, "weights": options.weights.name if options.weights else None}
    progress = ProgressLines()
    report = run_task(task, lambda: nullcontext(predictor), options.data, facts, options.out, progress)
    print(task.table(report))
    if options.json:
        _write_json(options.json, report)
    return 0


class ProgressLines:
    """A line on stderr every five seconds, with the time that is left at the pace so far."""

    def __init__(self) -> None:
        self._began: tuple[float, int] | None = None
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._began is None:
            self._began = now, done
        if now - self._last < 5 and done != total:
            return
        self._last = now
        began, first = self._began
        left = f", {(total - done) * (now - began) / (done - first):.0f} s left" if done > first else ""
        print(f"{done}/{total} images{left}", file=sys.stderr, flush=True)


def _write_json(path: Path, report: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n")


def evaluate_with_progress(
    predictor: SamPredictor, path: Path, config: EvaluationConfig, measures: Mapping[str, BoxMeasure]
) -> SetScore:
    """`evaluate_set` with a line on stderr every five seconds."""
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        if done == total or time.monotonic() - last > 5:
            last = time.monotonic()
            print(f"{path.stem}: {done}/{total} images", file=sys.stderr, flush=True)

    return evaluate_set(predictor, path, config, show, measures)


if __name__ == "__main__":
    sys.exit(main())
