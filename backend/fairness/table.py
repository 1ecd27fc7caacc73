"""A report's rows as a CSV file, for people who compute something of their own."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from backend.fairness.grouping import GROUPING_KINDS
from backend.fairness.models import FairnessReport
from backend.fairness.reading import MeasuredRow, measured_of
from backend.formats.table import harmless
from backend.projects.models import Label, LabelAttribute
from backend.tags.models import Tag

COLUMNS = ("mask", "revision", "image", "file_name", "tags", "label", "iou_1", "iou_3")


def report_csv(*, report: FairnessReport) -> Iterator[bytes]:
    """A line a mask, in pieces: ids, what it is called now, its IoU after 1 and 3 clicks, and a column for each attribute
    that groups can be made by, named `label: attribute`."""
    measured = measured_of(report=report)
    labels = dict(Label.objects.filter(project=report.project).values_list("pk", "name"))
    tags = dict(Tag.objects.filter(project=report.project).values_list("pk", "name"))
    attributes = list(
        LabelAttribute.objects.filter(label__project=report.project, kind__in=GROUPING_KINDS).order_by(
            "label__category_id", "position", "pk"
        )
    )
    named = [f"{labels.get(one.label_id, '')}: {one.name}" for one in attributes]
    yield _line([*COLUMNS, *named])
    for row in measured.rows:
        of_image = measured.tags.get(row.image_id, frozenset())
        yield _line(
            [
                str(row.mask_id),
                row.revision,
                row.image_id,
                row.file_name,
                "; ".join(name for pk, name in tags.items() if pk in of_image),
                labels.get(row.label_id or 0, ""),
                f"{row.iou_1:.5f}",
                f"{row.iou_3:.5f}",
                *(_value(row, one) for one in attributes),
            ]
        )


def _value(row: MeasuredRow, attribute: LabelAttribute) -> Any:
    value = row.attributes.get(str(attribute.pk)) if row.label_id == attribute.label_id else None
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def _line(cells: list[Any]) -> bytes:
    text = io.StringIO()
    safe = [harmless(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(text, lineterminator="\n").writerow(safe)
    return text.getvalue().encode()
