"""Make the decoder of finished weights narrower, and clicks cheaper: minutes on a CPU, and embeddings stay as they are.

python -m models.cli.narrow_decoder --data DIR[=IMAGES] ... --model NAME --weights last.pt --output narrow.safetensors
"""

import argparse
import sys
from pathlib import Path

from models.cli.image_options import add_image_options, chosen_images, with_progress
from models.cli.model_options import add_model_options, predictor_of, steps_of
from models.sam.errors import ModelError
from models.sam.narrowing.fit import narrowed
from models.sam.narrowing.observe import NarrowConfig, observe
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.data_sources import DataError
from models.sam.training.export import half_weights, header_of, write_weights


def build_parser() -> argparse.ArgumentParser:
    """All options."""
    defaults = NarrowConfig()
    parser = argparse.ArgumentParser(prog="python -m models.cli.narrow_decoder", description=__doc__)
    add = parser.add_argument
    add_image_options(parser)
    add_model_options(parser)
    add("--output", type=Path, required=True, help="safetensors file to write, float16")
    add("--prompt-rank", type=int, default=defaults.prompt_rank, help="of what prompts draw on the grid")
    add(
        "--upscaling-widths",
        type=int,
        nargs=2,
        default=defaults.upscaling_widths,
        metavar=("FIRST", "SECOND"),
        help="channels of the two transposed convolutions",
    )
    add("--masks-per-image", type=int, default=defaults.masks_per_image)
    add("--steps", type=int, default=defaults.steps)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when written, 1 with one line on stderr for bad input."""
    options = build_parser().parse_args(arguments)
    config = NarrowConfig(
        prompt_rank=options.prompt_rank,
        upscaling_widths=tuple(options.upscaling_widths),
        masks_per_image=options.masks_per_image,
        steps=options.steps,
        seed=options.seed,
    )
    try:
        predictor = predictor_of(options)
        images = chosen_images(options.data, options.split, options.seed)
        observations = observe(predictor, with_progress(images), config)
        model, deviation = narrowed(predictor.model, observations, config)
    except (ModelError, CheckpointError, DataError, ValueError) as error:
        print(f"narrow_decoder: {error}", file=sys.stderr)
        return 1
    write_weights(
        half_weights(model.state_dict()), options.output, header_of(options.model, steps_of(options))
    )
    print(
        f"{options.output}: upscaling fitted to {len(observations.cells)} prompts on {len(images)} images, to "
        f"{deviation:.1%} of the logits' spread near where masks end"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
