"""The data engine with a simulated team: label, retrain, label the next photographs, and what each round took.

    python -m models.cli.simulate_team --data DIR --model ARTIFACT --out runs/team --rounds 3 --images-per-round 20

The person who labels is made of the data set's true masks (see `models.sam.data_engine.annotator`); photographs of its
split val are held out and measure every model. Run again with the same options, it goes on where it was.
"""

import argparse
import json
import sys
from pathlib import Path

import torch

from models.sam.data_engine.annotator import Terms
from models.sam.data_engine.engine import EngineConfig, run_engine
from models.sam.data_engine.report import draw_rounds, table
from models.sam.data_engine.selection import Choice
from models.sam.errors import ModelError
from models.sam.evaluation.protocol import EvaluationConfig
from models.sam.mask_generator import PRESETS
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.data_sources import DataError
from models.sam.training.retrain_plan import Parts


def build_parser() -> argparse.ArgumentParser:
    """All options."""
    parser = argparse.ArgumentParser(
        prog="python -m models.cli.simulate_team",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder or .tar shard with splits train and val")
    add("--model", type=Path, required=True, help="artifact folder of the model of round 0")
    add("--out", type=Path, required=True, help="folder of the run")
    add("--rounds", type=int, default=3)
    add("--images-per-round", type=int, default=20)
    add("--choice", type=Choice, choices=list(Choice), default=Choice.RANDOM, help="of the next images")
    add("--good-enough", type=float, default=0.85, help="IoU from which on a mask is kept")
    add("--most-clicks", type=int, default=20, help="for a mask; then it is drawn by hand")
    add("--most-proposals", type=int, default=30, help="looked at on an image, the surest")
    add(
        "--actions-per-image",
        type=int,
        help="clicks and decisions before the next image; default: to the end",
    )
    add(
        "--preset",
        choices=["none", *sorted(PRESETS)],
        default="fitted",
        help="how masks are proposed first; none: they are not, as in the paper's first stage",
    )
    add("--proposals-from", type=int, default=0, metavar="ROUND", help="the first round with proposals")
    add("--parts", choices=["", *Parts], default="", help="what learns; default: by memory")
    add("--max-seconds", type=float, default=600.0, help="of one retraining")
    add("--held-out-images", type=int, default=30)
    add("--held-out-masks", type=int, default=10, help="of one image")
    add("--device", default="cpu")
    add("--threads", type=int, help="CPU threads of torch")
    add("--seed", type=int, default=0)
    return parser


def config_of(options: argparse.Namespace) -> EngineConfig:
    """The run that was asked for."""
    return EngineConfig(
        data=str(options.data),
        parent=str(options.model),
        rounds=options.rounds,
        images_per_round=options.images_per_round,
        choice=options.choice,
        terms=Terms(
            options.good_enough, options.most_clicks, options.most_proposals, options.actions_per_image
        ),
        proposing=PRESETS.get(options.preset),
        proposing_from=options.proposals_from,
        parts=options.parts,
        max_seconds=options.max_seconds,
        held_out=EvaluationConfig(limit=options.held_out_images, max_masks_per_image=options.held_out_masks),
        device=options.device,
        seed=options.seed,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with a line on stderr for what cannot be done."""
    options = build_parser().parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        rows = run_engine(config_of(options), options.out, lambda line: print(line, flush=True))
    except (ModelError, CheckpointError, DataError, OSError, ValueError) as error:
        print(f"simulate_team: {error}", file=sys.stderr)
        return 1
    (options.out / "rounds.json").write_text(json.dumps(rows, indent=2) + "\n")
    (options.out / "rounds.svg").write_text(draw_rounds(rows), encoding="utf-8")
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
