from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.idempotency.views import Idempotent
from backend.imports.places import place_listed
from backend.imports.serializers import ImportUploadSerializer, ImportUploadWriteSerializer, PlaceSerializer
from backend.imports.services import upload_store
from backend.projects.selectors import project_get
from backend.users.requests import AS_USER, writing_user


class ImportsView(Idempotent, APIView):
    is_one_transaction = False
    idempotency_lease_seconds = 1800
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="projects_imports_upload",
        parameters=[AS_USER],
        request=ImportUploadWriteSerializer,
        responses={201: ImportUploadSerializer},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Keeps a zip for a week, for jobs of the kinds `import.check` and `import`. Nothing is imported yet."""
        user = writing_user(request)
        project = project_get(user=user, project_id=project_id)
        data = ImportUploadWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        file = data.validated_data["file"]
        upload = upload_store(
            project=project, user=user, file=file.file, file_name=file.name or "", byte_size=file.size
        )
        return Response(ImportUploadSerializer(upload).data, status=201)


class PlacesView(APIView):
    @extend_schema(
        parameters=[
            OpenApiParameter("path", str, description="A place and folders below it; empty for the places.")
        ],
        responses=PlaceSerializer,
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Folders of the server and of buckets that its operator opened for imports; none where none were."""
        return Response(PlaceSerializer(place_listed(request.query_params.get("path", ""))).data)
