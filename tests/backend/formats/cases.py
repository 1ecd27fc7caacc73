"""A small project of the masks that get lost: holes, parts, single pixels, borders, overlaps, names."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask

from backend.formats.records import Category, Dataset, ObjectMask, Picture

Pixels = NDArray[np.bool_]

CATEGORIES = [
    Category(1, 'größe, 猫 "q"', "", "#e69f00"),
    Category(2, "=SUM(A1)", "animal", "#56b4e9"),
    Category(5, "nobody", "", "#009e73"),
]
HEIGHT, WIDTH = 37, 53


def masks() -> dict[str, Pixels]:
    """By what is special about them, lowest first."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    apart = np.hypot(y - 18, x - 20)
    two = np.zeros((HEIGHT, WIDTH), bool)
    two[2:6, 40:47] = two[30:36, 30:34] = True
    pixel = np.zeros((HEIGHT, WIDTH), bool)
    pixel[9, 44] = True
    edge = np.zeros((HEIGHT, WIDTH), bool)
    edge[-1, 3:20] = edge[20:, -1] = True
    over = (abs(y - 14) < 8) & (abs(x - 25) < 6)
    return {
        "full": np.ones((HEIGHT, WIDTH), bool),
        "donut": (apart < 14) & (apart > 6.5),
        "two parts": two,
        "one pixel": pixel,
        "last row and column": edge,
        "over the donut": over,
    }


def picture(number: int, name: str, split: str = "train") -> Picture:
    def read() -> io.BytesIO:
        buffer = io.BytesIO()
        noise = np.random.default_rng(number).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
        Image.fromarray(noise).save(buffer, "PNG")
        buffer.seek(0)
        return buffer

    return Picture(number, name, f"folder/{name}", WIDTH, HEIGHT, f"{number:064x}", "CC BY 4.0", split, read)


def object_mask(number: int, pixels: Pixels, category_id: int) -> ObjectMask:
    packed = coco_mask.encode(np.asfortranarray(pixels.astype(np.uint8)))
    x, y, width, height = (int(side) for side in coco_mask.toBbox(packed))
    return ObjectMask(
        number=number,
        category_id=category_id,
        z=number,
        height=pixels.shape[0],
        width=pixels.shape[1],
        counts=packed["counts"].decode(),
        bbox=(x, y, width, height),
        area=int(pixels.sum()),
        uuid=f"00000000-0000-4000-8000-{number:012}",
        stage="assisted_manual",
        model="tiny@0123456789ab",
        predicted_iou=0.75,
        stability_score=None,
        prompts={"points": [[3.5, 4, 1], [5, 6, 0]], "box": None, "candidate": 1},
        attributes={"übermalt": '<ja> & "nein"'},
        author="-anna",
        seconds_spent=2.5,
        revision=1,
    )


def passes(rows: Sequence[tuple[Picture, list[ObjectMask]]]) -> dict[str, Any]:
    """`items` and `pictures` of a Dataset of these rows."""

    def items(split: str | None = None) -> Iterator[tuple[Picture, list[ObjectMask]]]:
        return (row for row in rows if split in (None, row[0].split))

    def pictures(split: str | None = None) -> Iterator[Picture]:
        return (picture for picture, _ in items(split))

    return {"items": items, "pictures": pictures}


def dataset() -> Dataset:
    """One photograph with all of them, one without any, one of the validation set with the pixel alone."""
    drawn = masks()
    objects = [object_mask(place, pixels, 1 + place % 2) for place, pixels in enumerate(drawn.values(), 1)]
    alone = [object_mask(50, drawn["one pixel"], 2)]

    rows = [
        (picture(1, "ä photo.png"), objects),
        (picture(2, "empty.png"), []),
        (picture(3, "b.c.png", "val"), alone),
    ]

    return Dataset(
        name="Ein <Projekt> & more",
        description="",
        licence_note="CC0",
        categories=CATEGORIES,
        **passes(rows),
        splits=("train", "val"),
        picture_count=3,
        has_pictures=True,
    )
