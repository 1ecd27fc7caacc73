"""Random views of an image: scale, aspect, crop, flip, colour. The same geometry serves the image and its masks.

Frames: the stored image, and the view's square input of side S, where the crop lies in the top left corner and zeros
(after normalising) fill the rest, exactly as in the predictor.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

DEFAULT_ZOOM = (0.75, 2.5)
LARGE_SCALE_ZOOM = (0.1, 2.0)


@dataclass(frozen=True)
class ViewSize:
    """Side of the square views, in pixels. As a window of a larger input if `whole`, that one's side, is given: objects
    are drawn at the size, and prompts at the distances, that they have in there."""

    side: int
    whole: int | None = None

    @property
    def input_side(self) -> int:
        """Side of the whole input."""
        return self.whole or self.side


@dataclass(frozen=True)
class AugmentationConfig:
    """Ranges of the random view. `zoom` below 1 shrinks the whole image in the input, above 1 crops (log-uniform); a
    view that is a window of its input crops more.

    `large_scale_jitter`: zoom is uniform instead, and what is cropped is the input's square rather than the image's
    own shape. With zoom 0.1-2.0 that is the jitter of the paper's data engine (arXiv 2012.07177, section 3); only the
    crop's place differs, which here holds the anchor's centre so that no view is empty.
    """

    zoom: tuple[float, float] = DEFAULT_ZOOM
    large_scale_jitter: bool = False
    aspect: float = 0.15  # natural log of the widest stretch
    flip: float = 0.5
    brightness: float = 0.25
    contrast: float = 0.25
    saturation: float = 0.25
    grey: float = 0.05


@dataclass(frozen=True)
class View:
    """Crop `box` (x0, y0, x1, y1; floats, stored pixels) drawn at `width` x `height` in the input, mirrored or not."""

    box: tuple[float, float, float, float]
    height: int
    width: int
    mirrored: bool

    def draw(self, array: np.ndarray) -> np.ndarray:
        """The view of an image [H, W, 3] or mask [H, W], uint8, antialiased bilinear."""
        drawn = Image.fromarray(array).resize(
            (self.width, self.height), Image.Resampling.BILINEAR, box=self.box
        )
        pixels = np.asarray(drawn)
        return pixels[:, ::-1] if self.mirrored else pixels

    def visible_share(self, boxes_xyxy: np.ndarray) -> np.ndarray:
        """Share of each box [n, 4] (stored pixels) that lies in the crop."""
        low = np.maximum(boxes_xyxy[:, :2], self.box[:2])
        high = np.minimum(boxes_xyxy[:, 2:], self.box[2:])
        size = np.maximum(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], 1)
        return np.clip(high - low, 0, None).prod(axis=1) / size.prod(axis=1)


def whole_view(height: int, width: int, side: int) -> View:
    """The view without chance: the whole image, long side `side`, as the predictor resizes it."""
    scale = side / max(height, width)
    return View(
        (0.0, 0.0, float(width), float(height)), int(height * scale + 0.5), int(width * scale + 0.5), False
    )


def random_view(
    height: int,
    width: int,
    size: ViewSize,
    anchor_xyxy: np.ndarray,
    config: AugmentationConfig,
    rng: np.random.Generator,
) -> View:
    """A random view of an image of the given size that contains the centre of the anchor box (stored pixels)."""
    if config.large_scale_jitter:
        zoom = float(rng.uniform(*config.zoom))
    else:
        zoom = float(np.exp(rng.uniform(np.log(config.zoom[0]), np.log(config.zoom[1]))))
    zoom *= size.input_side / size.side
    stretch = float(np.exp(rng.uniform(-config.aspect, config.aspect) / 2))
    mirrored = bool(rng.random() < config.flip)
    crop_w, crop_h = width / max(zoom, 1.0), height / max(zoom, 1.0)
    if config.large_scale_jitter:
        window = max(height, width) / zoom  # the view's side, in stored pixels
        crop_w, crop_h = min(width, window), min(height, window)
    centre_x, centre_y = (anchor_xyxy[:2] + anchor_xyxy[2:]) / 2
    x0 = rng.uniform(max(0.0, centre_x - crop_w), min(centre_x, width - crop_w) + 1e-6)
    y0 = rng.uniform(max(0.0, centre_y - crop_h), min(centre_y, height - crop_h) + 1e-6)
    x0, y0 = min(x0, width - crop_w), min(y0, height - crop_h)
    ratio_w, ratio_h = crop_w * stretch, crop_h / stretch
    side = size.side
    scale = side * min(zoom, 1.0) / max(ratio_w, ratio_h)
    drawn_h, drawn_w = max(16, int(ratio_h * scale + 0.5)), max(16, int(ratio_w * scale + 0.5))
    return View((x0, y0, x0 + crop_w, y0 + crop_h), min(drawn_h, side), min(drawn_w, side), mirrored)


def jitter_colour(pixels: np.ndarray, config: AugmentationConfig, rng: np.random.Generator) -> np.ndarray:
    """Random brightness, contrast and saturation (multiplicative) of RGB uint8; now and then grey."""
    brightness, contrast, saturation = 1 + rng.uniform(-1, 1, 3) * (
        config.brightness,
        config.contrast,
        config.saturation,
    )
    if rng.random() < config.grey:
        saturation = 0.0
    x = pixels.astype(np.float32) * np.float32(brightness)
    mean = x.mean(dtype=np.float32)
    x = (x - mean) * np.float32(contrast) + mean
    luma = x @ np.array([0.299, 0.587, 0.114], np.float32)
    x = luma[..., None] + (x - luma[..., None]) * np.float32(saturation)
    return np.clip(x, 0, 255).astype(np.uint8)
