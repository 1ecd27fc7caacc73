"""Train an "object" box detector on a model's embeddings.

    python -m models.cli.train_detector --model ARTIFACT --data DIR... --output FILE

It learns from the masks of the data sets' train splits, whatever their classes; see `models.sam.detection`.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from models.sam.artifact import load_artifact
from models.sam.detection.learning import LearningConfig, learn, new_detector
from models.sam.detection.quality import detector_quality
from models.sam.detection.views import embedded_views
from models.sam.detection.weights import save_detector
from models.sam.errors import ModelError
from models.sam.manifest import read_manifest
from models.sam.predictor import SamPredictor
from models.sam.training.data_sources import DataError, read_images


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with one line on stderr for what cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m models.cli.train_detector",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", type=Path, required=True, help="folder of the artifact")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="data folders or .tar shards")
    parser.add_argument("--output", type=Path, required=True, help="the detector's .safetensors")
    parser.add_argument("--views", type=int, default=2000, help="embedded once, 1 to 2 MB of memory each")
    parser.add_argument("--epochs", type=int, default=LearningConfig.epochs)
    parser.add_argument(
        "--val-images", type=int, default=100, help="of all data sets together, to measure by"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except (ModelError, DataError, ValueError, FloatingPointError, OSError) as error:
        print(f"train_detector: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    manifest = read_manifest(options.model)
    model = load_artifact(options.model, options.device)
    rng = np.random.default_rng(options.seed)
    images = [image for path in options.data for image in read_images(path, "train")]
    images = [images[number] for number in rng.permutation(len(images))]
    print(f"{len(images)} images", flush=True)
    began = time.monotonic()

    def tell(done: int, total: int) -> bool:
        if done % 100 == 0 or done == total:
            left = (total - done) * (time.monotonic() - began) / done
            print(f"embedded {done} of {total} views, {left:.0f} s left", flush=True)
        return False

    views = embedded_views(model, images, options.views, rng, tell)
    config = LearningConfig(epochs=options.epochs, seed=options.seed)
    started = time.monotonic()

    def step_done(step: int, steps: int, loss: float) -> bool:
        if step % 50 == 0 or step == steps:
            left = (steps - step) * (time.monotonic() - started) / step
            print(f"step {step} of {steps}, loss {loss:.3f}, {left:.0f} s left", flush=True)
        return False

    detector = learn(
        new_detector(manifest.embedding_shape, options.seed).to(options.device), views, config, step_done
    )
    val = [image for path in options.data for image in read_images(path, "val")]
    val = [val[number] for number in rng.permutation(len(val))[: options.val_images]]
    quality = detector_quality(detector, SamPredictor(model), val)
    save_detector(detector, options.output, model=f"{manifest.name}@{manifest.version}", quality=quality)
    print(", ".join(f"{name} {value}" for name, value in quality.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
