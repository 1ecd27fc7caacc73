import io
import struct
import zlib

import numpy as np
import PIL.Image
import pytest
from pytest_django import Settings

from backend.common.errors import ApplicationError
from backend.images.pixels import Picture, picture_read
from tests.builders import make_file, make_pixels


def shown(picture: Picture, original: bytes) -> PIL.Image.Image:
    """The display file as a browser would draw it, were it to ignore EXIF."""
    return PIL.Image.open(io.BytesIO(picture.display or original))


def read(content: bytes) -> Picture:
    return picture_read(io.BytesIO(content))


@pytest.mark.parametrize(
    ("kind", "media_type", "is_shown_as_is"),
    [
        ("JPEG", "image/jpeg", True),
        ("PNG", "image/png", True),
        ("WEBP", "image/webp", True),
        ("TIFF", "image/tiff", False),
        ("BMP", "image/bmp", False),
    ],
)
def test_every_promised_format_is_read(kind: str, media_type: str, is_shown_as_is: bool) -> None:
    picture = read(make_file(kind=kind))
    assert (picture.width, picture.height, picture.media_type) == (40, 30, media_type)
    assert (picture.display is None) == is_shown_as_is
    assert PIL.Image.open(io.BytesIO(picture.thumbnail)).size == (40, 30)


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_applied_once(kind: str, orientation: int) -> None:
    upright = make_pixels(32, 24)
    # What a camera stores for this tag: the inverse of what a viewer must do (EXIF 2.3, tag 0x0112).
    inverse = {
        2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
        3: PIL.Image.Transpose.ROTATE_180,
        4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
        5: PIL.Image.Transpose.TRANSPOSE,
        6: PIL.Image.Transpose.ROTATE_90,
        7: PIL.Image.Transpose.TRANSVERSE,
        8: PIL.Image.Transpose.ROTATE_270,
    }[orientation]
    options = {"quality": 95} if kind in ("JPEG", "WEBP") else {}
    content = make_file(upright.transpose(inverse), kind, orientation=orientation, **options)
    picture = read(content)
    display = shown(picture, content)
    assert (picture.width, picture.height) == display.size == (32, 24)
    assert display.getexif().get(0x0112, 1) == 1
    difference = np.abs(np.asarray(display.convert("RGB"), int) - np.asarray(upright, int)).mean()
    # Lossy formats blur the noise of the sample by some 5 levels; a wrong turn is off by 40 and more.
    assert difference < (0.5 if kind in ("PNG", "TIFF") else 14)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr"])
def test_every_mode_ends_as_an_opaque_picture_browsers_show(mode: str) -> None:
    if mode in ("I;16", "I", "F"):
        values = np.linspace(0, 4095, 40 * 30).reshape(30, 40)
        image = PIL.Image.fromarray(values.astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]))
    else:
        image = make_pixels().convert(mode)
    kind = "TIFF" if mode in ("CMYK", "I", "F", "YCbCr") else "PNG"
    content = make_file(image, kind)
    display = shown(read(content), content)
    assert display.format in ("PNG", "JPEG", "WEBP")
    assert display.mode in ("L", "RGB")
    assert display.size == (40, 30)


def test_deep_samples_use_the_whole_range() -> None:
    values = np.linspace(100, 1100, 40 * 30).reshape(30, 40).astype(np.uint16)
    content = make_file(PIL.Image.fromarray(values), "PNG")
    pixels = np.asarray(shown(read(content), content))
    assert (pixels.min(), pixels.max()) == (0, 255)


def test_transparent_pixels_become_white() -> None:
    content = make_file(PIL.Image.new("RGBA", (8, 8), (10, 20, 30, 0)))
    assert np.asarray(shown(read(content), content)).min() == 255


def test_a_large_picture_gets_a_thumbnail_within_320_pixels() -> None:
    picture = read(make_file(make_pixels(700, 210), "JPEG"))
    assert PIL.Image.open(io.BytesIO(picture.thumbnail)).size == (320, 96)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "image.unsupported_type"),
        (b"just some text", "image.unsupported_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image.unsupported_type"),
        (make_file(kind="GIF"), "image.unsupported_type"),
        (make_file(make_pixels(200, 200), "JPEG")[:4000], "image.truncated"),
        (make_file(make_pixels(200, 200), "PNG")[:4000], "image.truncated"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "image.corrupt"),
    ],
)
def test_what_is_refused_says_why(content: bytes, code: str) -> None:
    with pytest.raises(ApplicationError) as caught:
        read(content)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("width", "height", "code"),
    [
        (14_000, 14_000, "image.truncated"),
        (20_000, 10_000, "image.truncated"),
        (20_000, 10_001, "image.too_many_pixels"),
    ],
)
def test_the_limit_of_pixels_is_the_one_that_is_told(width: int, height: int, code: str) -> None:
    """Pillow refuses at 179 megapixels. The pictures end after their header, so that none of them is decoded."""
    header = b"IHDR" + struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    with pytest.raises(ApplicationError) as caught:
        read(content + struct.pack(">I4s", 1000, b"IDAT"))
    assert caught.value.code == code


def test_a_picture_over_the_pixel_limit_is_refused_before_it_is_decoded(settings: Settings) -> None:
    content = make_file(PIL.Image.new("L", (3000, 3000)))
    settings.MAX_IMAGE_PIXELS = 1_000_000
    with pytest.raises(ApplicationError) as caught:
        read(content)
    assert (caught.value.code, caught.value.status) == ("image.too_many_pixels", 413)
