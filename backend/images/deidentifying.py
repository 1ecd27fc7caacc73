"""A file made of a file: faces and plates are blurred in it, and it holds nothing but pixels and their colour profile.

What cameras write beside a picture (place, time, owner, a small copy of it as it was, further pictures) stays behind.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

import numpy as np
import PIL.Image

from backend.images.pixels import picture_copies, picture_file, picture_upright
from backend.privacy.blurring import Region, Seen, blur
from backend.privacy.detecting import Kind, detector_load


@dataclass(frozen=True)
class Deidentified:
    """`content` is a JPEG or PNG file of the upright picture; `detector` says who looked, with its version."""

    content: bytes
    kinds: tuple[Kind, ...]
    regions: list[Region]
    detector: str
    source_media_type: str


def deidentified(file: IO[bytes], *, kinds: tuple[Kind, ...]) -> Deidentified:
    """Raises what `picture_read` and `blur` raise, Unavailable `privacy.detector_failed`."""
    detector = detector_load()
    upright, media_type, is_lossy = picture_upright(file)
    profile = upright.info.get("icc_profile")
    pixels = np.array(upright)
    regions = blur(pixels, kinds=kinds, detector=detector, seen=partial(_seen, is_lossy=is_lossy))
    return Deidentified(
        content=picture_file(_picture(pixels, profile), is_lossy=is_lossy),
        kinds=kinds,
        regions=regions,
        detector=detector.name,
        source_media_type=media_type,
    )


def _seen(pixels: np.ndarray, *, is_lossy: bool) -> Iterator[Seen]:
    """The picture as its file will show it, and its smaller copies: what is lossy or small shows something else."""
    if is_lossy:
        pixels = _decoded(picture_file(_picture(pixels), is_lossy=True))
    yield pixels, 1.0
    for content in picture_copies(_picture(pixels)):
        small = _decoded(content)
        yield small, small.shape[1] / pixels.shape[1]


def _picture(pixels: np.ndarray, profile: bytes | None = None) -> PIL.Image.Image:
    picture = PIL.Image.fromarray(pixels)
    if profile:
        picture.info["icc_profile"] = profile
    return picture


def _decoded(content: bytes) -> np.ndarray:
    """RGB uint8 [H, W, 3]."""
    return np.asarray(PIL.Image.open(io.BytesIO(content)).convert("RGB"))
