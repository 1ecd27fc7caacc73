"""Averaged weights of a training run as a float16 safetensors file, ready to ship.

python -m models.cli.export_weights --checkpoint runs/NAME/last.pt --output models/weights/anymask_s.safetensors
"""

import argparse
import json
import sys
from pathlib import Path

from safetensors.torch import save_file

from models.sam.training.checkpoint import CheckpointError, load_checkpoint, stage_of


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when written, 1 with one line on stderr for a bad checkpoint or metrics file."""
    parser = argparse.ArgumentParser(prog="python -m models.cli.export_weights", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--metrics", type=Path, help="JSON of models.cli.evaluate, noted in the file's header"
    )
    parser.add_argument("--licence", default="Apache-2.0")
    options = parser.parse_args(arguments)
    try:
        state = load_checkpoint(options.checkpoint)
        if stage_of(state) != "promptable":
            raise CheckpointError(f"{options.checkpoint} is of stage {stage_of(state)}: no whole model")
        header = {"architecture": state["model_name"], "licence": options.licence, "step": str(state["step"])}
        if options.metrics:
            header["metrics"] = json.dumps(summary_of(json.loads(options.metrics.read_text())))
    except (CheckpointError, OSError, ValueError) as error:
        print(f"export_weights: {error}", file=sys.stderr)
        return 1
    weights = {
        name: value.half().contiguous() if value.is_floating_point() else value.contiguous()
        for name, value in state["average"]["weights"].items()
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    partial = options.output.with_suffix(".partial")
    save_file(weights, partial, metadata=header)
    partial.replace(options.output)
    print(f"{options.output}: {options.output.stat().st_size} bytes, step {state['step']}")
    return 0


def summary_of(report: dict[str, object]) -> dict[str, object]:
    """The overall figures of an evaluation report, without its parts."""
    return {
        name: value for name, value in report.items() if name.endswith("_miou") or name in ("images", "masks")
    }


if __name__ == "__main__":
    sys.exit(main())
