"""A small picture of a mask, or of what may become one: its surroundings dimmed, its outline drawn. Made when asked for;
browsers keep it."""

import io
from typing import Final
from urllib.parse import urlencode

import numpy as np
from django.conf import settings
from PIL import Image as Pictures
from PIL import ImageChops, ImageEnhance, ImageFilter
from pycocotools import mask as coco_mask
from rest_framework.reverse import reverse

from backend.annotations.models import Mask, MaskShape
from backend.common.storage import file_open
from backend.images.models import Image

# Another number when another picture is made of the same shape: browsers keep what they have under the old one.
DRAWING: Final = 1
SIDE: Final = 320
# Of the box's longer side, on each side; some pixels at least.
_MARGIN: Final = 0.3
_LEAST_MARGIN: Final = 12
# Small objects are enlarged, but not to single pixels.
_LARGEST_SCALE: Final = 4.0
_DIMMED: Final = 0.5
_OUTLINE: Final = (255, 214, 10)

Window = tuple[int, int, int, int]


def mask_cutout_version(mask: Mask) -> str:
    """Another one when the picture may be."""
    return f"{mask.revision}-{DRAWING}"


def mask_cutout_url(mask: Mask) -> str:
    """A url that changes when the mask does, so that browsers may keep the answer for good."""
    return f"{reverse('mask_cutout', args=[mask.pk])}?{urlencode({'v': mask_cutout_version(mask)})}"


def cutout_jpeg(*, shape: MaskShape) -> bytes:
    """A JPEG, at most `SIDE` pixels wide and high, of the picture as people are shown it. Raises NotFound
    `file.missing`."""
    x0, y0, x1, y1 = _window(shape)
    scale = min(_LARGEST_SCALE, SIDE / max(x1 - x0, y1 - y0))
    size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    picture = _picture(shape.image, (x0, y0, x1, y1), size, scale)
    mask = _mask(shape, (x0, y0, x1, y1), size)
    drawn = Pictures.composite(picture, ImageEnhance.Brightness(picture).enhance(_DIMMED), mask)
    ring = mask.filter(ImageFilter.MaxFilter(5))
    halo = ring.filter(ImageFilter.MaxFilter(3))
    drawn.paste((0, 0, 0), mask=ImageChops.subtract(halo, ring))
    drawn.paste(_OUTLINE, mask=ImageChops.subtract(ring, mask))
    buffer = io.BytesIO()
    drawn.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _window(shape: MaskShape) -> Window:
    """XYXY in pixels of the image: the box and some of its surroundings."""
    x, y, width, height = shape.bbox
    margin = max(_LEAST_MARGIN, round(_MARGIN * max(width, height)))
    image = shape.image
    return (
        max(0, x - margin),
        max(0, y - margin),
        min(image.width, x + width + margin),
        min(image.height, y + height + margin),
    )


def _picture(image: Image, window: Window, size: tuple[int, int], scale: float) -> Pictures.Image:
    """RGB of this size, of the smallest file that is fine enough."""
    is_preview_enough = image.preview_key and _preview_scale(image) >= scale
    key = image.preview_key if is_preview_enough else image.display_key
    with file_open(key) as file, Pictures.open(file) as opened:
        # A JPEG is decoded at an eighth, a quarter or half of its size where that is enough.
        opened.draft(None, (round(image.width * scale) or 1, round(image.height * scale) or 1))
        across, down = opened.width / image.width, opened.height / image.height
        box = (window[0] * across, window[1] * down, window[2] * across, window[3] * down)
        return opened.convert("RGB").resize(size, Pictures.Resampling.BICUBIC, box)


def _preview_scale(image: Image) -> float:
    return float(settings.PREVIEW_SIZE) / max(image.width, image.height)


def _mask(shape: MaskShape, window: Window, size: tuple[int, int]) -> Pictures.Image:
    """Mode L of this size, 255 inside."""
    x0, y0, x1, y1 = window
    packed = {"size": shape.segmentation["size"], "counts": shape.counts.encode()}
    pixels = np.ascontiguousarray(coco_mask.decode(packed)[y0:y1, x0:x1])
    smooth = Pictures.fromarray(pixels * np.uint8(255)).resize(size, Pictures.Resampling.BILINEAR)
    return smooth.point(lambda value: 255 if value > 127 else 0)
