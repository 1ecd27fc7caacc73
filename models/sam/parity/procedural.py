"""Weights made from parameter names, as the golden files of the full-size models use them.

MobileSAM's tables of biases and its batch norms' statistics have rules of their own, made later than the others.
"""

import math
import zlib
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

EMBEDDINGS = ("point_embeddings", "not_a_point_embed", "no_mask_embed", "iou_token", "mask_tokens")


def procedural_seed(name: str) -> int:
    """Seed of the parameter called `name`."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


def procedural_parameter(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """float32 values of the parameter `name`: a seeded normal sample, scaled by its kind; int64 zeros for counters."""
    if name.endswith("num_batches_tracked"):
        return np.zeros(shape, np.int64)
    sample = np.random.RandomState(procedural_seed(name)).standard_normal(math.prod(shape)).reshape(shape)
    return _scaled(name, sample).astype(np.float32)


def _scaled(name: str, n: np.ndarray) -> np.ndarray:
    if name.endswith(("positional_encoding_gaussian_matrix", "attention_biases")):
        return n
    if name.endswith("pos_embed") or "rel_pos_" in name:
        return 0.2 * n
    if any(part in name for part in EMBEDDINGS):
        return 0.5 * n
    if name.split(".")[-1] in ("bias", "running_mean"):
        return 0.1 * n
    if n.ndim == 1:
        return 1 + 0.1 * n
    if n.ndim == 2:
        return n / math.sqrt(n.shape[1])
    if "output_upscaling" in name:
        return n / math.sqrt(n.shape[0])
    return n / math.sqrt(math.prod(n.shape[1:]))


def procedural_state_dict(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """A whole state dict for the given names and shapes."""
    return {name: torch.from_numpy(procedural_parameter(name, shape)) for name, shape in shapes.items()}
