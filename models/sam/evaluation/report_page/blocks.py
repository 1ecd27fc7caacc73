"""What a report's page is made of."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

_PICTURE_SIDE = 1200  # pixels at most


@dataclass(frozen=True)
class Heading:
    """Of a section."""

    text: str


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of cells below a head; the first column holds names, the others figures. `strong`: rows that stand out."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Plot:
    """A drawing, SVG, and what it shows."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Picture:
    """A JPEG and what it shows."""

    jpeg: bytes
    caption: str


@dataclass(frozen=True)
class Pictures:
    """Several side by side, as many as fit."""

    pictures: Sequence[Picture]


Block = Heading | Words | Table | Plot | Pictures


def picture_of(image: Image.Image, caption: str) -> Picture:
    """As a JPEG that a page can carry."""
    small = image.convert("RGB")
    small.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=85)
    return Picture(file.getvalue(), caption)
