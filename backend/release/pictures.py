"""Pictures and masks as they are released: without what a camera wrote beside the pixels, scaled down together."""

from dataclasses import replace
from typing import IO, Any

import numpy as np
import PIL.Image
from pycocotools import mask as coco_mask

from backend.formats.records import ObjectMask
from backend.formats.rle import region_parse, runs_decode
from backend.images.pixels import picture_file, picture_upright

Size = tuple[int, int]


def size_released(width: int, height: int, short_side: int | None) -> Size:
    """(width, height) in pixels: as it is, or with the short side scaled down to `short_side`."""
    short = min(width, height)
    if short_side is None or short <= short_side:
        return width, height
    return max(1, round(width * short_side / short)), max(1, round(height * short_side / short))


def picture_released(file: IO[bytes], size: Size) -> bytes:
    """The picture people are shown as a JPEG of this size (width, height), upright; of what the file says beside its
    pixels (EXIF, GPS, XMP, comments, thumbnails) only the colour profile stays. Raises what `picture_read` raises."""
    upright, _, _ = picture_upright(file)
    if upright.size != size:
        profile = upright.info
        upright = upright.resize(size, PIL.Image.Resampling.LANCZOS, reducing_gap=3.0)
        upright.info = profile
    return picture_file(upright, is_lossy=True)


def mask_released(mask: ObjectMask, size: Size) -> ObjectMask | None:
    """The mask on the picture of this size (width, height), each pixel as the nearest one of before; None where none is
    left. Points and the crop are scaled along."""
    width, height = size
    if (mask.width, mask.height) == size:
        return mask
    rows, columns = _nearest(height, mask.height), _nearest(width, mask.width)
    left, wide = mask.bbox[0], mask.bbox[2]
    is_within = (columns >= left) & (columns < left + wide)
    # By columns, as runs are, and only those of the mask's box: unpacking all of a large picture took ten times as long.
    pixels = np.zeros((width, height), np.uint8)
    pixels[is_within] = _columns(mask)[columns[is_within] - left][:, rows]
    if not pixels.any():
        return None
    counts = coco_mask.encode(pixels.T)["counts"].decode("ascii")
    region = region_parse(counts, height=height, width=width)
    across, down = width / mask.width, height / mask.height
    return replace(
        mask,
        width=width,
        height=height,
        counts=region.counts,
        bbox=region.bbox,
        area=region.area,
        prompts=_prompts_scaled(mask.prompts, across, down),
        crop_box=mask.crop_box and _crop_scaled(mask.crop_box, across, down),
    )


def _columns(mask: ObjectMask) -> np.ndarray:
    """[columns of its box, height]: 1 where the mask is."""
    runs = runs_decode(mask.counts)
    start, stop = mask.bbox[0] * mask.height, (mask.bbox[0] + mask.bbox[2]) * mask.height
    lengths = np.diff(np.clip(np.cumsum(runs), start, stop), prepend=start)
    values = (np.arange(len(runs)) & 1).astype(np.uint8)
    return np.repeat(values, lengths).reshape(-1, mask.height)


def _nearest(wanted: int, there: int) -> np.ndarray:
    """[wanted]: of each pixel the one of before in which its centre lies."""
    return ((np.arange(wanted) + 0.5) * there / wanted).astype(np.intp)


def _prompts_scaled(prompts: dict[str, Any], across: float, down: float) -> dict[str, Any]:
    points = [[x * across, y * down, label] for x, y, label in prompts.get("points", ())]
    return {**prompts, "points": points}


def _crop_scaled(box: tuple[int, int, int, int], across: float, down: float) -> tuple[int, int, int, int]:
    """Its sides on the nearest pixels."""
    left, top = round(box[0] * across), round(box[1] * down)
    right, bottom = round((box[0] + box[2]) * across), round((box[1] + box[3]) * down)
    return left, top, right - left, bottom - top
