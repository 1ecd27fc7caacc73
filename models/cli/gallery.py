"""Draw results on chosen photographs: `python -m models.cli.gallery --model NAME --output OUT.jpg DIR/FILE ...`

DIR is a folder or .tar shard in COCO layout, FILE a file name in it; the largest mask of each image is asked for.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from models.cli.model_options import add_model_options, predictor_of
from models.sam.errors import ModelError
from models.sam.evaluation.gallery import answers_of, draw_gallery, draw_row
from models.sam.rle import decode
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.data_sources import AnnotatedImage, DataError, read_images


def build_parser() -> argparse.ArgumentParser:
    """All options."""
    parser = argparse.ArgumentParser(prog="python -m models.cli.gallery", description=__doc__)
    add = parser.add_argument
    add("images", type=Path, nargs="+", metavar="DIR/FILE")
    add_model_options(parser)
    add("--output", type=Path, required=True, help="picture to write (.jpg or .png)")
    return parser


def find_images(paths: list[Path]) -> list[AnnotatedImage]:
    """The annotated images at `paths`, in their order; DataError names one that is missing or has no mask."""
    found: dict[Path, AnnotatedImage] = {}
    for folder in dict.fromkeys(path.parent for path in paths):
        for image in read_images(folder):
            found[folder / image.file_name] = image
    for path in paths:
        if path not in found or not found[path].segmentations:
            raise DataError(f"{path.parent.name} has no image {path.name} with a mask")
    return [found[path] for path in paths]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with one line on stderr for bad input."""
    options = build_parser().parse_args(arguments)
    rows = []
    try:
        predictor = predictor_of(options)
        for image in find_images(options.images):
            photograph = image.pixels()
            target = max((decode(record) for record in image.segmentations), key=np.sum).astype(bool)
            answers = answers_of(predictor, photograph, target)
            print(image.file_name, *(f"{answer.iou:.3f}" for answer in answers))
            rows.append(draw_row(photograph, target, answers))
        draw_gallery(rows).save(options.output, quality=82)
    except (DataError, ModelError, CheckpointError, OSError, ValueError) as error:
        print(f"gallery: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
