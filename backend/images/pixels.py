"""From the bytes of a file nobody vouches for to an upright 8-bit picture, with Pillow.

Type is judged by content, never by name. Orientation (EXIF 2.3, tag 0x0112) is applied here and nowhere else.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

import numpy as np
import PIL.Image
import PIL.ImageOps
from django.conf import settings

from backend.common.errors import ApplicationError, InvalidInput, TooLarge, UnsupportedType
from backend.common.storage import is_content_error

# The limit is ours, looked at before anything is decoded (`_open`). Pillow's own is another one, below ours as it comes.
PIL.Image.MAX_IMAGE_PIXELS = None

_ORIENTATION: Final = 0x0112
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
_MEDIA_TYPES: Final = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
}
# What every browser shows as it is, without transparency: (format, Pillow mode).
_SHOWN_AS_IS: Final = {("JPEG", "L"), ("JPEG", "RGB"), ("PNG", "L"), ("PNG", "RGB"), ("WEBP", "RGB")}
_LOSSY: Final = ("JPEG", "WEBP")
_DEEP_MODES: Final = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_WHITE: Final = (255, 255, 255)


@dataclass(frozen=True)
class Picture:
    """An accepted file. `display` is None when the original file itself is shown, `preview` when it is shown at once;
    sizes in upright pixels."""

    width: int
    height: int
    media_type: str
    extension: str
    display: bytes | None
    display_media_type: str
    display_extension: str
    thumbnail: bytes
    preview: bytes | None


def picture_read(file: IO[bytes]) -> Picture:
    """Checks and decodes the file from its start.

    Raises UnsupportedType `image.unsupported_type`, InvalidInput `image.truncated` or `image.corrupt`, TooLarge
    `image.too_many_pixels`.
    """
    with _faults_told():
        return _read(file)


def picture_check(file: IO[bytes]) -> None:
    """Decodes the file as `picture_read` does and keeps nothing of it. Raises what that raises."""
    with _faults_told():
        _decoded(file)


def picture_upright(file: IO[bytes]) -> tuple[PIL.Image.Image, str, bool]:
    """(the picture as `upright_rgb` makes it, the file's media type, whether that is a lossy one). Raises what
    `picture_read` does."""
    with _faults_told():
        upright, name, _ = _decoded(file)
    return upright, _MEDIA_TYPES[name], name in _LOSSY


def picture_file(upright: PIL.Image.Image, *, is_lossy: bool) -> bytes:
    """The picture as a JPEG file (quality 93, colours in full resolution), or else as PNG."""
    return _display_file(upright, is_lossy=is_lossy)[0]


def picture_copies(upright: PIL.Image.Image) -> list[bytes]:
    """The smaller files that are shown of a picture: its thumbnail, and its preview where it has one."""
    return [copy for copy in (_thumbnail(upright), _preview(upright)) if copy is not None]


def picture_size(file: IO[bytes]) -> tuple[int, int]:
    """(width, height) of the upright picture, by what stands before its pixels. Raises what `picture_read` does, but
    for damage further on."""
    with _faults_told():
        image = _open(file)
        # Values from 5 on are turned by a quarter.
        is_turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    return (image.height, image.width) if is_turned else (image.width, image.height)


@contextmanager
def _faults_told() -> Iterator[None]:
    """Turns what a decoder raises within into a refusal of the file."""
    try:
        with warnings.catch_warnings():
            # Of metadata and the like; what does not keep the pixels from being read would only fill the log.
            warnings.simplefilter("ignore")
            yield
    except ApplicationError:
        raise
    except OSError as error:
        if not is_content_error(error):
            raise
        raise _unreadable(error) from error
    except Exception as error:
        # A decoder fed with arbitrary bytes raises from an open set: SyntaxError, struct.error, KeyError, zlib.error...
        # All of them say one thing about the file and nothing about us.
        raise _unreadable(error) from error


def _decoded(file: IO[bytes]) -> tuple[PIL.Image.Image, str, bool]:
    """(the upright picture as RGB, the format's name, whether browsers show the file as it is)."""
    _open(file).verify()
    image = _open(file)
    name = "JPEG" if image.format == "MPO" else str(image.format)
    orientation = image.getexif().get(_ORIENTATION, 1)
    mode = image.mode
    image.load()
    has_alpha = mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    is_shown_as_is = (name, mode) in _SHOWN_AS_IS and orientation in (0, 1) and not has_alpha
    return upright_rgb(image), name, is_shown_as_is


def _read(file: IO[bytes]) -> Picture:
    upright, name, is_shown_as_is = _decoded(file)
    display = None if is_shown_as_is else _display_file(upright, is_lossy=name in _LOSSY)
    return Picture(
        width=upright.width,
        height=upright.height,
        media_type=_MEDIA_TYPES[name],
        extension=_MEDIA_TYPES[name].removeprefix("image/"),
        display=display[0] if display else None,
        display_media_type=display[1] if display else _MEDIA_TYPES[name],
        display_extension=(display[1] if display else _MEDIA_TYPES[name]).removeprefix("image/"),
        thumbnail=_thumbnail(upright),
        preview=_preview(upright),
    )


def _open(file: IO[bytes]) -> PIL.Image.Image:
    file.seek(0)
    try:
        image = PIL.Image.open(file, formats=_FORMATS)
    except PIL.UnidentifiedImageError as error:
        file.seek(0)
        if _starts_like_an_image(file.read(16)):
            raise _unreadable(error) from error
        raise UnsupportedType(
            "This is no JPEG, PNG, WebP, TIFF or BMP file.", "image.unsupported_type"
        ) from error
    if image.width * image.height > settings.MAX_IMAGE_PIXELS:
        raise _too_many_pixels()
    return image


def _starts_like_an_image(head: bytes) -> bool:
    signatures = (b"\xff\xd8\xff", b"\x89PNG", b"II*\x00", b"MM\x00*", b"BM")
    return head.startswith(signatures) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def upright_rgb(image: PIL.Image.Image) -> PIL.Image.Image:
    """The picture as mode RGB, turned upright; transparency over white, deep samples stretched from min to max."""
    turned = PIL.ImageOps.exif_transpose(image)
    profile = turned.info.get("icc_profile") if turned.mode == "RGB" else None
    if turned.mode in _DEEP_MODES:
        turned = _stretched(turned)
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        layered = turned.convert("RGBA")
        turned = PIL.Image.new("RGB", layered.size, _WHITE)
        turned.paste(layered, mask=layered.getchannel("A"))
    if turned.mode != "RGB":
        turned = turned.convert("RGB")
    turned.info = {"icc_profile": profile} if profile else {}
    return turned


def _stretched(image: PIL.Image.Image) -> PIL.Image.Image:
    """Samples of more than 8 bits as 8 bits, darkest to 0 and brightest to 255: cameras and microscopes rarely use
    the whole range, and the high byte alone would show them black."""
    samples = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0.0, neginf=0.0)
    low, high = float(samples.min()), float(samples.max())
    scale = 255.0 / (high - low) if high > low else 0.0
    return PIL.Image.fromarray(((samples - low) * scale).round().astype(np.uint8))


def _display_file(upright: PIL.Image.Image, *, is_lossy: bool) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    profile = upright.info.get("icc_profile")
    if is_lossy:
        upright.save(buffer, "JPEG", quality=93, subsampling=0, icc_profile=profile)
        return buffer.getvalue(), "image/jpeg"
    upright.save(buffer, "PNG", compress_level=3, icc_profile=profile)
    return buffer.getvalue(), "image/png"


def _thumbnail(upright: PIL.Image.Image) -> bytes:
    return _reduced(upright, settings.THUMBNAIL_SIZE)


def _preview(upright: PIL.Image.Image) -> bytes | None:
    """What a browser shows of a large picture until somebody looks closer: decoding all of it takes seconds."""
    if upright.width * upright.height <= settings.PREVIEW_ABOVE_PIXELS:
        return None
    return _reduced(upright, settings.PREVIEW_SIZE)


def _reduced(upright: PIL.Image.Image, long_side: int) -> bytes:
    """As WebP, at most `long_side` pixels wide and high."""
    scale = min(1.0, long_side / max(upright.size))
    size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
    small = upright.resize(size, PIL.Image.Resampling.BICUBIC, reducing_gap=3.0)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=82, icc_profile=upright.info.get("icc_profile"))
    return buffer.getvalue()


def _too_many_pixels() -> TooLarge:
    limit = settings.MAX_IMAGE_PIXELS
    return TooLarge(
        f"The picture has more than {limit / 1e6:g} million pixels.",
        "image.too_many_pixels",
        {"limit": limit},
    )


def _unreadable(error: Exception) -> InvalidInput:
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return InvalidInput("The file ends before the picture does.", "image.truncated")
    return InvalidInput("The file is damaged: its picture cannot be read.", "image.corrupt")
