from collections.abc import Iterator

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.export.registry import format_get
from backend.export.selectors import project_records
from backend.projects.selectors import project_get
from backend.users.requests import request_user

_PIECE = 64 * 1024


class CocoExportView(APIView):
    """All masks of the project as a COCO instances file, streamed."""

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, project_id: int) -> HttpResponseBase:
        project = project_get(user=request_user(request), project_id=project_id)
        chosen = format_get("coco")
        name = f"{slugify(project.name) or 'project'}-{chosen.name}.{chosen.extension}"
        return StreamingHttpResponse(
            _pieces(chosen.write(project_records(project=project))),
            content_type=chosen.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "private, no-store",
            },
        )


def _pieces(parts: Iterator[str]) -> Iterator[bytes]:
    """The text in pieces of a network packet or more: one write per row would be slow."""
    waiting: list[str] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= _PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()
