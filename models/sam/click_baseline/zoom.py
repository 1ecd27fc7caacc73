"""Looking closer: the part of the photograph that is asked about from the second click on (RITM's ZoomIn).

RITM takes it from its published code: f-BRS, arXiv 2001.10331, section 4, describes it. Frame: pixels of the photograph,
XY, windows (x0, y0, x1, y1) with x1 and y1 one past the last pixel.
"""

import numpy as np

from models.sam.boxes import tight_box
from models.sam.training.augmentation import View

Window = tuple[int, int, int, int]
EXPANSION = 1.4  # of the box around mask and clicks
SAME = 0.5  # IoU of windows from which on the old one stays


def zoom_window(mask: np.ndarray, positive: np.ndarray, least: float) -> Window:
    """The box around a bool mask [H, W] that is not empty and clicks [n, 2] on the object, `EXPANSION` times as large, of
    at least `least` pixels a side, cut off at the photograph's edges."""
    x0, y0, x1, y1 = tight_box(mask)
    for x, y in positive:
        x0, y0, x1, y1 = min(x0, int(x)), min(y0, int(y)), max(x1, int(x) + 1), max(y1, int(y) + 1)
    left, right = _widened(x0, x1, least, mask.shape[1])
    top, bottom = _widened(y0, y1, least, mask.shape[0])
    return left, top, right, bottom


def next_window(present: Window | None, wanted: Window, positive: np.ndarray) -> Window:
    """`present`, unless a click [n, 2] on the object lies outside or `wanted` has become another: windows that shift with
    every answer would make the previous mask useless."""
    if present is None or window_iou(present, wanted) < SAME:
        return wanted
    is_inside = (positive >= present[:2]).all() and (positive < present[2:]).all()
    return present if is_inside else wanted


def window_iou(one: Window, other: Window) -> float:
    """Intersection over union of two windows."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    overlap = max(width, 0) * max(height, 0)
    areas = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (one, other))
    return overlap / (areas - overlap)


def view_of(window: Window, side: int) -> View:
    """The window drawn so that its longer side has `side` pixels."""
    x0, y0, x1, y1 = window
    scale = side / max(x1 - x0, y1 - y0)
    height, width = max(1, round((y1 - y0) * scale)), max(1, round((x1 - x0) * scale))
    return View((float(x0), float(y0), float(x1), float(y1)), height, width, mirrored=False)


def _widened(low: int, high: int, least: float, end: int) -> tuple[int, int]:
    reach = max(EXPANSION * (high - low), least) / 2
    middle = (low + high) / 2
    return max(0, round(middle - reach)), min(end, round(middle + reach))
