from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.conditional import Conditional
from backend.common.errors import NotFound
from backend.common.file_answers import FILE_PARAMETERS, FileView, file_responses
from backend.common.http import file_response
from backend.common.listing import ListingView
from backend.idempotency.views import Idempotent
from backend.images import selectors, services
from backend.images.filters import ImageFilter
from backend.images.intake import BatchResult, batch_store
from backend.images.models import Image
from backend.images.paging import ImagePagination
from backend.images.serializers import (
    ImageDetailSerializer,
    ImageSerializer,
    UploadRefusedSerializer,
    UploadResultSerializer,
    UploadSerializer,
)
from backend.projects.selectors import project_get
from backend.users.requests import request_user

VERSION_PARAMETER = OpenApiParameter(
    "v", str, description="As in the url the API gave; it lets browsers keep the answer."
)


def _result_data(result: BatchResult) -> dict[str, Any]:
    """What the answer says of the batch. Images somebody deleted before its last file was stored are not in it."""
    pk_of = [image.pk for image in result.created] + [image.pk for _, image in result.duplicates]
    shown = {image.pk: image for image in selectors.image_list_by_ids(image_ids=pk_of)}
    body = {
        "created": [shown[image.pk] for image in result.created if image.pk in shown],
        "duplicates": [
            {"file_name": name, "image": shown[image.pk]}
            for name, image in result.duplicates
            if image.pk in shown
        ],
        "errors": [
            {"file_name": name, "code": error.code, "message": error.message} for name, error in result.errors
        ],
    }
    return dict(UploadResultSerializer(body).data)


class ImagesView(Idempotent, ListingView[Image]):
    is_one_transaction = False
    idempotency_lease_seconds = 1800
    parser_classes = [MultiPartParser]
    pagination_class = ImagePagination
    serializer_class = ImageSerializer
    filterset_class = ImageFilter
    queryset = Image.objects.none()

    def get_queryset(self) -> QuerySet[Image]:
        if getattr(self, "swagger_fake_view", False):
            return Image.objects.none()
        project = project_get(user=request_user(self.request), project_id=self.kwargs["project_id"])
        return selectors.image_list(project=project, user=request_user(self.request))

    @extend_schema(responses=ImageSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        return self.page_of(self.filter_queryset(self.get_queryset()), ImageSerializer)

    @extend_schema(
        operation_id="projects_images_upload",
        filters=False,
        request=UploadSerializer,
        responses={
            201: UploadResultSerializer,
            200: OpenApiResponse(UploadResultSerializer, description="Nothing new: all were here already."),
            400: OpenApiResponse(UploadRefusedSerializer, description="Not one file could be kept."),
            413: UploadRefusedSerializer,
            415: UploadRefusedSerializer,
            503: UploadRefusedSerializer,
            507: UploadRefusedSerializer,
        },
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Takes JPEG, PNG, WebP, TIFF and BMP files and zips of them; says of each what became of it."""
        project = project_get(user=request_user(request), project_id=project_id)
        data = UploadSerializer(
            data={"files": request.FILES.getlist("files"), "paths": request.POST.getlist("paths")}
        )
        data.is_valid(raise_exception=True)
        result = batch_store(
            project=project,
            user=request_user(request),
            files=data.validated_data["files"],
            paths=request.POST.getlist("paths"),
        )
        body = _result_data(result)
        if result.created:
            return Response(body, status=201)
        if result.duplicates or not result.errors:
            return Response(body, status=200)
        error = result.errors[0][1]
        return Response(
            body | {"code": error.code, "message": error.message, "extra": {}}, status=error.status
        )


class ImageView(Conditional, APIView):
    # What was done on it; not where it stands in the list.
    state_fields = ("file_name", "licence_note", "mask_count", "work")

    @extend_schema(responses=ImageDetailSerializer)
    def get(self, request: Request, image_id: int) -> Response:
        image = selectors.image_get(user=request_user(request), image_id=image_id)
        neighbours = selectors.image_neighbours(image=image, user=request_user(request))
        context = {"neighbours": neighbours}
        return Response(ImageDetailSerializer(image, context=context).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, image_id: int) -> Response:
        image = selectors.image_get(user=request_user(request), image_id=image_id)
        services.image_delete(image=image, actor=request_user(request))
        return Response(status=204)


class ImageFileView(FileView):
    """The upright picture, in a form every browser shows."""

    @extend_schema(
        parameters=[VERSION_PARAMETER, *FILE_PARAMETERS],
        responses=file_responses("image/jpeg", "image/png", "image/webp"),
    )
    def get(self, request: Request, image_id: int) -> HttpResponseBase:
        image = selectors.image_get(user=request_user(request), image_id=image_id)
        return file_response(
            request._request,
            key=image.display_key,
            etag=f"{image.sha256[:32]}-file",
            media_type=image.display_media_type,
            byte_size=image.display_bytes,
            immutable=request.query_params.get("v") == image.sha256[:16],
        )


class ImageOriginalView(FileView):
    """The file as it came, where the one that is shown was blurred. Each fetch is in the project's log."""

    @extend_schema(
        parameters=FILE_PARAMETERS,
        responses=file_responses("image/jpeg", "image/png", "image/webp", "image/tiff", "image/bmp"),
    )
    def get(self, request: Request, image_id: int) -> HttpResponseBase:
        user = request_user(request)
        image = selectors.image_get(user=user, image_id=image_id)
        if not image.source_key:
            raise NotFound(
                "The file as it came is not kept apart: it was destroyed, or is the one that is shown.",
                "image.no_original",
            )
        answer = file_response(
            request._request,
            key=image.source_key,
            etag=f"{image.source_sha256[:32]}-original",
            media_type=image.source_media_type,
            byte_size=image.source_bytes,
            immutable=False,
        )
        # Whoever looks at this browser next is not who was asked for.
        answer["Cache-Control"] = "private, no-store"
        if answer.status_code in (200, 206):
            services.original_fetched(image=image, actor=user)
        return answer


class ImagePreviewView(FileView):
    """The upright picture reduced, where it is large; where it is not, there is none and `preview_url` names the file."""

    @extend_schema(parameters=[VERSION_PARAMETER, *FILE_PARAMETERS], responses=file_responses("image/webp"))
    def get(self, request: Request, image_id: int) -> HttpResponseBase:
        image = selectors.image_get(user=request_user(request), image_id=image_id)
        if not image.preview_key:
            raise NotFound("This picture is small enough to be shown as it is.", "image.no_preview")
        return file_response(
            request._request,
            key=image.preview_key,
            etag=f"{image.sha256[:32]}-preview",
            media_type="image/webp",
            byte_size=image.preview_bytes,
            immutable=request.query_params.get("v") == image.sha256[:16],
        )


class ImageThumbnailView(FileView):
    """The upright picture, at most 320 pixels wide and high."""

    @extend_schema(parameters=[VERSION_PARAMETER, *FILE_PARAMETERS], responses=file_responses("image/webp"))
    def get(self, request: Request, image_id: int) -> HttpResponseBase:
        image = selectors.image_get(user=request_user(request), image_id=image_id)
        return file_response(
            request._request,
            key=image.thumbnail_key,
            etag=f"{image.sha256[:32]}-thumbnail",
            media_type="image/webp",
            byte_size=image.thumbnail_bytes,
            immutable=request.query_params.get("v") == image.sha256[:16],
        )
