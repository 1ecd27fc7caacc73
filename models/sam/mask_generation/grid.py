"""The points that are asked for."""

import numpy as np


def point_grid(points_per_side: int) -> np.ndarray:
    """Points [n * n, 2] XY in the unit square, row after row, half a step from its sides, float64."""
    places = (np.arange(points_per_side) + 0.5) / points_per_side
    xs, ys = np.meshgrid(places, places)
    return np.stack([xs, ys], axis=-1).reshape(-1, 2)
