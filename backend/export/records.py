"""What a format sees: plain values, no database, no request, no files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class CategoryRecord:
    category_id: int
    name: str
    supercategory: str


@dataclass(frozen=True)
class ImageRecord:
    """`number` counts the project's images from 1 in the order they came; sizes in upright pixels."""

    number: int
    file_name: str
    width: int
    height: int
    sha256: str
    licence_note: str
    created_at: datetime


@dataclass(frozen=True)
class MaskRecord:
    """`number` counts the project's masks from 1 in the order they were made; bbox is (x, y, width, height)."""

    number: int
    image_number: int
    category_id: int
    # Drawn from the lowest z up, at one z from the largest area down.
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


@dataclass(frozen=True)
class ProjectRecords:
    """A project, its rows on demand: each call of `images` and `masks` starts a fresh pass in a fixed order."""

    name: str
    description: str
    licence_note: str
    categories: list[CategoryRecord]
    images: Callable[[], Iterator[ImageRecord]]
    masks: Callable[[], Iterator[MaskRecord]]
