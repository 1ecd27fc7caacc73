"""Label maps as PNG."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.common.errors import InvalidInput
from backend.formats.reading import sized


def palette_png(pixels: NDArray[np.uint8], palette: Sequence[tuple[int, int, int]]) -> bytes:
    """8 bits a pixel, each a place in the palette: read as mode P the values are the labels."""
    picture = Image.fromarray(pixels)
    picture.putpalette([value for color in palette for value in color])
    return png_bytes(picture)


def grey_png(pixels: NDArray[np.uint16]) -> bytes:
    """16 bits a pixel."""
    return png_bytes(Image.fromarray(pixels))


def ids_png(ids: NDArray[np.int64]) -> bytes:
    """Ids below 2^24 [height, width] as colours: R + 256 G + 65536 B."""
    return png_bytes(
        Image.fromarray(np.stack([ids >> shift & 255 for shift in (0, 8, 16)], 2).astype(np.uint8))
    )


def voc_palette() -> list[tuple[int, int, int]]:
    """The 256 colours of Pascal VOC's development kit: a label's bits, spread over the channels from the highest down."""
    colors = []
    for label in range(256):
        channels = [0, 0, 0]
        for bit in range(8):
            channels[bit % 3] |= (label >> bit & 1) << (7 - bit // 3)
        colors.append((channels[0], channels[1], channels[2]))
    return colors


def values_read(content: bytes) -> NDArray[np.int32]:
    """[height, width]: what each pixel of a palette or grey PNG holds. Raises InvalidInput `import.no_label_map`,
    `import.size_invalid`."""
    with Image.open(io.BytesIO(content), formats=["PNG"]) as opened:
        if opened.mode not in ("P", "L", "I", "I;16", "1"):
            raise InvalidInput("It is a coloured picture, no map of labels.", "import.no_label_map")
        # Before a pixel is unpacked: a small file may say that it is as large as a town.
        sized(*opened.size)
        return np.asarray(opened).astype(np.int32)


def ids_read(content: bytes, *, height: int, width: int) -> NDArray[np.int32]:
    """[height, width]: what `ids_png` wrote. Raises InvalidInput `import.no_label_map`, `mask.wrong_size`."""
    with Image.open(io.BytesIO(content), formats=["PNG"]) as opened:
        if opened.size != (width, height):
            raise InvalidInput("The map of segments and the image differ in size.", "mask.wrong_size")
        if opened.mode not in ("RGB", "RGBA"):
            raise InvalidInput("It has no three channels, in which ids could be.", "import.no_label_map")
        red, green, blue = (np.asarray(opened.getchannel(name)).astype(np.int32) for name in "RGB")
    return red + 256 * green + 65536 * blue


def hex_color(color: str) -> tuple[int, int, int]:
    """Of #rrggbb."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def png_bytes(picture: Image.Image) -> bytes:
    """The picture as a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=False)
    return buffer.getvalue()
