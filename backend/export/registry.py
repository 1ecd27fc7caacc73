"""The formats a project can be exported in."""

from collections.abc import Iterator
from typing import Protocol

from backend.common.errors import NotFound
from backend.export.formats.coco import CocoFormat
from backend.export.records import ProjectRecords


class ExportFormat(Protocol):
    name: str
    label: str
    extension: str
    media_type: str

    def write(self, records: ProjectRecords) -> Iterator[str]:
        """The document in pieces, the same for the same records."""


FORMATS: dict[str, ExportFormat] = {"coco": CocoFormat()}


def format_get(name: str) -> ExportFormat:
    """The format of that name. Raises NotFound `export.unknown_format`: no silent substitute."""
    if name not in FORMATS:
        raise NotFound(
            f"There is no export format {name!r}; known: {sorted(FORMATS)}.", "export.unknown_format"
        )
    return FORMATS[name]
