"""Masks of everything in photographs, as SA-1B has them: one JSON an image.

    python -m models.cli.generate_masks --input IMAGE_OR_DIR --output DIR --model anymask_s --preset sa1b

Settings given one by one replace those of the preset. What cannot be read is told in a line on stderr and makes the exit
code 1; the other images go on. Files that are there already are written anew, or with --resume left as they are.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from models.cli.model_options import add_model_options, predictor_of
from models.sam.errors import ModelError
from models.sam.mask_generation.network import NetworkDecoder
from models.sam.mask_generation.sa1b import sa1b_document
from models.sam.mask_generator import PRESETS, AutomaticMaskGenerator, GeneratorSettings
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.metrics import duration_text

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
_REPORT_SECONDS = 5
_OVERRIDES: dict[str, tuple[Callable[[str], float], str]] = {
    "points_per_side": (int, "points along a side of the grid"),
    "points_per_batch": (int, "points decoded at once; default: what fits into memory"),
    "pred_iou_thresh": (float, "keep masks predicted above this IoU; 0: all"),
    "stability_score_thresh": (float, "keep masks as stable as this; 0: all"),
    "stability_score_offset": (float, "how far the cut is moved to see it, in logits"),
    "box_nms_thresh": (float, "IoU of boxes of one crop above which the better mask stays alone"),
    "crop_n_layers": (int, "layers of crops beside the whole image, 4^k crops each"),
    "crop_nms_thresh": (float, "the same IoU across crops"),
    "crop_overlap_ratio": (float, "share of the short side by which crops of the first layer overlap"),
    "crop_n_points_downscale_factor": (int, "each layer has so many times fewer points along a side"),
    "min_mask_region_area": (int, "fill holes and drop islands below so many pixels; 0: none"),
    "full_image_share": (float, "drop masks that cover this share of the image"),
    "best_iou_share": (float, "drop masks predicted below this share of the best one of the image"),
}


def build_parser() -> argparse.ArgumentParser:
    """All options."""
    parser = argparse.ArgumentParser(
        prog="python -m models.cli.generate_masks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--input", type=Path, required=True, metavar="IMAGE_OR_DIR", help="a photograph, or a folder of them")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for the JSON files")
    add_model_options(parser)
    add("--preset", choices=sorted(PRESETS), default="default", help="settings of one of the paper's uses")
    add("--resume", action="store_true", help="leave out photographs whose file is there already")
    group = parser.add_argument_group("settings instead of the preset's")
    for name, (kind, text) in _OVERRIDES.items():
        group.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="N", help=text)
    return parser


def settings_of(options: argparse.Namespace) -> GeneratorSettings:
    """The preset with what was given beside it; ValueError for what is out of range."""
    given = {name: getattr(options, name) for name in _OVERRIDES}
    return replace(
        PRESETS[options.preset], **{name: value for name, value in given.items() if value is not None}
    )


def photographs_in(path: Path) -> list[Path]:
    """The photograph itself, or those of a folder by name. ValueError if there is none, or if two would share a file."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ValueError(f"{path} is neither a photograph nor a folder")
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
    if not found:
        raise ValueError(f"{path} holds no photograph")
    by_stem: dict[str, Path] = {}
    for file in found:
        other = by_stem.setdefault(file.stem, file)
        if other is not file:
            raise ValueError(f"{other.name} and {file.name} would both be written to {file.stem}.json")
    return found


def read_photograph(path: Path) -> np.ndarray:
    """RGB uint8 [H, W, 3], turned as its EXIF says. OSError or ValueError for what is no picture."""
    with Image.open(path) as image:
        return np.array(ImageOps.exif_transpose(image).convert("RGB"))


def json_of(output: Path, photograph: Path) -> Path:
    """The file that a photograph's masks go to."""
    return output / f"{photograph.stem}.json"


class Progress:
    """A line on stderr every few seconds: images and points done, and how long the rest will take."""

    def __init__(self, images: int) -> None:
        self.images = images
        self.started = self.last = time.monotonic()

    def show(self, image: int, name: str, done: int, points: int) -> None:
        """`image` images are done, and of the next one `done` of `points` points."""
        now = time.monotonic()
        if now - self.last < _REPORT_SECONDS:
            return
        self.last = now
        share = image + done / points
        left = duration_text((now - self.started) / share * (self.images - share))
        place = f"image {image + 1} of {self.images}"
        print(f"{place}, {name}: {done} of {points} points, {left} left", file=sys.stderr, flush=True)


def write_masks(
    generator: AutomaticMaskGenerator,
    paths: list[tuple[int, Path]],
    output: Path,
    settings: GeneratorSettings,
) -> bool:
    """Write the files of all photographs, each with its number; whether all could be."""
    progress, all_written = Progress(len(paths)), True
    for index, (image_id, path) in enumerate(paths):

        def advance(done: int, points: int, index: int = index, name: str = path.name) -> None:
            progress.show(index, name, done, points)

        try:
            photograph = read_photograph(path)
            records = generator.generate(photograph, settings, advance)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            print(f"generate_masks: {path.name}: {error}", file=sys.stderr)
            all_written = False
            continue
        document = sa1b_document(records, image_id, path.name, (photograph.shape[0], photograph.shape[1]))
        partial = output / f"{path.stem}.partial"
        partial.write_text(json.dumps(document, ensure_ascii=False, allow_nan=False))
        partial.replace(json_of(output, path))
        print(f"{path.name}: {len(records)} masks", flush=True)
    return all_written


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with a line on stderr for each bad input."""
    options = build_parser().parse_args(arguments)
    try:
        settings = settings_of(options)
        paths = list(enumerate(photographs_in(options.input), start=1))
        if options.resume:
            paths = [(number, path) for number, path in paths if not json_of(options.output, path).exists()]
        generator = AutomaticMaskGenerator(NetworkDecoder(predictor_of(options)))
        options.output.mkdir(parents=True, exist_ok=True)
        return 0 if write_masks(generator, paths, options.output, settings) else 1
    except (ModelError, CheckpointError, OSError, ValueError) as error:
        print(f"generate_masks: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
