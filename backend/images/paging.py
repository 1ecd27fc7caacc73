"""Pages of images, oldest first or by rank."""

from typing import Any, Final

from django.db.models import F
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from backend.common.paging import CreationCursorPagination

OLDEST: Final = "id"
RANK: Final = "rank"
ORDERINGS: Final = (OLDEST, RANK)


class ImagePagination(CreationCursorPagination):
    """By rank come images alone that have one."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        ordering = request.query_params.get("ordering", OLDEST)
        if ordering not in ORDERINGS:
            raise ValidationError({"ordering": [f"One of {', '.join(ORDERINGS)}."]})
        self.is_by_rank = ordering == RANK
        if self.is_by_rank:
            # The project once more, of the joined row: with it the ranks lie side by side in an index.
            queryset = queryset.filter(work__rank__isnull=False, work__project=F("project"))
            queryset = queryset.annotate(rank=F("work__rank"))
        return super().paginate_queryset(queryset, request, view)

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        return ("rank", "pk") if self.is_by_rank else ("pk",)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Raises DRF's NotFound for a cursor nobody gave."""
        if not self.is_by_rank:
            return super().decode_cursor(request)
        cursor: Cursor | None = CursorPagination.decode_cursor(self, request)
        if cursor is not None and cursor.position is not None:
            try:
                float(cursor.position)
            except ValueError as error:
                raise NotFound(self.invalid_cursor_message) from error
        return cursor

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        ordering = {
            "name": "ordering",
            "required": False,
            "in": "query",
            "description": "`id`: the oldest first. `rank`: as people are given them, only images that have a rank.",
            "schema": {"type": "string", "enum": list(ORDERINGS), "default": OLDEST},
        }
        return [*super().get_schema_operation_parameters(view), ordering]
