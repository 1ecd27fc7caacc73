"""The annotated photographs that a command looks at: which, in which order, and how far it is."""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.sam.training.data_sources import AnnotatedImage, read_images
from models.sam.training.metrics import duration_text

_REPORT_SECONDS = 5


def add_image_options(parser: argparse.ArgumentParser) -> None:
    """--data, --split and --seed."""
    parser.add_argument(
        "--data",
        nargs="+",
        required=True,
        metavar="DIR[=IMAGES]",
        help="folders or .tar shards in COCO layout; a seeded sample of so many images of it",
    )
    parser.add_argument("--split", default="train")
    parser.add_argument("--seed", type=int, default=0)


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
