"""Teach a model words: text prompts from the names of categories and what their masks look like.

    python -m models.cli.train_text --model anymask_s --data DIR=WEIGHT... --out DIR --max-seconds 3600

Everything else of the model stays as it is. The encoder looks at each view once; what it saw is kept below `--views`. The
same command again goes on where it was. Result: OUT/text.safetensors, for `export_decoder --text` and `evaluate --text`.
"""

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import torch

from models.cli.model_options import add_model_options
from models.sam.artifact import shipped_weights
from models.sam.build import MODELS
from models.sam.errors import ModelError
from models.sam.load import load_model
from models.sam.manifest import read_manifest, sha256_file
from models.sam.modeling.sam import Sam
from models.sam.modeling.text_prompt import TextPrompt
from models.sam.text.batches import WordSampler
from models.sam.text.encoders import ImageSide, TextEncoder, open_text_encoder
from models.sam.text.examples import ViewStore
from models.sam.text.image_side import MaskToText
from models.sam.text.learning import TextLearningConfig, TextObjective
from models.sam.text.names import vocabulary_of
from models.sam.text.trainer import Limits, TextRun
from models.sam.text.vocabulary import Vocabulary
from models.sam.text.weights import TextWeights, save_text
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.data_sources import DataError, read_images
from models.sam.training.metrics import duration_text

RESULT = "text.safetensors"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with one line on stderr for what cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m models.cli.train_text",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_model_options(parser)
    add = parser.add_argument
    add(
        "--data",
        nargs="+",
        required=True,
        metavar="DIR=WEIGHT",
        help="data folders or shards, and their shares",
    )
    add("--out", type=Path, required=True, help="folder of the run")
    add("--encoder", default="minilm", help="minilm, minilm:FOLDER or clip:FOLDER")
    add("--max-seconds", type=float, help="of learning; making views comes on top")
    add("--steps", type=int)
    add(
        "--views", type=Path, help="folder of what the encoder saw, to share between runs; default: OUT/views"
    )
    add("--views-per-image", type=int, default=1, help="the first is the image as it is, about 1 MB each")
    add("--limit", type=int, help="so many images of each set, the first ones of a shuffled list")
    add("--least-masks", type=int, default=5, help="of a name, for it to be learned")
    add("--token-only", action="store_true", help="no map of where the word is meant, as in the paper")
    add("--learning-rate", type=float, default=TextLearningConfig.learning_rate)
    add(
        "--naming",
        type=float,
        default=TextLearningConfig.naming,
        help="share of the run before the decoder is asked",
    )
    add(
        "--shown",
        type=float,
        default=TextLearningConfig.shown,
        help="share of prompts that are looks, not names",
    )
    add("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except (ModelError, DataError, CheckpointError, ValueError, FloatingPointError, OSError) as error:
        print(f"train_text: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    if options.threads:
        torch.set_num_threads(options.threads)
    model = load_model(options.model, options.weights, options.device)
    encoder = open_text_encoder(options.encoder)
    stores = _stores(options, model, encoder)
    found = (name for store, _ in stores for image in store.images for name in image.categories)
    names = vocabulary_of(found, options.least_masks)
    vocabulary = Vocabulary(names, encoder.embed(names))
    print(f"{sum(len(store) for store, _ in stores)} views, {len(names)} words", flush=True)
    for store, _ in stores:
        store.make(model, _teller(store.folder.name))
    config = TextLearningConfig(
        naming=options.naming, shown=options.shown, learning_rate=options.learning_rate, seed=options.seed
    )
    with torch.random.fork_rng():
        torch.manual_seed(options.seed)
        prompt = TextPrompt(encoder.dim, model.prompt_encoder.embed_dim, not options.token_only)
        side = None if _eyes_of(encoder) else MaskToText(model.prompt_encoder.embed_dim, encoder.dim)
    objective = TextObjective(model, prompt.to(options.device), side and side.to(options.device), config)
    facts = {
        "model": model_version(options),
        "encoder": encoder.name,
        "data": hashlib.sha256(
            " ".join(sorted(f"{store.folder.name}={share}" for store, share in stores)).encode()
        ).hexdigest()[:12],
        "words": hashlib.sha256("\n".join(names).encode()).hexdigest()[:12],
        "settings": str(asdict(config) | {"map": prompt.has_map}),
    }
    run = TextRun(
        options.out,
        objective,
        WordSampler(stores, vocabulary),
        Limits(options.max_seconds, options.steps),
        facts,
    )
    run.train(_tell)
    result = options.out / RESULT
    save_text(TextWeights(prompt, vocabulary, facts["model"], encoder.name, side), result)
    print(f"{result} after {run.step} steps, {duration_text(run.seconds)}")
    return 0


def _stores(options: argparse.Namespace, model: Sam, encoder: TextEncoder) -> list[tuple[ViewStore, float]]:
    stores = []
    for path, share in parse_shares(options.data):
        images = read_images(path, "train")
        if options.limit is not None:
            order = torch.randperm(len(images), generator=torch.Generator().manual_seed(options.seed))
            images = [images[number] for number in order[: options.limit].tolist()]
        root = options.views or options.out / "views"
        store = ViewStore(root, model, images, options.views_per_image, options.seed, _eyes_of(encoder))
        stores.append((store, share))
    return stores


def _eyes_of(encoder: TextEncoder) -> ImageSide | None:
    """The encoder as its own image side, where it sees pictures."""
    return cast(ImageSide, encoder) if hasattr(encoder, "embed_objects") else None


def parse_shares(texts: Sequence[str]) -> list[tuple[Path, float]]:
    """`DIR=WEIGHT`, or DIR alone for a weight of 1. ValueError for a weight that is no positive number."""
    shares = []
    for text in texts:
        path, _, weight = text.rpartition("=") if "=" in text else (text, "", "1")
        try:
            share = float(weight)
        except ValueError:
            raise ValueError(f"{text!r} is not DIR=WEIGHT") from None
        if not share > 0:
            raise ValueError(f"the weight of {path} must be above 0, not {weight}")
        shares.append((Path(path), share))
    return shares


def model_version(options: argparse.Namespace) -> str:
    """name@version of the model of `add_model_options`."""
    if options.model not in MODELS:
        manifest = read_manifest(Path(options.model))
        return f"{manifest.name}@{manifest.version}"
    return f"{options.model}@{sha256_file(options.weights or shipped_weights(options.model))[:12]}"


def _teller(name: str) -> Any:
    began = time.monotonic()
    first: list[int] = []

    def tell(done: int, total: int) -> bool:
        first.append(done)
        if done % 50 == 0 or done == total:
            left = (total - done) * (time.monotonic() - began) / (done - first[0] + 1)
            print(f"views {name}: {done} of {total}, {duration_text(left)} left", flush=True)
        return False

    return tell


def _tell(line: dict[str, Any], share: float) -> None:
    left = line["seconds"] * (1 - share) / max(share, 1e-6)
    figures = ", ".join(
        f"{name} {value:.3f}" for name, value in line.items() if name not in ("step", "seconds", "stage")
    )
    print(f"step {line['step']} ({line['stage']}): {figures}, {duration_text(left)} left", flush=True)


if __name__ == "__main__":
    sys.exit(main())
