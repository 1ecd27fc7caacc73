"""Pages of a list, by cursors: stable while others add rows."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final

from django.db.models import Model, Q
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from backend.common.fields import LAST_KEY

_LONGEST: Final = 400
# No key has more digits, and Python refuses to read thousands of them.
_KEY: Final = re.compile(r"[0-9]{1,18}")


class CreationCursorPagination(CursorPagination):
    """Oldest first, by primary key: stable while others add rows."""

    ordering = "pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Raises DRF's NotFound for a cursor nobody gave, also where it names no primary key."""
        cursor: Cursor | None = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and not _KEY.fullmatch(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class NewestCursorPagination(CreationCursorPagination):
    ordering = "-pk"


class KeysetPagination(CursorPagination):
    """Cursors that hold the row's values of `keys`, whose last column is unique: no page is counted off, however many
    rows are equal in the first column. Raises DRF's NotFound for a cursor nobody gave."""

    keys: tuple[str, ...] = ("pk",)
    # All keys downwards.
    is_descending = False
    page_size_query_param = "page_size"
    # For the description of the parameters alone.
    ordering = "pk"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.size = int(self.get_page_size(request) or 1)
        sent = request.query_params.get(self.cursor_query_param)
        is_back, values = self._cursor(queryset.model, sent) if sent else (False, None)
        is_down = is_back != self.is_descending
        if values is not None:
            queryset = queryset.filter(_beyond(self.keys, values, "lt" if is_down else "gt"))
        order = [f"-{key}" if is_down else key for key in self.keys]
        rows = list(queryset.order_by(*order)[: self.size + 1])
        has_more = len(rows) > self.size
        self.rows = rows[: self.size][:: -1 if is_back else 1]
        self.has_next, self.has_previous = (True, has_more) if is_back else (has_more, values is not None)
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self._link(False, -1) if self.has_next else None,
                "previous": self._link(True, 0) if self.has_previous else None,
                "results": data,
            }
        )

    def _link(self, is_back: bool, place: int) -> str | None:
        if not self.rows:
            return None
        values = [str(getattr(self.rows[place], key)) for key in self.keys]
        cursor = urlsafe_b64encode(json.dumps([int(is_back), *values]).encode()).decode()
        url = self.request.build_absolute_uri()
        return str(replace_query_param(url, self.cursor_query_param, cursor))

    def _cursor(self, model: type[Model], text: str) -> tuple[bool, list[Any]]:
        try:
            if len(text) > _LONGEST:
                raise ValueError("no cursor is that long")
            is_back, *sent = json.loads(urlsafe_b64decode(text.encode()))
            fields: list[Any] = [model._meta.get_field(key) for key in self.keys]
            values = [
                field.to_python(value)
                for field, value in zip(fields, sent, strict=True)
                if isinstance(value, str)
            ]
            if len(values) < len(fields) or any(
                isinstance(value, int) and not 0 <= value <= LAST_KEY for value in values
            ):
                raise ValueError("a column's value is missing, or none a column can have")
        except Exception as error:
            # Whatever it is that was sent: base64, JSON and the columns each have their own complaints.
            raise NotFound(self.invalid_cursor_message) from error
        return bool(is_back), values


def _beyond(keys: tuple[str, ...], values: list[Any], lookup: str) -> Q:
    """Rows after (gt) or before (lt) the one with these values; the first column once more for databases that use an
    index only where no "or" stands."""
    beyond = Q()
    for place, key in enumerate(keys):
        equal = dict(zip(keys[:place], values, strict=False))
        beyond |= Q(**equal, **{f"{key}__{lookup}": values[place]})
    return beyond & Q(**{f"{keys[0]}__{lookup}e": values[0]})
