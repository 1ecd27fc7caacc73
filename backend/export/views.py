from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.export.registry import format_get
from backend.export.selectors import project_records
from backend.export.serializers import ExportOptionsSerializer
from backend.export.services import export_file_name, export_taken, pieces, unlabelled_decided
from backend.projects.selectors import project_get
from backend.users.requests import request_user


class CocoExportView(APIView):
    """All masks of the project as a COCO instances file, streamed."""

    @extend_schema(
        parameters=[ExportOptionsSerializer], responses={(200, "application/json"): OpenApiTypes.OBJECT}
    )
    def get(self, request: Request, project_id: int) -> HttpResponseBase:
        """Masks without a label fit no category: unless told what to do with them the answer is 409
        `export.unlabelled_masks`."""
        project = project_get(user=request_user(request), project_id=project_id)
        options = ExportOptionsSerializer(data=request.query_params)
        options.is_valid(raise_exception=True)
        unlabelled = options.validated_data.get("unlabelled")
        unlabelled_decided(project=project, unlabelled=unlabelled)
        chosen = format_get("coco")
        name = export_file_name(project=project, chosen=chosen)
        takes_all = unlabelled == "include"
        export_taken(
            project=project, actor=request_user(request), name=chosen.name, includes_unlabelled=takes_all
        )
        records = project_records(project=project, includes_unlabelled=takes_all)
        return StreamingHttpResponse(
            pieces(chosen.write(records)),
            content_type=chosen.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "private, no-store",
            },
        )
