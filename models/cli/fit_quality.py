"""Fit a model's IoU predictions to the masks it answers now: the last step of a training, minutes on a CPU.

python -m models.cli.fit_quality --data DIR[=IMAGES] ... --model NAME --weights last.pt --output fitted.safetensors
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from models.cli.image_options import add_image_options, chosen_images, with_progress
from models.cli.model_options import add_model_options, predictor_of, steps_of
from models.sam.errors import ModelError
from models.sam.quality_fit import QualityFitConfig, collect, fit, held_out, quality_of, ranking
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.data_sources import DataError
from models.sam.training.export import half_weights, header_of, write_weights


def build_parser() -> argparse.ArgumentParser:
    """All options."""
    defaults = QualityFitConfig()
    parser = argparse.ArgumentParser(prog="python -m models.cli.fit_quality", description=__doc__)
    add = parser.add_argument
    add_image_options(parser)
    add_model_options(parser)
    add("--output", type=Path, required=True, help="safetensors file to write, float16")
    add("--masks-per-image", type=int, default=defaults.masks_per_image)
    add("--epochs", type=int, default=defaults.epochs)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when written, 1 with one line on stderr for bad input."""
    options = build_parser().parse_args(arguments)
    config = QualityFitConfig(
        masks_per_image=options.masks_per_image, epochs=options.epochs, seed=options.seed
    )
    try:
        predictor = predictor_of(options)
        quality = quality_of(predictor)
        images = chosen_images(options.data, options.split, options.seed)
        judgements = collect(predictor, with_progress(images), config)
    except (ModelError, CheckpointError, DataError, ValueError) as error:
        print(f"fit_quality: {error}", file=sys.stderr)
        return 1
    kept = held_out(judgements, config)
    before = ranking(quality, judgements.of(kept))
    fit(quality, judgements.of(~kept), config)
    after = ranking(quality, judgements.of(kept))
    # What was measured is one photograph in ten short of what can be learnt.
    fit(quality, judgements, replace(config, held_out=0))
    for when, found in (("before", before), ("after", after)):
        print(
            f"{when}: {found.prompts} prompts on photographs held out, top-ranked {found.top:.4f}, best "
            f"{found.best:.4f}, the same in {found.agreement:.1%}"
        )
    header = header_of(options.model, steps_of(options))
    write_weights(half_weights(predictor.model.state_dict()), options.output, header)
    print(f"{options.output}: fitted to {len(judgements.true)} prompts on {len(images)} images")
    return 0


if __name__ == "__main__":
    sys.exit(main())
