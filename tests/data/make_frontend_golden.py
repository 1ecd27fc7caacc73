"""Write the reference cases of the front end's mask room: frontend/src/masks/testdata/*.json.

Run from the repository root: ``python tests/data/make_frontend_golden.py``.

* ``upsample.json``: logits, and the mask that torch's own two bilinear steps make of them (SAM's post-
  processing), as pycocotools encodes it. The mask is computed in float64 and must match exactly;
  ``float32_flips`` counts the pixels by which torch's float32 arithmetic differs from it, for the record.
* ``rle.json``: bitmaps with pycocotools' compressed string, area and box.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pycocotools import mask as coco
from torch.nn import functional

OUTPUT = Path(__file__).resolve().parents[2] / "frontend" / "src" / "masks" / "testdata"


def smooth_logits(seed: int, size: int, roughness: int) -> np.ndarray:
    """Random but smooth logits: [size, size] float32, with islands, holes and a sign change at the border."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(1, 1, roughness, roughness, generator=generator) * 4 - 0.8
    fine = functional.interpolate(coarse, (size, size), mode="bicubic", align_corners=False)
    return fine[0, 0].numpy().astype(np.float32)


def two_step_mask(logits: np.ndarray, side: int, original: tuple[int, int], dtype: torch.dtype) -> np.ndarray:
    """The boolean [H, W] mask: low resolution -> side -> crop to the resized image -> original -> > 0."""
    height, width = original
    scale = side / max(height, width)
    resized = (int(height * scale + 0.5), int(width * scale + 0.5))
    x = torch.from_numpy(logits).to(dtype)[None, None]
    x = functional.interpolate(x, (side, side), mode="bilinear", align_corners=False)
    x = x[..., : resized[0], : resized[1]]
    x = functional.interpolate(x, original, mode="bilinear", align_corners=False)
    return (x[0, 0] > 0).numpy()


def encode(bits: np.ndarray) -> dict[str, Any]:
    """COCO compressed run lengths of a boolean [H, W] bitmap, with its area and XYWH box."""
    rle = coco.encode(np.asfortranarray(bits.astype(np.uint8)))
    return {
        "size": [int(n) for n in rle["size"]],
        "counts": rle["counts"].decode("ascii"),
        "area": int(coco.area(rle)),
        "bbox": [float(v) for v in coco.toBbox(rle)],
    }


def upsample_cases() -> list[dict[str, Any]]:
    """Shrinking and enlarging, wide and tall, both input sides, odd sizes, one-pixel strips."""
    cases = []
    shapes: list[tuple[int, int, tuple[int, int]]] = [
        (32, 64, (300, 451)),
        (32, 128, (97, 64)),
        (64, 128, (33, 200)),
        (32, 64, (64, 64)),
        (16, 64, (1, 90)),
        (32, 64, (500, 30)),
        (32, 128, (211, 20)),
    ]
    for seed, (low, side, original) in enumerate(shapes):
        logits = smooth_logits(seed, low, 7)
        double = two_step_mask(logits, side, original, torch.float64)
        single = two_step_mask(logits, side, original, torch.float32)
        cases.append(
            {
                "low_res": [low, low],
                "side": side,
                "original": list(original),
                "logits": base64.b64encode(logits.astype("<f4").tobytes()).decode("ascii"),
                "mask": encode(double),
                "float32_flips": int((double != single).sum()),
            }
        )
    return cases


def rle_cases() -> list[dict[str, Any]]:
    """Empty, full, first pixel set, single column, noise, a large smooth blob (bits as base64, row-major)."""
    rng = np.random.default_rng(0)
    first_pixel = np.zeros((5, 7), bool)
    first_pixel[0, 0] = True
    yy, xx = np.mgrid[0:211, 0:173]
    blob = (np.hypot(yy - 90, xx - 80) + 12 * np.sin(np.arctan2(yy - 90, xx - 80) * 7)) < 60
    bitmaps = [
        np.zeros((4, 6), bool),
        np.ones((4, 6), bool),
        first_pixel,
        rng.random((9, 1)) > 0.5,
        rng.random((1, 40)) > 0.5,
        rng.random((23, 31)) > 0.7,
        blob,
    ]
    return [
        {"bits": base64.b64encode(np.packbits(bits).tobytes()).decode("ascii"), **encode(bits)}
        for bits in bitmaps
    ]


def main() -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name, cases in (("upsample", upsample_cases()), ("rle", rle_cases())):
        (OUTPUT / f"{name}.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
