"""Colours and surface patterns. Fields are float32 [h, w], colours float32 RGB 0..255.

Surfaces are planes [3, h, w]: numpy is several times faster over long rows than over triples.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image

Field = Callable[[int, int, np.random.Generator], np.ndarray]


def pick(shares: tuple[float, ...], rng: np.random.Generator) -> int:
    """An index, drawn in proportion to `shares` (sum 1); a quarter of the time of `Generator.choice`."""
    number = rng.random()
    for index, share in enumerate(shares):
        number -= share
        if number < 0:
            return index
    return len(shares) - 1


@lru_cache(maxsize=2048)
def axis(count: int) -> np.ndarray:
    """-1 to 1 in `count` steps, float32; shared, hence read-only."""
    values = np.linspace(-1, 1, count, dtype=np.float32)
    values.flags.writeable = False
    return values


def smooth_noise(height: int, width: int, cells: float, rng: np.random.Generator) -> np.ndarray:
    """Normal noise interpolated between about `cells` lattice points along the longer side, roughly -2..2."""
    step = max(height, width) / max(cells, 1.0)
    lattice = rng.standard_normal((int(height / step) + 2, int(width / step) + 2), dtype=np.float32)
    return np.asarray(Image.fromarray(lattice).resize((width, height), Image.Resampling.BICUBIC))


def ramp(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """A linear field in a random direction, -1 to 1 across the rectangle."""
    angle = rng.uniform(0, 2 * math.pi)
    sin, cos = math.sin(angle), math.cos(angle)
    scale = 1 / (abs(sin) + abs(cos))
    return axis(height)[:, None] * np.float32(sin * scale) + axis(width) * np.float32(cos * scale)


def random_colour(rng: np.random.Generator) -> np.ndarray:
    """RGB [3], from grey to saturated."""
    colour = rng.uniform(0, 255, 3)
    grey = colour.mean()
    return (grey + (colour - grey) * rng.uniform(0, 1.3)).clip(0, 255).astype(np.float32)


def _plain(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    return np.zeros((height, width), np.float32)


def _gradient(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    return ramp(height, width, rng)


def _clouds(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    cells = rng.uniform(2, 10)
    field = smooth_noise(height, width, cells, rng)
    return field + np.float32(0.5) * smooth_noise(height, width, 3 * cells, rng)


def _stripes(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    waves = rng.uniform(2, 12) * np.pi
    phase = np.float32(waves) * ramp(height, width, rng)
    if rng.random() < 0.6:
        phase += np.float32(rng.uniform(0.3, 1.5)) * smooth_noise(height, width, 3, rng)
    field = np.sin(phase)
    return np.sign(field) if rng.random() < 0.4 else field


def _checks(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    waves = np.float32(rng.uniform(2, 9) * np.pi)
    return np.sign(np.sin(waves * ramp(height, width, rng)) * np.sin(waves * ramp(height, width, rng)))


def _spots(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    field = smooth_noise(height, width, rng.uniform(5, 20), rng)
    return ((field - np.float32(rng.uniform(0, 0.8))) * 8).clip(-1, 1)


def _grain(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((height, width), dtype=np.float32)


PATTERNS: tuple[Field, ...] = (_plain, _gradient, _clouds, _stripes, _checks, _spots, _grain)
PATTERN_SHARES = (0.2, 0.14, 0.28, 0.12, 0.05, 0.11, 0.1)


def texture(height: int, width: int, rng: np.random.Generator, base: np.ndarray | None = None) -> np.ndarray:
    """A surface [3, h, w] between two colours; `base` sets the first one."""
    first = random_colour(rng) if base is None else base
    # Near colours are as common as far ones: most real surfaces vary little.
    second = first + (random_colour(rng) - first) * np.float32(rng.uniform(0.05, 0.8) ** 1.5)
    field = PATTERNS[pick(PATTERN_SHARES, rng)](height, width, rng)
    np.clip(field, -1.5, 1.5, out=field)
    return first[:, None, None] + field * (0.5 * (second - first))[:, None, None]
