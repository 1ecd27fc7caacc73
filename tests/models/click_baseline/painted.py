"""Painted scenes as a data set: three bright rectangles on a dark ground, and a network trained on them in seconds."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from models.cli import train_click_baseline
from models.sam.rle import encode
from models.sam.training.data_sources import AnnotatedImage
from models.sam.training.shard import write_images

SIDE = 96
COLOURS = ((220, 60, 50), (60, 200, 70), (70, 90, 230))


def scene(seed: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """A photograph [96, 96, 3] and the masks of its rectangles, each in a quarter of its own."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(10, 40, (SIDE, SIDE, 3)).astype(np.uint8)
    masks = []
    for quarter, colour in zip(rng.permutation(4), COLOURS, strict=False):
        height, width = rng.integers(26, 42, 2)
        top, left = (
            (quarter // 2) * 48 + rng.integers(0, 48 - height),
            (quarter % 2) * 48 + rng.integers(0, 48 - width),
        )
        mask = np.zeros((SIDE, SIDE), bool)
        mask[top : top + height, left : left + width] = True
        pixels[mask] = colour
        masks.append(mask)
    return pixels, masks


def painted_set(path: Path, train: int = 12, val: int = 2) -> Path:
    """A shard with so many scenes of each split."""
    images = []
    for seed in range(train + val):
        pixels, masks = scene(seed)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        split = "train" if seed < train else "val"
        records = [dict(encode(mask)) for mask in masks]
        images.append(AnnotatedImage(path.stem, f"{seed}.png", SIDE, SIDE, split, file.getvalue(), records))
    write_images(images, path)
    return path


def train(data: Path, folder: Path, *extra: str) -> Path:
    """The checkpoint of a run of the command on `data`; `extra` options come last."""
    common = (
        "--network click_pyramid_tiny --stages 64x4:1 --warmup 5 --ema 0.9 --loader-workers 0 --log-every 1"
    )
    arguments = ["--data", str(data), "--out", str(folder), *common.split(), *extra]
    assert train_click_baseline.main(arguments) == 0
    return folder / "last.pt"
