"""Copy-paste of instances (arXiv 2012.07177): objects of other photographs on a view, with exact masks.

Unlike the paper only the pasted object is taken, not everything in its image, and the seam is a pixel wide.
Frame: pixels of the model's square input of side S.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from models.sam.training.augmentation import AugmentationConfig, jitter_colour
from models.sam.training.image_masks import CutOut

SMALLEST = 12  # input pixels of the long side; smaller objects would be a smudge


@dataclass(frozen=True)
class CopyPasteConfig:
    """`probability` of a view to get between `objects` cut-outs, their long side `scale` times as large, relative to the
    image, as where they come from (log-uniform), and at most `largest` of the input's side.
    """

    probability: float = 0.0
    objects: tuple[int, int] = (1, 3)
    scale: tuple[float, float] = (0.5, 1.6)
    largest: float = 0.6
    feather: float = 0.7  # radius of the seam's blur, input pixels

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"the probability of copy-paste is between 0 and 1, got {self.probability}")


def draw_cut_out(
    cut_out: CutOut,
    side: int,
    config: CopyPasteConfig,
    colour: AugmentationConfig,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """The object at a random size, mirrored half of the time, recoloured: RGB [h, w, 3] and coverage [h, w], uint8."""
    scale = float(np.exp(rng.uniform(*np.log(config.scale))))
    height, width = cut_out.mask.shape
    long_side = float(np.clip(cut_out.share * side * scale, SMALLEST, config.largest * side))
    # An object enlarged far beyond its stored pixels is recognised by its blur alone.
    ratio = min(long_side / max(height, width), 2.0)
    size = max(1, int(width * ratio + 0.5)), max(1, int(height * ratio + 0.5))
    pixels = np.asarray(Image.fromarray(cut_out.pixels).resize(size, Image.Resampling.BILINEAR))
    coverage = np.asarray(Image.fromarray(cut_out.mask).resize(size, Image.Resampling.BILINEAR))
    if rng.random() < colour.flip:
        pixels, coverage = pixels[:, ::-1], coverage[:, ::-1]
    return jitter_colour(pixels, colour, rng), coverage


def paste(
    canvas: np.ndarray,
    content: tuple[int, int],
    drawn: tuple[np.ndarray, np.ndarray],
    feather: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Put a drawn cut-out on `canvas` [S, S, 3] in place, its centre anywhere in `content` (h, w); its mask [S, S], bool.

    Where the mask is set the object is opaque; the seam fades within about `feather` pixels of its edge.
    """
    pixels, coverage = drawn
    height, width = coverage.shape
    top = int(rng.integers(content[0])) - height // 2
    left = int(rng.integers(content[1])) - width // 2
    y0, x0 = max(top, 0), max(left, 0)
    y1, x1 = min(top + height, content[0]), min(left + width, content[1])
    inside = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    soft = Image.fromarray(np.ascontiguousarray(coverage)).filter(ImageFilter.GaussianBlur(feather))
    alpha = np.asarray(soft)[inside][..., None].astype(np.float32) / 255
    below = canvas[y0:y1, x0:x1]
    below[:] = (below + alpha * (pixels[inside].astype(np.float32) - below) + 0.5).astype(np.uint8)
    mask = np.zeros(canvas.shape[:2], bool)
    mask[y0:y1, x0:x1] = coverage[inside] >= 128
    return mask


def occlude(
    masks: Sequence[np.ndarray], cover: np.ndarray, min_visible: float, min_pixels: int
) -> list[np.ndarray]:
    """The masks (0/1) without the pixels of `cover` (bool); those left with less than `min_visible` of their area or
    fewer than `min_pixels` are gone.
    """
    kept = []
    for mask in masks:
        left = mask * ~cover
        if left.sum(dtype=int) >= max(min_visible * mask.sum(dtype=int), min_pixels):
            kept.append(left)
    return kept
