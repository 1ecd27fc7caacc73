"""Patches of images, which of them are hidden, and the loss on those.

Shape letters: B images, S side in pixels, p side of a patch, N patches (row-major), D = 3 p p values of a patch.
"""

import math

import torch
from torch import Tensor

PRETRAINING_GRID = 14.0  # patches each way at the 224 px of the paper; positions are counted in these units


def patchify(images_B3SS: Tensor, patch: int) -> Tensor:
    """Images as patches [B, N, D], a patch's values ordered row, column, channel."""
    B, C, H, W = images_B3SS.shape
    x = images_B3SS.reshape(B, C, H // patch, patch, W // patch, patch)
    return x.permute(0, 2, 4, 3, 5, 1).reshape(B, (H // patch) * (W // patch), patch * patch * C)


def normalised_patches(images_B3SS: Tensor, patch: int) -> Tensor:
    """The target [B, N, D]: every patch with mean 0 and (unbiased, as published) variance 1."""
    patches = patchify(images_B3SS, patch)
    mean, variance = patches.mean(dim=-1, keepdim=True), patches.var(dim=-1, keepdim=True)
    return (patches - mean) / (variance + 1e-6).sqrt()


def random_order(batch: int, patches: int, generator: torch.Generator) -> Tensor:
    """A random order of the patches [B, N] for each image; the first ones stay visible."""
    return torch.rand(batch, patches, generator=generator, device=generator.device).argsort(dim=1)


def visible_count(patches: int, mask_ratio: float) -> int:
    """How many of `patches` stay visible; at least one, and one is hidden."""
    return min(max(1, int(patches * (1 - mask_ratio))), patches - 1)


def masked_loss(predicted_BND: Tensor, target_BND: Tensor, hidden_BN: Tensor) -> Tensor:
    """Mean squared error over the hidden patches (bool [B, N]) only."""
    error_BN = (predicted_BND.float() - target_BND).square().mean(dim=-1)
    return error_BN[hidden_BN].mean()


def sincos_positions(width: int, grid: int) -> Tensor:
    """Fixed positions [grid, grid, width]: sines and cosines of the column for one half, of the row for the other.

    Coordinates are those of a 14 x 14 grid stretched over the image, so that the table of any grid is that of the
    pre-training resized (spec: 14 x 14 to 64 x 64), without interpolation. ValueError unless `width` divides by 4.
    """
    if width % 4:
        raise ValueError(f"the width of sin-cos positions must be a multiple of 4, got {width}")
    place = (torch.arange(grid, dtype=torch.float64) + 0.5) * (PRETRAINING_GRID / grid) - 0.5
    frequency = torch.exp(-math.log(10_000) * torch.arange(width // 4, dtype=torch.float64) / (width // 4))
    angle = place[:, None] * frequency
    axis = torch.cat([angle.sin(), angle.cos()], dim=1).float()  # [grid, width / 2]
    columns, rows = axis[None].expand(grid, -1, -1), axis[:, None].expand(-1, grid, -1)
    return torch.cat([columns, rows], dim=2)
