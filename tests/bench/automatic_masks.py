"""Automatic masks: decodes a second, shared preparation against plain batches, and seconds an image.

    python -m tests.bench.automatic_masks --json automatic_masks.json

On one photograph of 640 x 480 pixels, for the default model and for the decoder of SAM's ViT-B with random weights (its
encoder stays out: the embedding is random). A plain batch is what the published generator does: 64 points at once, every
mask brought to the photograph's size. "plain" is our own model asked that way, which shares the image between points and
has torch's fused attention; "published" are the published code's operations, one after the other, on copies of the image
for every point. All take turns in one process; medians are told, and how they relate.

Processor time is told beside the clock's, as it says more where others use the machine. "decode" stops at low-res
logits. "masks" are logits at the photograph's size, all of them, as if no filter dropped any.
"""

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import skimage.data
import torch
from PIL import Image

from models.sam.build import build_sam, model_config
from models.sam.load import load_model
from models.sam.mask_generation.grid import point_grid
from models.sam.mask_generation.network import NetworkCrop, NetworkDecoder
from models.sam.mask_generator import PRESETS, AutomaticMaskGenerator
from models.sam.modeling.common import LayerNorm2d
from models.sam.modeling.prompt_encoder import ImageOfPrompts
from models.sam.modeling.transformer import Attention
from models.sam.predictor import EncodedImage, SamPredictor
from models.sam.transforms import resized_size, scale_coords
from tests.bench.graphs import NoEncoder

SIZE = 480, 640
PLAIN_BATCH = 64
MASKS = 3


def photograph() -> np.ndarray:
    """RGB uint8 [480, 640, 3]."""
    image = Image.fromarray(skimage.data.coffee())
    return np.asarray(image.resize((SIZE[1], SIZE[0]), Image.Resampling.LANCZOS))


def full_width_predictor() -> SamPredictor:
    """The decoder of SAM's ViT-B, random weights, without the encoder."""
    config = model_config("vit_b")
    torch.manual_seed(0)
    return SamPredictor(build_sam(replace(config, encoder=NoEncoder(config))))


def random_embedding(predictor: SamPredictor) -> EncodedImage:
    """As of the photograph."""
    encoder = predictor.model.prompt_encoder
    random = torch.Generator().manual_seed(1)
    embedding = torch.randn(1, encoder.embed_dim, *encoder.image_embedding_size, generator=random)
    return EncodedImage(embedding, SIZE, resized_size(*SIZE, predictor.model.image_size))


class PlainBatches:
    """The published way."""

    def __init__(self, predictor: SamPredictor, encoded: EncodedImage) -> None:
        self.predictor, self.encoded = predictor, encoded

    def masks(self, points: np.ndarray) -> None:
        self.predictor.predict_batch(
            points[:, None], np.ones((len(points), 1), int), return_logits=True, image=self.encoded
        )

    @torch.no_grad()
    def decode(self, points: np.ndarray) -> None:
        model, embedding = self.predictor.model, self.encoded.embedding
        coords = torch.as_tensor(scale_coords(points, SIZE, model.image_size), dtype=torch.float32)
        prompt = coords[:, None], torch.ones(len(points), 1, dtype=torch.int64)
        sparse, dense = model.prompt_encoder(prompt, None, None, image=ImageOfPrompts(embedding))
        model.mask_decoder(embedding, self.predictor._image_pe, sparse, dense, True)


class PublishedBatches(PlainBatches):
    """The published way in the published operations: the same numbers."""

    @torch.no_grad()
    def decode(self, points: np.ndarray) -> None:
        self.low_res(points)

    @torch.no_grad()
    def low_res(self, points: np.ndarray) -> torch.Tensor:
        """Logits [n, 3, L, L]."""
        model, embedding = self.predictor.model, self.encoded.embedding
        coords = torch.as_tensor(scale_coords(points, SIZE, model.image_size), dtype=torch.float32)
        prompt = coords[:, None], torch.ones(len(points), 1, dtype=torch.int64)
        sparse, dense = model.prompt_encoder(prompt, None, None, image=ImageOfPrompts(embedding))
        repeated = torch.repeat_interleave(embedding, len(points), dim=0)
        positions = torch.repeat_interleave(self.predictor._image_pe, len(points), dim=0)
        with (
            patch.object(Attention, "forward", published_attention),
            patch.object(LayerNorm2d, "forward", published_norm),
        ):
            masks, _ = model.mask_decoder(repeated, positions, sparse, dense, True)
        return torch.as_tensor(masks)


