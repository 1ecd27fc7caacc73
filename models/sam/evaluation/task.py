"""What an evaluation is made of: it looks at one image at a time, writes a record of it, and a report is made of those.

A record is JSON, so that a run that was killed goes on with the images that are left (see `run`). A task is a class; its
settings are what its records depend on.
"""

import argparse
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from PIL import Image

from models.sam.evaluation.protocol import EvaluationConfig, sampled
from models.sam.evaluation.report_page.blocks import Block
from models.sam.predictor import SamPredictor
from models.sam.rle import Rle, area, compressed
from models.sam.training.data_sources import UNNAMED, AnnotatedImage, read_images

Record = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """An image with the masks of it that are measured, RLE at its size, and the name of each one's class.

    `path`: the data set it is from, for what lies there beside images and masks.
    """

    path: Path
    image: AnnotatedImage
    segmentations: list[Rle]
    categories: list[str]

    @property
    def key(self) -> str:
        """What the records call it."""
        return f"{self.image.dataset}/{self.image.file_name}"


class Task(ABC):
    """One of the paper's experiments. A subclass adds what it asks and how it is shown."""

    name: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, config: EvaluationConfig) -> None:
        self.config = config

    @classmethod
    def add_options(cls, parser: argparse._ArgumentGroup) -> None:
        """Options of the command that are this task's alone."""
        # None, where a task has only what all have.
        return

    @classmethod
    def from_options(cls, config: EvaluationConfig, options: argparse.Namespace) -> Self:
        """The task that was asked for. ModelError, DataError or ValueError for what cannot be done."""
        return cls(config)

    def facts(self) -> Record:
        """Settings that the records depend on: a run goes on only where they are the same."""
        config = asdict(self.config)
        return {**config, "passed_over": sorted(self.config.passed_over)}

    def items(self, path: Path) -> list[Item]:
        """The images of a data set that are looked at. DataError for one that cannot be read."""
        images = sampled(read_images(path, self.config.split), self.config)
        return [item for image in images if (item := self.item(path, image)).segmentations]

    def item(self, path: Path, image: AnnotatedImage) -> Item:
        """The image with those of its masks that are large enough."""
        names = image.categories or [UNNAMED] * len(image.segmentations)
        kept = [
            (compressed(rle), name)
            for rle, name in zip(image.segmentations, names, strict=True)
            if area(rle) >= self.config.min_area
        ]
        return Item(path, image, [rle for rle, _ in kept], [name for _, name in kept])

    @abstractmethod
    def measure(self, predictor: SamPredictor, item: Item) -> Record:
        """What is written down of one image."""

    @abstractmethod
    def report(self, records: Mapping[str, Sequence[Record]]) -> Record:
        """The figures, made of the records of each data set."""

    @abstractmethod
    def table(self, report: Record) -> str:
        """The report as text, at most 120 characters wide."""

    @abstractmethod
    def blocks(self, report: Record) -> list[Block]:
        """The report as a page shows it, without its examples."""

    def gallery(self, items: Mapping[str, Item], records: Mapping[str, Record]) -> list[Block]:
        """What the page shows of the images beside the examples; all by their keys."""
        return []

    def quality(self, record: Record) -> float | None:
        """How well the model did on an image, to choose the worst and the best to be shown; None: it is not shown."""
        return None

    def picture(self, predictor: SamPredictor, item: Item, record: Record) -> Image.Image:
        """The image, where `quality` chose it, with what was found on it; a task says how that is drawn."""
        return Image.fromarray(item.image.pixels())
