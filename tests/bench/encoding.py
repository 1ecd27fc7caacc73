"""Images a second of the image encoder against the published arithmetic, on the same cores.

    python -m tests.bench.encoding [--models anymask_s vit_b] [--threads 2] [--rounds 5] [--json encoding.json]

"published" is one image at a time in float32 with attention as SAM's code spells it out: products of all tokens, relative
positions added in two steps, softmax. "ours" is what a worker runs, one image and four at a time; bfloat16 where the
processor multiplies it (AVX-512 BF16, AMX) or on a GPU. All take turns in one process; medians are told, how they
relate, and how far the embedding is from the published one's, in percent of its spread. The default model's encoder is
our own and has no published form: for it "published" spells out its attention.

ViT-B has random weights: times do not depend on them, errors a little.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from torch.nn import functional

from models.sam.build import build_sam
from models.sam.errors import ModelError
from models.sam.load import load_model
from models.sam.modeling.common import plain_attention
from models.sam.modeling.image_encoder import Attention, RelativePositions
from models.sam.modeling.sam import Sam
from models.sam.precision import multiplies_bfloat16
from tests.bench.load import foreign_percent, read_cpu_times

BATCH = 4


def published_attention(self: Attention, q: Tensor, k: Tensor, v: Tensor, size: tuple[int, int]) -> Tensor:
    """q, k, v [B * heads, T, D] as `Attention._attend` takes them, the published way."""
    height, width = size
    heads, tokens, _ = q.shape
    logits = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
    positions = RelativePositions(q, self.rel_pos_h, self.rel_pos_w, size)
    grid = logits.view(heads, height, width, height, width)
    grid = grid + positions.by_row[..., :, None] + positions.by_column[..., None, :]
    return grid.view(heads, tokens, tokens).softmax(dim=-1) @ v


def spelled_out(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention without positions."""
    return plain_attention(q, k, v, q.shape[-1] ** -0.5)


def ways(model: Sam, device: str, with_compiled: bool) -> dict[str, tuple[int, Callable[[Tensor], Tensor]]]:
    """Each with its batch size."""
    encoder = model.image_encoder

    def published(images: Tensor) -> Tensor:
        with (
            patch.object(Attention, "_attend", published_attention),
            patch.object(functional, "scaled_dot_product_attention", spelled_out),
        ):
            return encoder(images)

    def bfloat16(images: Tensor) -> Tensor:
        with torch.autocast(device, torch.bfloat16):
            return encoder(images).float()

    found: dict[str, tuple[int, Callable[[Tensor], Tensor]]] = {
        "published": (1, published),
        "ours": (1, encoder),
        f"ours, {BATCH} at a time": (BATCH, encoder),
    }
    if multiplies_bfloat16(device):
        found |= {"bfloat16": (1, bfloat16), f"bfloat16, {BATCH} at a time": (BATCH, bfloat16)}
    if with_compiled:
        compiled = torch.compile(encoder)
        found["compiled"] = (1, compiled)
    return found


def measured(model: Sam, device: str, rounds: int, with_compiled: bool) -> list[dict[str, Any]]:
    """A row for each way."""
    side = model.image_size
    images = torch.randn(BATCH, 3, side, side, generator=torch.Generator().manual_seed(0)).to(device)
    every = ways(model, device, with_compiled)
    wait = torch.cuda.synchronize if device == "cuda" else nullcontext
    expected, seconds = None, {name: list[float]() for name in every}
    errors = {}
    for number in range(rounds + 1):  # the first one is to warm up
        for name, (batch, encode) in every.items():
            wait()
            begun = time.perf_counter()
            embeddings = encode(images[:batch])
            wait()
            if number:
                seconds[name].append((time.perf_counter() - begun) / batch)
            else:
                expected = embeddings if expected is None else expected
                off = (embeddings[:1] - expected).abs().max() / expected.std()
                errors[name] = 100 * float(off)
    slowest = statistics.median(seconds["published"])
    return [
        {
            "way": name,
            "seconds": statistics.median(took),
            "images_per_second": 1 / statistics.median(took),
            "times_published": slowest / statistics.median(took),
            "error_percent": errors[name],
        }
        for name, took in seconds.items()
    ]


def encoder_of(name: str, device: str) -> Sam:
    """The shipped weights, or random ones."""
    try:
        return load_model(name, None, device)
    except ModelError:
        torch.manual_seed(0)
        return build_sam(name).eval().to(device)


@torch.inference_mode()
def main() -> None:
    """Measure, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--models", nargs="+", default=["anymask_s", "vit_b"])
    add("--device", default="cpu", choices=["cpu", "cuda"])
    add("--threads", type=int, default=2)
    add("--rounds", type=int, default=5)
    add("--compile", action="store_true", help="also by torch.compile, which takes minutes first")
    add("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    before, report = read_cpu_times(), {}
    print(f"{'':12}{'':24}{'s/image':>9}{'images/s':>10}{'x published':>13}{'error %':>9}")
    for name in options.models:
        report[name] = measured(
            encoder_of(name, options.device), options.device, options.rounds, options.compile
        )
        for row in report[name]:
            print(
                f"{name:12}{row['way']:24}{row['seconds']:9.3f}{row['images_per_second']:10.2f}"
                f"{row['times_published']:13.2f}{row['error_percent']:9.4f}",
                flush=True,
            )
    report["foreign_cpu_percent"] = foreign_percent(before, read_cpu_times())
    print(f"Other processes used {report['foreign_cpu_percent']:.1f} % of the processor.")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
