"""Low-res mask logits to masks of the photograph (spec: 256 -> S, crop, original size, threshold)."""

import torch
import torch.nn.functional as F
from torch import Tensor


def upscale_masks(
    low_res_masks: Tensor, image_size: int, input_size: tuple[int, int], original_size: tuple[int, int]
) -> Tensor:
    """Logits [N, M, L, L] -> logits [N, M, H, W] at `original_size`.

    Bilinear (align_corners false) to the model's side S = `image_size`, crop to `input_size` (the resized
    photograph without its padding, (h, w)), bilinear to `original_size` (H, W).
    """
    masks = F.interpolate(low_res_masks, (image_size, image_size), mode="bilinear", align_corners=False)
    masks = masks[..., : input_size[0], : input_size[1]]
    return F.interpolate(masks, original_size, mode="bilinear", align_corners=False)


def stability_score(masks: Tensor, threshold: float, offset: float) -> Tensor:
    """IoU of the mask cut at `threshold + offset` with the one cut at `threshold - offset`, per mask [..., H,
    W] -> [...].

    The smaller mask lies inside the larger one, so the IoU is a quotient of areas. Two empty masks give NaN
    (0/0).
    """
    inner = (masks > threshold + offset).sum(dim=(-2, -1), dtype=torch.int64)
    outer = (masks > threshold - offset).sum(dim=(-2, -1), dtype=torch.int64)
    return inner / outer
