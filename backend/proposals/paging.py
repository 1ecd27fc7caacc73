"""Pages of proposals by their predicted IoU."""

from typing import Any, Final

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from backend.common.paging import KeysetPagination

LIKELIEST: Final = "-predicted_iou"
ORDERINGS: Final = (LIKELIEST, "predicted_iou")


class ProposalPagination(KeysetPagination):
    """The likeliest first, or last. The first page tells how many there are."""

    keys = ("predicted_iou", "id")
    page_size = 100
    max_page_size = 500

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        ordering = request.query_params.get("ordering", LIKELIEST)
        if ordering not in ORDERINGS:
            raise ValidationError({"ordering": [f"One of {', '.join(ORDERINGS)}."]})
        self.is_descending = ordering == LIKELIEST
        is_first = not request.query_params.get(self.cursor_query_param)
        self.total = queryset.order_by().count() if is_first else None
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        answer = super().get_paginated_response(data)
        answer.data["total"] = self.total
        return answer

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        ordering = {
            "name": "ordering",
            "required": False,
            "in": "query",
            "description": "By predicted IoU, the largest first or last.",
            "schema": {"type": "string", "enum": list(ORDERINGS), "default": LIKELIEST},
        }
        return [*super().get_schema_operation_parameters(view), ordering]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = super().get_paginated_response_schema(schema)
        found["properties"]["total"] = {
            "type": "integer",
            "nullable": True,
            "description": "How many there are; null but on the first page.",
        }
        found["required"] = [*found.get("required", ()), "total"]
        return found
