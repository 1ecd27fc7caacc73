"""Silhouettes. A shape is its coverage: uint8 [h, w], 255 inside, antialiased, filling its rectangle.

Outlines are drawn in the square -1..1 and mapped to the rectangle.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from models.sam.training.rendering.textures import axis, pick, ramp, smooth_noise

OVERSAMPLING = 2


def _turned(points: np.ndarray, angle: float) -> np.ndarray:
    """Points [n, 2] turned and then stretched to touch all four sides of the square."""
    cos, sin = np.cos(angle), np.sin(angle)
    turned = points @ np.array([[cos, sin], [-sin, cos]])
    low, high = turned.min(axis=0), turned.max(axis=0)
    return (turned - low) / np.maximum(high - low, 1e-6) * 2 - 1


def _around(radii: np.ndarray, angles: np.ndarray) -> np.ndarray:
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def _ellipse(rng: np.random.Generator) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return _around(np.ones(48), angles) * (1, rng.uniform(0.4, 1))


def _polygon(rng: np.random.Generator) -> np.ndarray:
    count = int(rng.integers(3, 9))
    angles = (np.arange(count) + rng.uniform(-0.35, 0.35, count)) * 2 * np.pi / count
    return _around(rng.uniform(0.55, 1, count), angles)


def _star(rng: np.random.Generator) -> np.ndarray:
    count = 2 * int(rng.integers(4, 9))
    angles = np.arange(count) * 2 * np.pi / count
    return _around(np.where(np.arange(count) % 2, rng.uniform(0.35, 0.75), 1.0), angles)


def _rectangle(rng: np.random.Generator) -> np.ndarray:
    corners = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]]) * (1, rng.uniform(0.3, 1))
    return corners * np.array([[1], [1], [(taper := rng.uniform(0.6, 1))], [taper]])


def _blob(rng: np.random.Generator) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    orders = np.arange(2, 8)
    size = rng.normal(0, 0.35, len(orders)) / orders
    waves = np.cos(orders * angles[:, None] + rng.uniform(0, 2 * np.pi, len(orders)))
    return _around(np.clip(1 + waves @ size, 0.25, 2), angles)


OUTLINES: tuple[Callable[[np.random.Generator], np.ndarray], ...] = (
    _ellipse,
    _polygon,
    _star,
    _rectangle,
    _blob,
)
OUTLINE_SHARES = (0.3, 0.2, 0.08, 0.17, 0.25)


def _outline(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    outline = OUTLINES[pick(OUTLINE_SHARES, rng)](rng)
    picture, draw, frame = _paper(height, width)
    draw.polygon(frame(_turned(outline, rng.uniform(0, 2 * np.pi) if rng.random() < 0.7 else 0.0)), fill=255)
    if rng.random() < 0.08:  # a ring
        draw.polygon(frame(_turned(_ellipse(rng), 0.0) * rng.uniform(0.4, 0.65)), fill=0)
    return np.asarray(picture.reduce(OVERSAMPLING))


def _cloud(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Low-frequency noise above a level that rises towards the rim."""
    level = np.float32(1) - (axis(height)[:, None] ** 2 + axis(width) ** 2) * np.float32(1.5)
    field = level + np.float32(0.45) * smooth_noise(height, width, rng.uniform(2.5, 6), rng)
    softness = np.float32(max(height, width) / 8)  # about one pixel of antialiasing on a typical slope
    return ((field * softness + 0.5).clip(0, 1) * 255).astype(np.uint8)


def _stroke(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """A curved line of even width with round ends."""
    controls = rng.uniform(-0.9, 0.9, (4, 2))
    t = np.linspace(0, 1, 24)[:, None]
    path = (1 - t) ** 3 * controls[0] + 3 * (1 - t) ** 2 * t * controls[1]
    path = path + 3 * (1 - t) * t**2 * controls[2] + t**3 * controls[3]
    return _pen(height, width, [_turned(path, 0.0) * 0.85], rng.uniform(0.06, 0.28))


def _letter(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Bars and a bow between points of a 3 x 3 lattice, all of one width, joined end to end like a letter's."""
    corner = rng.integers(-1, 2, 2)
    bars: list[np.ndarray] = []
    for _ in range(int(rng.integers(2, 5))):
        other = rng.integers(-1, 2, 2)
        bars.append(np.stack([corner, other]) * 0.8)
        corner = other
    if rng.random() < 0.4:
        angles = np.linspace(0, np.pi * rng.uniform(0.8, 1.7), 16) + rng.uniform(0, 2 * np.pi)
        bow = _around(np.full(16, 0.5), angles)
        bars.append(bow - bow[0] + corner * 0.8)
    return _pen(height, width, bars, rng.uniform(0.2, 0.45))


def _pen(height: int, width: int, paths: list[np.ndarray], thickness: float) -> np.ndarray:
    """Polylines drawn with a round pen, `thickness` relative to half the shorter side of the rectangle."""
    picture, draw, frame = _paper(height, width)
    pen = max(2, int(thickness * min(height, width) * OVERSAMPLING / 2))
    for path in paths:
        points = frame(path.clip(-0.95, 0.95))
        draw.line(points, fill=255, width=pen, joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return np.asarray(picture.reduce(OVERSAMPLING))


def _paper(
    height: int, width: int
) -> tuple[Image.Image, ImageDraw.ImageDraw, Callable[[np.ndarray], list[tuple[float, float]]]]:
    """An empty oversampled picture, its pen, and the map from the square -1..1 to its pixels."""
    picture = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
    scale = np.array([width * OVERSAMPLING - 1, height * OVERSAMPLING - 1]) / 2

    def frame(points: np.ndarray) -> list[tuple[float, float]]:
        return [(x, y) for x, y in ((points + 1) * scale).tolist()]

    return picture, ImageDraw.Draw(picture), frame


def half_plane(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Coverage of everything on one side of a random line near the middle: cuts a whole in two."""
    field = ramp(height, width, rng) - np.float32(rng.uniform(-0.4, 0.4))
    return ((field * np.float32(max(height, width) / 2) + 0.5).clip(0, 1) * 255).astype(np.uint8)


KINDS = (_outline, _cloud, _stroke, _letter)
KIND_SHARES = (0.68, 0.14, 0.08, 0.1)


def silhouette(height: int, width: int, kind: int, rng: np.random.Generator) -> np.ndarray:
    """Coverage [height, width] of a random shape of a kind (an index of `KINDS`)."""
    return KINDS[kind](height, width, rng)


def random_kind(rng: np.random.Generator) -> int:
    """An index of `KINDS`; closed outlines are the most common."""
    return pick(KIND_SHARES, rng)
