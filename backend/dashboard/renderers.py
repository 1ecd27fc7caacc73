"""Tables for spreadsheets."""

import csv
import io
from collections.abc import Mapping
from typing import Any, Final

from rest_framework.renderers import BaseRenderer

# What spreadsheets take for the beginning of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class CsvRenderer(BaseRenderer):
    """The `rows` of an answer, one line each, below the names of their columns, which the view knows."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        columns = (renderer_context or {})["view"].csv_columns()
        text = io.StringIO()
        lines = csv.writer(text)
        lines.writerow(columns)
        lines.writerows([[_cell(row.get(name)) for name in columns] for row in data["rows"]])
        return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """Numbers stay numbers; a text that a spreadsheet would calculate is marked as one."""
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
