"""Release checks. Who may is in the table of permissions."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.conditional import Conditional
from backend.common.listing import ListingView
from backend.common.paging import NewestCursorPagination
from backend.idempotency.views import Idempotent
from backend.projects.selectors import project_get
from backend.quality import check_selectors
from backend.quality.check_applying import check_apply
from backend.quality.check_models import CheckedImage, QualityCheck
from backend.quality.check_serializers import (
    CheckedImageSerializer,
    QualityCheckSerializer,
    QualityCheckWriteSerializer,
)
from backend.quality.checking import figures_of
from backend.quality.checks import check_close, check_create
from backend.users.requests import request_user


def _checks_data(found: list[QualityCheck]) -> Any:
    context = {
        "checkers": check_selectors.checkers_of(checks=found),
        "figures": figures_of(checks=found),
    }
    return QualityCheckSerializer(found, many=True, context=context).data


def _check_data(request: Request, check_id: int) -> Any:
    return _checks_data([check_selectors.check_get(user=request_user(request), check_id=check_id)])[0]


class QualityCheckListView(Idempotent, GenericAPIView[QualityCheck]):
    pagination_class = NewestCursorPagination
    serializer_class = QualityCheckSerializer
    queryset = QualityCheck.objects.none()

    def get_queryset(self) -> QuerySet[QualityCheck]:
        project = project_get(user=request_user(self.request), project_id=self.kwargs["project_id"])
        return check_selectors.check_list(project=project)

    @extend_schema(responses=QualityCheckSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """The project's release checks, the newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(_checks_data(page))

    @extend_schema(request=QualityCheckWriteSerializer, responses={201: QualityCheckSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        """Begins a check. 400 `quality_check.checkers`, `quality_check.images`, 409 `quality_check.changed`."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        data = QualityCheckWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        made = check_create(project=project, actor=user, **data.validated_data)
        return Response(_check_data(request, made.pk), status=201)


class QualityCheckView(Conditional, APIView):
    @extend_schema(responses=QualityCheckSerializer)
    def get(self, request: Request, check_id: int) -> Response:
        """One check with its figures."""
        return Response(_check_data(request, check_id))


class QualityCheckImagesView(ListingView[CheckedImage]):
    serializer_class = CheckedImageSerializer
    queryset = CheckedImage.objects.none()

    @extend_schema(responses=CheckedImageSerializer(many=True))
    def get(self, request: Request, check_id: int) -> Response:
        """The check's images with what was corrected on each."""
        found = check_selectors.check_get(user=request_user(request), check_id=check_id)
        return self.page_of(check_selectors.checked_images(check=found), CheckedImageSerializer)


class QualityCheckCloseView(APIView):
    @extend_schema(request=None, responses=QualityCheckSerializer)
    def post(self, request: Request, check_id: int) -> Response:
        """Its figures stay as they are; what nobody submitted goes."""
        user = request_user(request)
        check_close(check=check_selectors.check_get(user=user, check_id=check_id), actor=user)
        return Response(_check_data(request, check_id))


class QualityCheckApplyView(APIView):
    @extend_schema(request=None, responses=QualityCheckSerializer)
    def post(self, request: Request, check_id: int) -> Response:
        """Takes the corrections over. Those of masks that were changed since are refused and counted. 409
        `quality_check.open` while it is not closed."""
        user = request_user(request)
        check_apply(check=check_selectors.check_get(user=user, check_id=check_id), actor=user)
        return Response(_check_data(request, check_id))
