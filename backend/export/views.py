from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.export.dataset import project_dataset
from backend.export.serializers import ExportOptionsSerializer, FormatsSerializer, selection_of
from backend.export.services import export_file_name, export_taken, pieces, unlabelled_decided
from backend.formats.coco import Coco
from backend.formats.losses import Losses
from backend.formats.registry import FORMATS, READ_FORMATS
from backend.projects.selectors import project_get
from backend.users.requests import request_user


class CocoExportView(APIView):
    """All masks of the project as a COCO instances file, streamed."""

    @extend_schema(
        parameters=[ExportOptionsSerializer],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, 409: None},
    )
    def get(self, request: Request, project_id: int) -> HttpResponseBase:
        """Masks without a label fit no category: unless told what to do with them the answer is 409
        `export.unlabelled_masks`."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        options = ExportOptionsSerializer(data=request.query_params)
        options.is_valid(raise_exception=True)
        selection = selection_of(options.validated_data, viewer=user)
        unlabelled_decided(
            project=project, selection=selection, is_decided="unlabelled" in options.validated_data
        )
        export_taken(project=project, actor=user, name="coco", selection=selection)
        dataset = project_dataset(project=project, selection=selection, has_pictures=False)
        name = export_file_name(project=project, format_name="coco", extension="json")
        return StreamingHttpResponse(
            pieces(Coco(has_polygons=False).document(dataset, Losses())),
            content_type="application/json",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "private, no-store",
            },
        )


class FormatsView(APIView):
    """The formats a project can be exported in and made of."""

    @extend_schema(responses=FormatsSerializer)
    def get(self, request: Request) -> Response:
        """`fields_without_a_place` names what of a mask a reader of the format does not get."""
        formats = {"written": list(FORMATS.values()), "read": list(READ_FORMATS)}
        return Response(FormatsSerializer(formats).data)
