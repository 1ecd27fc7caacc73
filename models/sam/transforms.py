"""Photographs and prompts into the model's frame (spec section 1).

Frames: original pixels -> model frame (long side = S pixels, short side in proportion), XY order. No torch on
import, so that light callers can use the rules without the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor


def resized_size(height: int, width: int, side: int) -> tuple[int, int]:
    """(h, w) of a photograph of `height` x `width` brought to long side `side`; never below one pixel.

    ValueError unless all are positive.
    """
    if min(height, width, side) < 1:
        raise ValueError(f"sizes must be positive: {height} x {width} to {side}")
    scale = side / max(height, width)
    return max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))


def resize_image(image: np.ndarray, side: int) -> np.ndarray:
    """uint8 [H, W, 3] -> uint8 [h, w, 3] with long side `side`: PIL's BILINEAR (antialias, 8-bit steps)."""
    height, width = resized_size(image.shape[0], image.shape[1], side)
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def resize_tensor(images_BCHW: Tensor, side: int) -> Tensor:
    """The same for float images already on a device; not bit-equal to `resize_image` (no 8-bit steps)."""
    import torch.nn.functional as F

    size = resized_size(images_BCHW.shape[-2], images_BCHW.shape[-1], side)
    return F.interpolate(images_BCHW, size, mode="bilinear", align_corners=False, antialias=True)


def scale_coords(coords: np.ndarray, original_size: tuple[int, int], side: int) -> np.ndarray:
    """Points [..., 2] XY in original pixels -> float64 in the model frame. `original_size` is (H, W).

    x * (new_w / old_w), y * (new_h / old_h): the factor of each axis follows the rounded size.
    """
    height, width = original_size
    new_height, new_width = resized_size(height, width, side)
    return np.asarray(coords, dtype=np.float64) * np.array([new_width / width, new_height / height])


def scale_boxes(boxes_xyxy: np.ndarray, original_size: tuple[int, int], side: int) -> np.ndarray:
    """Boxes [..., 4] XYXY in original pixels -> float64 in the model frame, as two points each."""
    boxes = np.asarray(boxes_xyxy, dtype=np.float64)
    corners = boxes.reshape(*boxes.shape[:-1], 2, 2)
    return scale_coords(corners, original_size, side).reshape(boxes.shape)