def published_attention(layer: Attention, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Scores, softmax and values as three operations."""
    queries, keys, values = (
        layer._split_heads(x) for x in (layer.q_proj(q), layer.k_proj(k), layer.v_proj(v))
    )
    scores = queries @ keys.transpose(2, 3) / math.sqrt(queries.shape[-1])
    gathered = scores.softmax(dim=-1) @ values
    return torch.as_tensor(layer.out_proj(gathered.transpose(1, 2).flatten(2)))


def published_norm(layer: LayerNorm2d, x_BCHW: torch.Tensor) -> torch.Tensor:
    """Mean and variance over the channels as operations of their own."""
    mean = x_BCHW.mean(1, keepdim=True)
    variance = (x_BCHW - mean).pow(2).mean(1, keepdim=True)
    x = (x_BCHW - mean) / torch.sqrt(variance + layer.eps)
    return layer.weight[:, None, None] * x + layer.bias[:, None, None]


class Shared:
    """Ours."""

    def __init__(self, crop: NetworkCrop) -> None:
        self.crop = crop

    @torch.no_grad()
    def masks(self, points: np.ndarray) -> None:
        answers = self.crop.decode(points)
        numbers = torch.arange(MASKS * len(points))
        answers.choose(numbers)
        for some in numbers.split(MASKS):
            answers.logits(some)

    @torch.no_grad()
    def decode(self, points: np.ndarray) -> None:
        self.crop.decode(points).choose(torch.arange(MASKS * len(points)))


def seconds(call: Callable[[np.ndarray], None], points: np.ndarray) -> tuple[float, float]:
    """That one call takes: by the clock, and of the processors."""
    started = time.perf_counter(), time.process_time()
    call(points)
    return time.perf_counter() - started[0], time.process_time() - started[1]


def compare(predictor: SamPredictor, encoded: EncodedImage, rounds: int, count: int) -> dict[str, float]:
    """Decodes a second of both ways, medians of `rounds` in which they take turns, and their ratios, by the clock and by
    the processors' time."""
    plain, published = PlainBatches(predictor, encoded), PublishedBatches(predictor, encoded)
    shared = Shared(NetworkDecoder(predictor, together=False).prepare(encoded))
    points = point_grid(32) * np.array(SIZE[::-1])
    some = points[np.random.default_rng(0).permutation(len(points))[:count]]
    calls = {
        "published decode": published.decode,
        "plain decode": plain.decode,
        "shared decode": shared.decode,
        "plain masks": plain.masks,
        "shared masks": shared.masks,
    }
    for call in calls.values():
        call(some[:2])
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(seconds(call, some))
    clock, processors = (
        {name: statistics.median(taken[kind] for taken in times[name]) for name in calls} for kind in (0, 1)
    )
    figures = {name: count / taken for name, taken in clock.items()}
    figures["decode ratio to published"] = clock["published decode"] / clock["shared decode"]
    for part in ("decode", "masks"):
        figures[f"{part} ratio"] = clock[f"plain {part}"] / clock[f"shared {part}"]
        figures[f"{part} ratio of processor time"] = (
            processors[f"plain {part}"] / processors[f"shared {part}"]
        )
    return figures


def image_seconds(predictor: SamPredictor, rounds: int) -> dict[str, float]:
    """Of the whole generator with its default settings, encoding included: median, and masks found."""
    generator, image = AutomaticMaskGenerator(NetworkDecoder(predictor)), photograph()
    times, found = [], 0
    for _ in range(rounds):
        started = time.perf_counter()
        found = len(generator.generate(image, PRESETS["default"]))
        times.append(time.perf_counter() - started)
    return {"seconds an image": statistics.median(times), "masks found": found}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--points", type=int, default=PLAIN_BATCH, help="of a batch; each round decodes one")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--models", nargs="+", choices=("anymask_s", "vit_b"), default=("anymask_s", "vit_b"))
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    figures: dict[str, dict[str, float]] = {}
    for name in options.models:
        if name == "vit_b":
            predictor = full_width_predictor()
            encoded = random_embedding(predictor)
        else:
            predictor = SamPredictor(load_model(name, None, "cpu"))
            (encoded,) = predictor.encode([photograph()])
        figures[name] = compare(predictor, encoded, options.rounds, options.points)
        if name != "vit_b":
            figures[name] |= image_seconds(predictor, 1)
        print(name, *(f"  {part}: {figure:.2f}" for part, figure in figures[name].items()), sep="\n")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
