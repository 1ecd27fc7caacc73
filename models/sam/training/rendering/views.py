"""Rendered scenes as training views: which nodes of a scene are worth asking for."""

import numpy as np

from models.sam.training.rendering.scene import render_scene


def render_view(
    side: int,
    masks: int,
    min_visible: float,
    min_pixels: int,
    max_share: float,
    area_power: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """A scene of long side `side`: RGB uint8 [h, w, 3] and at most `masks` of its masks [h, w], uint8 0/1.

    Nodes are drawn with weight area ** `area_power` among those with `min_pixels` and `min_visible` of their painted
    area still to be seen and at most `max_share` of the picture. The list is empty if there are none.
    """
    short = max(16, int(side * rng.uniform(0.6, 1)))
    height, width = (short, side) if rng.random() < 0.5 else (side, short)
    scene = render_scene(height, width, rng)
    visible = scene.visible_areas()
    fits = (visible >= min_pixels) & (visible <= max_share * height * width)
    nodes = np.flatnonzero(fits & (visible >= min_visible * np.array(scene.areas)))
    nodes = nodes[nodes > 0]
    # A race of exponential clocks is a weighted draw without replacement.
    order = np.argsort(rng.exponential(size=len(nodes)) / visible[nodes] ** area_power)
    return scene.pixels, [scene.mask(int(node)).astype(np.uint8) for node in nodes[order[:masks]]]
