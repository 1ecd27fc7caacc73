"""What masks are judged by: stability, area, box, and whether a crop's edge cuts them off."""

import numpy as np
import torch
from torch import Tensor

from models.sam.refine import Window

EDGE_PIXELS = 20  # nearer to an edge is at it


def boxes_of(masks: Tensor) -> Tensor:
    """Boxes XYXY int64 [..., 4] of bool masks [..., h, w]: first and last pixel, inclusive; zeros of an empty one."""
    height, width = masks.shape[-2:]
    # As bytes: the largest of many is found much faster than whether there is any.
    bits = masks.view(torch.uint8)
    columns, rows = bits.amax(dim=-2), bits.amax(dim=-1)
    ends = [
        (places.argmax(dim=-1), count - 1 - places.flip(-1).argmax(dim=-1))
        for places, count in ((columns, width), (rows, height))
    ]
    (left, right), (top, bottom) = ends
    boxes = torch.stack([left, top, right, bottom], dim=-1)
    return boxes * rows.amax(dim=-1, keepdim=True)


def above(logits: Tensor, threshold: float) -> Tensor:
    """Bool masks of logits. On a CPU by numpy, which takes a fifth of torch's time."""
    if logits.device.type == "cpu":
        return torch.from_numpy(logits.numpy() > threshold)
    return logits > threshold


def areas_of(masks: Tensor) -> Tensor:
    """Pixels int64 [m] of bool masks [m, h, w]. On a CPU by numpy, which takes a tenth of torch's time."""
    if masks.device.type == "cpu":
        return torch.tensor([np.count_nonzero(mask) for mask in masks.numpy()], dtype=torch.int64)
    return masks.sum(dim=(-2, -1))


def stability_of(logits: Tensor, threshold: float, offset: float) -> Tensor:
    """`postprocess.stability_score` of logits [m, h, w]: [m]."""
    return areas_of(above(logits, threshold + offset)) / areas_of(above(logits, threshold - offset))


def is_cut_off(boxes_xyxy: np.ndarray, crop: Window, size: tuple[int, int]) -> np.ndarray:
    """Whether each box [n, 4], in the photograph's frame, comes within `EDGE_PIXELS` of an edge of the crop that is not
    one of the photograph (H, W): bool [n]."""
    near_crop = np.abs(boxes_xyxy - np.array(crop)) <= EDGE_PIXELS
    near_image = np.abs(boxes_xyxy - np.array([0, 0, size[1], size[0]])) <= EDGE_PIXELS
    return (near_crop & ~near_image).any(axis=1)
