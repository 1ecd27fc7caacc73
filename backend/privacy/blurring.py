"""Regions of a picture made unrecognisable for good, until the detector finds nothing any more.

SA-1B's pictures had the faces that RetinaFace found, and licence plates, blurred (section 5 of the paper, its datasheet);
the way it is done here is ours.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

import numpy as np
import PIL.Image
import PIL.ImageFilter

from backend.common.errors import InvalidInput
from backend.privacy.detecting import Detection, Detector, Kind, detector_failed

# A copy of the picture as people will see it, RGB uint8 [H, W, 3], and its pixels per pixel of the picture.
Seen: TypeAlias = tuple[np.ndarray, float]

# Of a region's sides, added on each of them: hair, ears and chin tell who somebody is, a plate's frame where it is from.
_MARGIN: Final = 0.25
# What is left of a region: so many colours along each side, each channel of one of them in so many steps.
_CELLS: Final = 3
_LEVELS: Final = 16
# Of a cell: the edges between cells are no edges of a face.
_SOFTNESS: Final = 0.5
# How often what is left is looked for, each time with a wider margin.
_ROUNDS: Final = 8


@dataclass(frozen=True)
class Region:
    """What was blurred. `box` is XYXY in pixels, the whole of it, margin included; `score` as the detector said it."""

    kind: Kind
    box: tuple[int, int, int, int]
    score: float


def blur(
    pixels: np.ndarray,
    *,
    kinds: Collection[Kind],
    detector: Detector,
    seen: Callable[[np.ndarray], Iterable[Seen]],
) -> list[Region]:
    """Blurs in `pixels`, RGB uint8 [H, W, 3], what the detector finds there, then what it finds at stricter settings in
    any of the copies that `seen` makes of the result, until that is nothing; the regions, in that order.

    Raises Unavailable `privacy.detector_failed`, InvalidInput `privacy.still_detectable`.
    """
    height, width = pixels.shape[:2]
    find = partial(_found, detector, kinds, width, height)
    regions = find((pixels, 1.0), is_strict=False, margin=_MARGIN)
    _dissolve_all(pixels, regions)
    for turn in range(1, _ROUNDS + 1):
        left = [
            region for copy in seen(pixels) for region in find(copy, is_strict=True, margin=_MARGIN * turn)
        ]
        if not left:
            return regions
        _dissolve_all(pixels, left)
        regions += left
    raise InvalidInput(
        f"After {_ROUNDS} rounds of blurring something in it still looks like a face or a licence plate.",
        "privacy.still_detectable",
    )


def _found(
    detector: Detector,
    kinds: Collection[Kind],
    width: int,
    height: int,
    seen: Seen,
    *,
    is_strict: bool,
    margin: float,
) -> list[Region]:
    """Widened by the margin, in pixels of the picture, which is as large as said."""
    copy, scale = seen
    try:
        detections = detector.detect(copy, kinds, is_strict=is_strict)
    except Exception as error:
        raise detector_failed() from error
    return [
        Region(one.kind, _widened(one, scale, margin, width, height), float(one.score)) for one in detections
    ]


def _widened(
    detection: Detection, scale: float, margin: float, width: int, height: int
) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = (side / scale for side in detection.box)
    across, down = margin * (x1 - x0), margin * (y1 - y0)
    return (
        max(0, int(np.floor(x0 - across))),
        max(0, int(np.floor(y0 - down))),
        min(width, int(np.ceil(x1 + across))),
        min(height, int(np.ceil(y1 + down))),
    )


def _dissolve_all(pixels: np.ndarray, regions: Iterable[Region]) -> None:
    for region in regions:
        x0, y0, x1, y1 = region.box
        pixels[y0:y1, x0:x1] = dissolved(pixels[y0:y1, x0:x1])


def dissolved(patch: np.ndarray) -> np.ndarray:
    """The patch, RGB uint8 [h, w, 3], made of no more than 3 x 3 mean colours in 16 steps: 108 bits, whatever its size.

    Blurring alone can be undone where the kernel is known; what was averaged away here and rounded is gone. The blur
    that follows is of those colours and hides their edges.
    """
    height, width = patch.shape[:2]
    rows, columns = min(_CELLS, height), min(_CELLS, width)
    cells = PIL.Image.fromarray(patch).resize((columns, rows), PIL.Image.Resampling.BOX)
    step = 256 // _LEVELS
    coarse = (np.asarray(cells) // step * step + step // 2).astype(np.uint8)
    large = PIL.Image.fromarray(coarse).resize((width, height), PIL.Image.Resampling.NEAREST)
    radius = (_SOFTNESS * width / columns, _SOFTNESS * height / rows)
    return np.asarray(large.filter(PIL.ImageFilter.GaussianBlur(radius)))
