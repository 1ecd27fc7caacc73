"""What a format reads out of somebody's files: records, and a problem for each thing that could not be one."""

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Protocol

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import UnidentifiedImageError
from PIL.Image import DecompressionBombError
from pycocotools import mask as coco_mask

from backend.common.errors import ApplicationError, InvalidInput
from backend.formats.losses import ACCOUNT
from backend.formats.rle import Region, region_parse

# The numbers of a release's data card.
CARD: Final = "data_card.json"
# So many problems are told one by one; all are counted.
TOLD: Final = 10_000
# The largest file of text that is read at once.
LONGEST_FILE: Final = 2 << 30
# Of the largest picture; above what may be uploaded.
MOST_PIXELS: Final = 1 << 28
# Steps along a polygon's sides: what fills it takes 80 bytes for each, and ends the process where there are none left.
_LONGEST_OUTLINE: Final = 1 << 24
# Of a label's name, and of what is said of a problem.
_LONGEST_NAME: Final = 500
_LONGEST_WORDS: Final = 500


_UNSTORED: Final = re.compile(r"[\x00\ud800-\udfff]")

# What Python's and Pillow's readers raise: OverflowError of numbers no pixel has, RecursionError of JSON without an
# end, SyntaxError of XML and of PNGs, RuntimeError of zips packed in a way nobody reads.
_UNREADABLE: Final = (
    *(
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        SyntaxError,
        OSError,
        EOFError,
        RuntimeError,
        StopIteration,
    ),
    *(DecompressionBombError, zlib.error, lzma.LZMAError, struct.error, zipfile.BadZipFile, yaml.YAMLError),
)


class Source(Protocol):
    """Files by their path with `/`: a zip, a folder, a bucket."""

    def paths(self) -> list[str]:
        """All of them, in one order."""

    def open(self, path: str) -> BinaryIO:
        """To read one; KeyError where there is none."""


@dataclass(frozen=True)
class Problem:
    """`where` is the row within the file, as its format counts them; empty for the file as a whole."""

    path: str
    where: str
    code: str
    message: str


@dataclass(frozen=True)
class ReadObject:
    """One object; `label` is None where it is to be labelled later. `uuid` and `z` are those of an export of ours."""

    label: str | None
    region: Region
    # What the file calls it by; any number, or none.
    number: int | None = None
    z: int | None = None
    uuid: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    prompts: dict[str, Any] | None = None
    predicted_iou: float | None = None
    stability_score: float | None = None
    stage: str | None = None


@dataclass(frozen=True)
class ReadPicture:
    """A picture by its file name, its upright size, and what is on it; the lowest object first."""

    file_name: str
    width: int
    height: int
    objects: list[ReadObject]
    split: str = ""
    number: int | None = None
    # Of the picture's file, where the data set says it.
    sha256: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadCategory:
    name: str
    supercategory: str = ""
    color: str = ""


@dataclass
class Reading:
    """One pass over a source. `size_of` tells a picture's (width, height) by its file name, for formats without it."""

    source: Source
    size_of: Callable[[str], tuple[int, int] | None] = lambda _: None
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    # By name, in the order in which they were met; those without an object too.
    categories: dict[str, ReadCategory] = field(default_factory=dict)

    def paths(self) -> list[str]:
        """Of the source's files all that can be data: what an export or a release of ours says of itself is none."""
        return [path for path in self.source.paths() if path not in (ACCOUNT, CARD)]

    def problem(self, path: str, where: object, code: str, message: str) -> None:
        self.problem_count += 1
        if len(self.problems) < TOLD:
            words = (plain(text)[:_LONGEST_WORDS] for text in (path, str(where), message))
            self.problems.append(Problem(next(words), next(words), code, next(words)))

    @contextmanager
    def row(self, path: str, where: object = "") -> Iterator[None]:
        """What cannot be read within becomes a problem of that row, and what follows goes on."""
        try:
            yield
        except ApplicationError as error:
            self.problem(path, where, error.code, error.message)
        except (KeyError, IndexError) as error:
            self.problem(path, where, "import.row_incomplete", f"There is no {error} in it.")
        except UnidentifiedImageError:
            self.problem(path, where, "import.row_invalid", "It cannot be read: it is no picture.")
        except _UNREADABLE as error:
            self.problem(path, where, "import.row_invalid", f"It cannot be read: {error}.")

    def category(self, name: str, supercategory: str = "", color: str = "") -> str:
        """Notes that there is such a category; its name, as far as one is read."""
        name = name[:_LONGEST_NAME]
        self.categories.setdefault(name, ReadCategory(name, supercategory, color))
        return name

    def text(self, path: str, longest: int = LONGEST_FILE) -> bytes:
        """A whole file. Raises InvalidInput `import.file_too_large` for one of more than `longest` bytes."""
        with self.source.open(path) as file:
            content = file.read(longest + 1)
        if len(content) > longest:
            raise InvalidInput(f"{path} is larger than {longest >> 20} MiB.", "import.file_too_large")
        return content


