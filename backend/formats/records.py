"""What every format writes and reads: plain values, no database, no request."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask


@dataclass(frozen=True)
class Category:
    """`category_id` counts from 1 and never changes; `color` is #rrggbb."""

    category_id: int
    name: str
    supercategory: str
    color: str


# Masks that are to be labelled later. Labels count from 1, so no label ever takes it.
UNLABELLED: Final = Category(category_id=0, name="unlabelled", supercategory="", color="#808080")


@dataclass(frozen=True)
class Picture:
    """`number` counts the project's images from 1 in the order they came; sizes are those of the upright picture.

    `name` is the file's, made unique and without a folder, so that it can be one in any format; `file_name` is as it
    came. `open` reads the upright picture, where pictures are written too.
    """

    number: int
    name: str
    file_name: str
    width: int
    height: int
    sha256: str
    licence_note: str
    split: str = "train"
    open: Callable[[], BinaryIO] | None = None
    # What people said of it as a whole.
    tags: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return self.name.rpartition(".")[0] or self.name


@dataclass(frozen=True)
class ObjectMask:
    """One object: COCO's compressed column-major RLE at the picture's size, and what is known of it.

    `bbox` is (x, y, width, height). What is drawn over what: ascending `z`, at one z the smaller one, then the later one.
    """

    number: int
    category_id: int
    z: int
    height: int
    width: int
    counts: str
    bbox: tuple[int, int, int, int]
    area: int
    uuid: str
    stage: str
    model: str | None
    predicted_iou: float | None
    stability_score: float | None
    prompts: dict[str, Any]
    # What people said of it, by the attribute's name.
    attributes: dict[str, Any]
    author: str | None
    seconds_spent: float
    revision: int
    # Of a mask that the generator found: the crop (x, y, width, height) it looked at.
    crop_box: tuple[int, int, int, int] | None = None

    def pixels(self) -> NDArray[np.bool_]:
        """[height, width]."""
        return np.asarray(
            coco_mask.decode({"size": [self.height, self.width], "counts": self.counts.encode()}), bool
        )

    def crop(self) -> NDArray[np.bool_]:
        """The pixels within `bbox`."""
        x, y, width, height = self.bbox
        return self.pixels()[y : y + height, x : x + width]


class Items(Protocol):
    """Pictures with their objects, of one split or of all."""

    def __call__(self, split: str | None = None) -> Iterator[tuple[Picture, list[ObjectMask]]]: ...


class Pictures(Protocol):
    """The same pictures in the same order, without reading any objects."""

    def __call__(self, split: str | None = None) -> Iterator[Picture]: ...


@dataclass(frozen=True)
class Dataset:
    """A project, its rows on demand: each call starts a fresh pass in the same order. Of all splits together a format
    goes through `items` once: in a large project each pass takes minutes."""

    name: str
    description: str
    licence_note: str
    categories: list[Category]
    items: Items
    pictures: Pictures
    splits: tuple[str, ...] = ("train",)
    # Of how many pictures, more or less, for progress; whether they go along.
    picture_count: int = 0
    has_pictures: bool = False
    # Of all pictures together, one on two pictures twice.
    tag_count: int = 0

    def category(self, category_id: int) -> Category:
        return self._by_id[category_id]

    _by_id: dict[int, Category] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {category.category_id: category for category in self.categories})
