"""Clicks of the evaluation protocol: at the farthest point from an edge (SAM paper, section 7.1), the first one at
random where that is asked for (section 6).

Frame: pixels of the stored image, XY, integer indices.
"""

import numpy as np
from scipy.ndimage import distance_transform_edt


def farthest_point(region: np.ndarray) -> tuple[tuple[int, int], float]:
    """Point (x, y) of a mask [H, W] with the largest Euclidean distance to its outside, and that distance.

    The image's border counts as outside; the first maximum in row order wins; distance 0 for an empty region.
    """
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    if len(rows) == 0:
        return (0, 0), 0.0
    # The transform of the bounding box with a rim of zeros equals that of the whole mask inside the mask.
    top, left = int(rows[0]), int(columns[0])
    part = np.pad(region[top : rows[-1] + 1, left : columns[-1] + 1], 1)
    distance = distance_transform_edt(part)[1:-1, 1:-1]
    y, x = np.unravel_index(int(distance.argmax()), distance.shape)
    return (int(x) + left, int(y) + top), float(distance[y, x])


def random_point(region: np.ndarray, rng: np.random.Generator) -> tuple[int, int]:
    """Any pixel (x, y) of a mask [H, W], each as likely as the others. ValueError for an empty one."""
    pixels = np.flatnonzero(region)
    if len(pixels) == 0:
        raise ValueError("an empty mask has no point")
    y, x = divmod(int(pixels[rng.integers(len(pixels))]), region.shape[1])
    return x, y


def next_click(predicted: np.ndarray, target: np.ndarray) -> tuple[tuple[int, int], int]:
    """The next corrective click (x, y) and its label, given the last mask and the true one, both bool [H, W].

    It lies in the error whose deepest point is deeper: label 1 in the missing part, 0 in the superfluous part, which
    also wins a tie. Point (-1, -1) with label -1 (no point) if nothing is wrong.
    """
    missing, missing_depth = farthest_point(target & ~predicted)
    superfluous, superfluous_depth = farthest_point(predicted & ~target)
    if max(missing_depth, superfluous_depth) == 0:
        return (-1, -1), -1
    return (missing, 1) if missing_depth > superfluous_depth else (superfluous, 0)


def iou(predicted: np.ndarray, target: np.ndarray) -> float:
    """Intersection over union of two bool masks; 1 if both are empty."""
    union = int((predicted | target).sum())
    return int((predicted & target).sum()) / union if union else 1.0
