"""Boxes of masks, and masks that a crop's edge cuts off."""

import numpy as np
import torch
from torch import Tensor

from models.sam.refine import Window

EDGE_PIXELS = 20  # nearer to an edge is at it


def boxes_of(masks: Tensor) -> Tensor:
    """Boxes XYXY int64 [..., 4] of bool masks [..., h, w]: first and last pixel, inclusive; zeros of an empty one."""
    height, width = masks.shape[-2:]
    columns, rows = masks.any(dim=-2), masks.any(dim=-1)
    ends = []
    for places, count in ((columns, width), (rows, height)):
        bits = places.to(torch.uint8)
        ends.append((bits.argmax(dim=-1), count - 1 - bits.flip(-1).argmax(dim=-1)))
    (left, right), (top, bottom) = ends
    boxes = torch.stack([left, top, right, bottom], dim=-1)
    return boxes * rows.any(dim=-1, keepdim=True)


def is_cut_off(boxes_xyxy: np.ndarray, crop: Window, size: tuple[int, int]) -> np.ndarray:
    """Whether each box [n, 4], in the photograph's frame, comes within `EDGE_PIXELS` of an edge of the crop that is not
    one of the photograph (H, W): bool [n]."""
    near_crop = np.abs(boxes_xyxy - np.array(crop)) <= EDGE_PIXELS
    near_image = np.abs(boxes_xyxy - np.array([0, 0, size[1], size[0]])) <= EDGE_PIXELS
    return (near_crop & ~near_image).any(axis=1)
