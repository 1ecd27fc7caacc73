"""Compare an artifact's two graphs with its PyTorch model on random prompts.

    python -m models.cli.compare_decoder data/models/anymask_s/<version> --images photo.jpg other.jpg
    python -m models.cli.compare_decoder data/models/vit_b/<version> --prompts 50

Embeddings are the model's own of the given images, or noise without any. Exit code 1 beyond the deviation that an
export may have.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.sam.artifact import MAX_DEVIATION, load_artifact
from models.sam.errors import ModelError
from models.sam.manifest import read_manifest, verify_file

if TYPE_CHECKING:
    from models.sam.decode.exactness import Exactness


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="an artifact's folder, <models>/<name>/<version>")
    parser.add_argument("--images", type=Path, nargs="*", default=[])
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    try:
        graphs = read_manifest(options.folder).graphs
        prepare, click = (verify_file(options.folder, graphs[name]) for name in ("prepare", "click"))
        exactness = _compare(options, prepare, click)
    except (ModelError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(exactness)
    return 0 if exactness.logits <= MAX_DEVIATION * exactness.spread else 1


def _compare(options: argparse.Namespace, prepare: Path, click: Path) -> Exactness:
    import numpy as np
    import torch
    from PIL import Image

    from models.sam.decode.exactness import compare_decoders
    from models.sam.predictor import SamPredictor

    sam = load_artifact(options.folder)
    predictor = SamPredictor(sam)
    embeddings = []
    for path in options.images:
        with Image.open(path) as image:
            embeddings += [entry.embedding for entry in predictor.encode([np.asarray(image.convert("RGB"))])]
    if not embeddings:
        shape = (4, 1, sam.prompt_encoder.embed_dim, *sam.prompt_encoder.image_embedding_size)
        embeddings = list(torch.randn(shape, generator=torch.Generator().manual_seed(options.seed)))
    return compare_decoders(sam, prepare, click, embeddings, options.prompts, options.seed)


if __name__ == "__main__":
    sys.exit(main())
