from collections.abc import Iterator

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.common.errors import Conflict
from backend.export.registry import format_get
from backend.export.selectors import project_records, unlabelled_mask_count
from backend.export.serializers import ExportOptionsSerializer
from backend.export.services import export_taken
from backend.projects.selectors import project_get
from backend.users.requests import request_user

_PIECE = 64 * 1024


class CocoExportView(APIView):
    """All masks of the project as a COCO instances file, streamed."""

    @extend_schema(
        parameters=[ExportOptionsSerializer], responses={(200, "application/json"): OpenApiTypes.OBJECT}
    )
    def get(self, request: Request, project_id: int) -> HttpResponseBase:
        """Masks without a label fit no category: unless told what to do with them the answer is 409
        `export.unlabelled_masks`."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        options = ExportOptionsSerializer(data=request.query_params)
        options.is_valid(raise_exception=True)
        unlabelled = options.validated_data.get("unlabelled")
        count = 0 if unlabelled else unlabelled_mask_count(project=project, user=user)
        if count:
            raise Conflict(
                f"{count} masks have no label yet. Label them, or export with unlabelled=skip or unlabelled=include.",
                "export.unlabelled_masks",
                {"mask_count": count},
            )
        chosen = format_get("coco")
        name = f"{slugify(project.name) or 'project'}-{chosen.name}.{chosen.extension}"
        takes_all = unlabelled == "include"
        export_taken(project=project, actor=user, name=chosen.name, includes_unlabelled=takes_all)
        records = project_records(project=project, user=user, includes_unlabelled=takes_all)
        return StreamingHttpResponse(
            _pieces(chosen.write(records)),
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
