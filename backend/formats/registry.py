"""The formats a project can be written in and made of, by their names."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import IO, Final, Protocol

from backend.common.errors import NotFound
from backend.formats.archive import Archive
from backend.formats.cityscapes import Cityscapes
from backend.formats.coco import Coco
from backend.formats.coco_panoptic import CocoPanoptic
from backend.formats.cutouts import Cutouts
from backend.formats.cvat import Cvat
from backend.formats.datumaro import Datumaro
from backend.formats.label_maps import LabelMaps
from backend.formats.label_studio import LabelStudio
from backend.formats.labelme import LabelMe
from backend.formats.losses import ACCOUNT, Losses
from backend.formats.parquet import Parquet
from backend.formats.reading import Reading, ReadPicture
from backend.formats.records import Dataset, Picture
from backend.formats.sa1b import Sa1b
from backend.formats.table import Table
from backend.formats.voc import Voc
from backend.formats.yolo import Yolo


class WrittenFormat(Protocol):
    """One module of this folder."""

    name: str
    title: str
    # One line for people: what is in it, and who reads it.
    holds: str
    # Whether it has a place for what is said of a picture as a whole; those without one lose all of them.
    has_tags: bool

    @property
    def fields_without_a_place(self) -> tuple[str, ...]:
        """Fields of an object that a reader of this format does not get."""

    def picture_path(self, picture: Picture) -> str:
        """Where the picture lies in the archive, if pictures are written."""

    def write(self, dataset: Dataset, archive: Archive, losses: Losses) -> None:
        """All files but the pictures; the same for the same dataset."""


class ReadFormat(Protocol):
    """A format whose module reads as well."""

    name: str
    title: str

    def read(self, reading: Reading) -> Iterator[ReadPicture]:
        """What the source holds, picture by picture; what cannot be read becomes a problem and stops nothing else."""


_ALL: Final[tuple[WrittenFormat, ...]] = (
    Coco(has_polygons=False),
    Coco(has_polygons=True),
    CocoPanoptic(),
    Sa1b(),
    Yolo(),
    Voc(),
    LabelMaps(),
    Cityscapes(),
    LabelMe(),
    Datumaro(),
    LabelStudio(),
    Cvat(),
    Table(),
    Parquet(),
    Cutouts(),
)
FORMATS: Final = {chosen.name: chosen for chosen in _ALL}
_READ: Final[tuple[ReadFormat, ...]] = (
    Coco(has_polygons=False),
    CocoPanoptic(),
    Sa1b(),
    Yolo(),
    Voc(),
    LabelMaps(),
    LabelMe(),
    Datumaro(),
    LabelStudio(),
    Cvat(),
)
READ_FORMATS: Final = {chosen.name: chosen for chosen in _READ}


def format_get(name: str) -> WrittenFormat:
    """The format of that name. Raises NotFound `export.unknown_format`: no silent substitute."""
    if name not in FORMATS:
        raise NotFound(
            f"There is no export format {name!r}; known: {sorted(FORMATS)}.", "export.unknown_format"
        )
    return FORMATS[name]


def read_format_get(name: str) -> ReadFormat:
    """The format of that name. Raises NotFound `import.unknown_format`."""
    if name not in READ_FORMATS:
        raise NotFound(
            f"There is no import format {name!r}; known: {sorted(READ_FORMATS)}.", "import.unknown_format"
        )
    return READ_FORMATS[name]


def dataset_write(
    dataset: Dataset,
    chosen: WrittenFormat,
    stream: IO[bytes],
    *,
    on_copied: Callable[[], None] = lambda: None,
) -> Losses:
    """Writes the archive to a stream, pictures too where the dataset has them, and last `losses.json`: what the format
    could not hold, which is returned as well. `on_copied` is called after each picture."""
    losses = Losses(
        fields=chosen.fields_without_a_place,
        tags_lost=0 if chosen.has_tags else dataset.tag_count,
    )
    with closing(Archive(stream)) as archive:
        chosen.write(dataset, archive, losses)
        if dataset.has_pictures:
            for picture in dataset.pictures():
                if picture.open is not None:
                    archive.copy(chosen.picture_path(picture), picture.open())
                on_copied()
        archive.write(ACCOUNT, json.dumps(losses.report(), indent=1))
    return losses
