"""Masks of a whole project: read page by page, written many at once."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.annotations.bulk_serializers import (
    MaskBulkRefusedSerializer,
    MaskBulkResultSerializer,
    MaskBulkSerializer,
    results_data,
)
from backend.annotations.filters import MaskFilter
from backend.annotations.models import Mask
from backend.annotations.operations import BulkRefused, masks_apply
from backend.annotations.selectors import project_masks
from backend.annotations.serializers import MaskSerializer
from backend.common.listing import ListingView
from backend.common.paging import KeysetPagination
from backend.projects.selectors import project_get
from backend.users.requests import AS_USER, request_user, writing_user


class MaskPagination(KeysetPagination):
    """Image by image, on each in the order of latest changes: a mask changed meanwhile may come twice, never not."""

    # The latter alone can be equal: masks from before changes were numbered have none.
    keys = ("image_id", "sequence", "id")
    page_size = 100
    max_page_size = 1000


class ProjectMaskListView(ListingView[Mask]):
    pagination_class = MaskPagination
    serializer_class = MaskSerializer
    filterset_class = MaskFilter
    queryset = Mask.objects.none()

    @extend_schema(operation_id="projects_masks_list", responses=MaskSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """The masks of the images that are the project's to the person who asks, as its exports have them."""
        user = request_user(request)
        masks: QuerySet[Mask] = project_masks(
            project=project_get(user=user, project_id=project_id), user=user
        )
        return self.page_of(self.filter_queryset(masks), MaskSerializer)


class MaskBulkView(APIView):
    @extend_schema(
        operation_id="projects_masks_bulk",
        parameters=[AS_USER],
        request=MaskBulkSerializer,
        responses={
            200: MaskBulkResultSerializer,
            400: MaskBulkRefusedSerializer,
            409: MaskBulkRefusedSerializer,
        },
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Creates, changes and deletes up to 1000 masks of the project's images.

        Each operation follows the rules of its own endpoint, and the answer has its status, mask or error, in the same
        order. An operation names a mask by the client's uuid and the revision it was made from, so the same call again
        makes no second mask: what is done stays done.
        """
        user = writing_user(request)
        project = project_get(user=user, project_id=project_id)
        data = MaskBulkSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        sent: list[Any] = dict(request.data)["operations"]
        try:
            outcomes = masks_apply(
                project=project,
                user=user,
                operations=data.validated_data["operations"],
                is_atomic=data.validated_data["atomic"],
            )
        except BulkRefused as error:
            refused = [result for result in results_data(sent, error.outcomes) if result["error"]]
            body = {"code": error.code, "message": error.message, "extra": {"results": refused}}
            return Response(body, status=error.status)
        failed = sum(outcome.error is not None for outcome in outcomes)
        return Response(
            {
                "results": results_data(sent, outcomes),
                "succeeded": len(outcomes) - failed,
                "failed": failed,
            }
        )
