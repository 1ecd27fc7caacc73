"""Boxes around masks. XYXY, x1 and y1 one past the last pixel, so that x0 + w is COCO's x + w."""

import numpy as np


def tight_box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """XYXY box of the foreground of a mask [H, W]; IndexError for one without any."""
    xs, ys = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1
