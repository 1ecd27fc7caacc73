"""Averaged weights of a training run as a float16 safetensors file, ready to ship.

python -m models.cli.export_weights --checkpoint runs/NAME/last.pt --output models/weights/anymask_s.safetensors
python -m models.cli.export_weights --pieces runs/NAME/exports/step-0012000-*.safetensors --output ...
python -m models.cli.export_weights --weights fitted.safetensors --metrics EVAL.json --output ...
"""

import argparse
import json
import sys
from pathlib import Path

from torch import Tensor

from models.sam.training.checkpoint import CheckpointError, load_checkpoint, stage_of
from models.sam.training.export import (
    half_weights,
    header_of,
    read_pieces,
    read_weights,
    write_weights,
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when written, 1 with one line on stderr for a bad checkpoint or metrics file."""
    parser = argparse.ArgumentParser(prog="python -m models.cli.export_weights", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--checkpoint", type=Path)
    source.add_argument(
        "--pieces", type=Path, nargs="+", metavar="FILE", help="all files of one --export-every"
    )
    source.add_argument("--weights", type=Path, help="a whole weights file, as of models.cli.fit_quality")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--metrics", type=Path, help="JSON of models.cli.evaluate, noted in the file's header"
    )
    parser.add_argument("--licence", default="Apache-2.0")
    options = parser.parse_args(arguments)
    try:
        if options.pieces:
            weights, header = read_pieces(options.pieces)
        elif options.weights:
            weights, header = read_weights(options.weights)
        else:
            weights, header = of_checkpoint(options.checkpoint)
        header["licence"] = options.licence
        if options.metrics:
            header["metrics"] = json.dumps(summary_of(json.loads(options.metrics.read_text())))
    except (CheckpointError, OSError, ValueError) as error:
        print(f"export_weights: {error}", file=sys.stderr)
        return 1
    write_weights(weights, options.output, header)
    print(f"{options.output}: {options.output.stat().st_size} bytes, step {header['step']}")
    return 0


def of_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Averaged weights and header; CheckpointError for a file that is no checkpoint of a whole model."""
    state = load_checkpoint(path)
    if stage_of(state) != "promptable":
        raise CheckpointError(f"{path} is of stage {stage_of(state)}: no whole model")
    return half_weights(state["average"]["weights"]), header_of(state["model_name"], state["step"])


def summary_of(report: dict[str, object]) -> dict[str, object]:
    """The overall figures of an evaluation report, without its parts."""
    return {
        name: value for name, value in report.items() if name.endswith("_miou") or name in ("images", "masks")
    }


if __name__ == "__main__":
    sys.exit(main())
