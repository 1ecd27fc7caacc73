"""Fit a model's IoU predictions to the masks it answers now: the last step of a training, minutes on a CPU.

python -m models.cli.fit_quality --data DIR[=IMAGES] ... --model NAME --weights last.pt --output fitted.safetensors
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.cli.model_options import add_model_options, predictor_of
from models.sam.errors import ModelError
from models.sam.quality_fit import QualityFitConfig, collect, fit, held_out, quality_of, ranking
from models.sam.training.checkpoint import CheckpointError, load_checkpoint
from models.sam.training.data_sources import AnnotatedImage, DataError, read_images
from models.sam.training.export import half_weights, header_of, write_weights
from models.sam.training.metrics import duration_text

_REPORT_SECONDS = 5


def build_parser() -> argparse.ArgumentParser:
    """All options."""
    defaults = QualityFitConfig()
    parser = argparse.ArgumentParser(prog="python -m models.cli.fit_quality", description=__doc__)
    add = parser.add_argument
    add(
        "--data",
        nargs="+",
        required=True,
        metavar="DIR[=IMAGES]",
        help="folders or .tar shards in COCO layout; a seeded sample of so many images of it",
    )
    add_model_options(parser)
    add("--output", type=Path, required=True, help="safetensors file to write, float16")
    add("--split", default="train")
    add("--masks-per-image", type=int, default=defaults.masks_per_image)
    add("--epochs", type=int, default=defaults.epochs)
    add("--seed", type=int, default=defaults.seed)
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
    header = header_of(options.model, steps_of(options.weights))
    write_weights(half_weights(predictor.model.state_dict()), options.output, header)
    print(f"{options.output}: fitted to {len(judgements.true)} prompts on {len(images)} images")
    return 0


def steps_of(weights: Path | None) -> int:
    """Steps that made the masks: those of a training checkpoint, 0 where they are not known."""
    return int(load_checkpoint(weights)["step"]) if weights and weights.suffix == ".pt" else 0


def chosen_images(sources: list[str], split: str, seed: int) -> list[AnnotatedImage]:
    """The images of all sets, each DIR or DIR=IMAGES, in an order that mixes them. DataError as `read_images`, ValueError
    for a number of images that is none."""
    rng = np.random.default_rng(seed)
    found: list[AnnotatedImage] = []
    for source in sources:
        path, _, limit = source.partition("=")
        images = list(read_images(Path(path), split))
        order = rng.permutation(len(images))[: int(limit) if limit else None]
        found += [images[i] for i in order]
    return [found[i] for i in rng.permutation(len(found))]


def with_progress(images: list[AnnotatedImage]) -> Iterator[AnnotatedImage]:
    """The images, with a line on stderr every few seconds: how many are done, and how long the rest will take."""
    started = last = time.monotonic()
    for done, image in enumerate(images):
        now = time.monotonic()
        if done and now - last >= _REPORT_SECONDS:
            left = duration_text((now - started) / done * (len(images) - done))
            print(f"{done} of {len(images)} images, {left} left", file=sys.stderr, flush=True)
            last = now
        yield image


if __name__ == "__main__":
    sys.exit(main())
