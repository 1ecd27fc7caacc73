"""Train the click segmenter that promptable models are measured against (see `models.sam.click_baseline`).

    python -m models.cli.train_click_baseline --data DIR=SHARE ... --out runs/NAME --max-seconds 2400 --threads 2

With the data and shares of `models.cli.train` it is a fair baseline of that model. A run that was stopped or killed goes
on from OUT/last.pt with --resume; that file is what `models.cli.evaluate --click-baseline` takes.
"""

import argparse
import json
import sys
from pathlib import Path

import torch

from models.cli.train import parse_sets
from models.sam.click_baseline.learning import click_task
from models.sam.click_baseline.network import CLICK_NETWORKS
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.config import CLICK_BASELINE, TrainConfig
from models.sam.training.data_sources import DataError
from models.sam.training.dataset import DataConfig
from models.sam.training.schedule import LearningRate, parse_stages
from models.sam.training.trainer import Trainer


def build_parser() -> argparse.ArgumentParser:
    """All options."""
    parser = argparse.ArgumentParser(
        prog="python -m models.cli.train_click_baseline",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--data", nargs="+", required=True, metavar="DIR[=SHARE]", help="as of models.cli.train")
    add("--split", default="train")
    add("--network", default="click_pyramid", choices=sorted(CLICK_NETWORKS))
    add("--out", type=Path, required=True, help="folder of the run")
    add("--resume", action="store_true", help="continue OUT/last.pt")
    add(
        "--stages",
        default="128/256x24:0.5,256/512x8:1",
        help="as of models.cli.train; 256/512: views of 256 px that are windows of inputs of 512",
    )
    add("--steps", type=int)
    add("--max-seconds", type=float)
    add("--device", default="cpu")
    add("--threads", type=int, help="CPU threads of torch")
    add("--lr", type=float, default=2e-3)
    add("--warmup", type=int, default=100, help="steps")
    add("--weight-decay", type=float, default=0.05)
    add("--ema", type=float, default=0.998)
    add("--masks-per-image", type=int, default=2)
    add("--area-power", type=float, default=0.25, help="as of models.cli.train")
    add("--seed", type=int, default=0)
    add("--loader-workers", type=int, default=1)
    add("--log-every", type=int, default=25)
    add("--save-seconds", type=float, default=120.0)
    return parser


def config_of(options: argparse.Namespace) -> TrainConfig:
    """The run's configuration from the command line; ValueError for numbers that do not go together."""
    return TrainConfig(
        model=options.network,
        data=DataConfig(
            sets=parse_sets(options.data),
            split=options.split,
            masks_per_image=options.masks_per_image,
            area_power=options.area_power,
        ),
        stages=parse_stages(options.stages),
        stage=CLICK_BASELINE,
        steps=options.steps,
        max_seconds=options.max_seconds,
        learning_rate=LearningRate(options.lr, options.warmup),
        weight_decay=options.weight_decay,
        ema_decay=options.ema,
        seed=options.seed,
        loader_workers=options.loader_workers,
        log_every=options.log_every,
        save_seconds=options.save_seconds,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with one line on stderr for bad input."""
    options = build_parser().parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        trainer = Trainer(config_of(options), options.out, options.device, make_task=click_task)
        if options.resume:
            trainer.resume()
        trainer.run()
    except (ValueError, DataError, CheckpointError, FloatingPointError) as error:
        print(f"train_click_baseline: {error}", file=sys.stderr)
        return 1
    summary = {"step": trainer.step, "views": trainer.views, "seconds": round(trainer.seconds, 1)}
    print(json.dumps(summary | {"checkpoint": str(options.out / "last.pt")}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