def plain(text: str) -> str:
    """The text without what a database has no place for: NULs and halves of characters."""
    return _UNSTORED.sub("\N{REPLACEMENT CHARACTER}", text)


def numbered(value: object) -> int | None:
    """The number by which a file calls something, if it is one from 1 on that a database holds."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value < 1 << 53 else None


def named(values: object) -> dict[str, Any]:
    """What a file says by name, each once; nothing where it says nothing. Raises TypeError for what has no names."""
    if not isinstance(values or {}, dict):
        raise TypeError("attributes are a value for each name")
    return dict(values or {})  # type: ignore[call-overload]  # a mapping, as was just seen


def words(values: object) -> tuple[str, ...]:
    """A file's list of words, each once and as far as one is read; those that are none are passed over."""
    listed = values if isinstance(values, list) else []
    found = (" ".join(plain(value).split())[:_LONGEST_NAME] for value in listed if isinstance(value, str))
    return tuple(dict.fromkeys(word for word in found if word))


def sized(width: object, height: object) -> tuple[int, int]:
    """A picture's sides as numbers. Raises InvalidInput `import.size_invalid` for what no picture here can be."""
    sides = int(str(width)), int(str(height))
    if min(sides) < 1 or sides[0] * sides[1] > MOST_PIXELS:
        raise InvalidInput(f"A picture of {sides[0]} x {sides[1]} pixels is not read.", "import.size_invalid")
    return sides


def pixels_region(pixels: NDArray[np.bool_]) -> Region:
    """Of pixels [height, width]. Raises InvalidInput `mask.empty`."""
    packed = coco_mask.encode(np.asfortranarray(pixels, np.uint8))
    return region_parse(packed["counts"].decode(), height=pixels.shape[0], width=pixels.shape[1])


def runs_region(runs: list[int], *, height: int, width: int) -> Region:
    """Of COCO's uncompressed counts: column by column, background first. Raises InvalidInput `mask.rle_invalid`."""
    lengths = np.array(runs, np.int64)
    if lengths.ndim != 1 or (lengths < 0).any() or int(lengths.sum()) != height * width:
        raise InvalidInput(f"The mask's runs do not cover {width} x {height} pixels.", "mask.rle_invalid")
    flat = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    return pixels_region(flat.reshape(width, height).T)


def polygons_region(polygons: list[list[float]], *, height: int, width: int) -> Region:
    """The union of polygons, each flat [x, y, x, y, ...] in corners of pixels, as pycocotools fills them.

    Raises InvalidInput `import.polygon_invalid`, `mask.empty`.
    """
    for polygon in polygons:
        corners = np.array(polygon, float)
        if corners.ndim != 1 or len(corners) < 6 or len(corners) % 2:
            raise InvalidInput(
                "A polygon has three corners or more, x and y of each.", "import.polygon_invalid"
            )
        # What fills polygons walks along their sides: one to the moon would never end.
        limit = 2.0 * max(height, width)
        if (
            not np.isfinite(corners).all()
            or (corners < -limit).any()
            or (corners > width + height + limit).any()
        ):
            raise InvalidInput("A polygon has corners far outside of the image.", "import.polygon_invalid")
        steps = np.abs(np.diff(corners.reshape(-1, 2), axis=0, append=corners[None, :2])).max(1).sum()
        if steps > _LONGEST_OUTLINE:
            raise InvalidInput("A polygon's sides are too long altogether.", "import.polygon_invalid")
    if not polygons:
        raise InvalidInput("The object has no polygon.", "import.polygon_invalid")
    packed = coco_mask.merge(coco_mask.frPyObjects([list(map(float, p)) for p in polygons], height, width))
    return region_parse(packed["counts"].decode(), height=height, width=width)
