import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.annotations import selectors, services
from backend.annotations.models import Mask
from backend.annotations.serializers import (
    MaskCreateSerializer,
    MaskSerializer,
    MaskUpdateSerializer,
    RevisionSerializer,
    StaleRevisionSerializer,
)
from backend.images.selectors import image_get
from backend.users.requests import request_user


class MaskListView(GenericAPIView[Mask]):
    pagination_class = None
    filter_backends = []
    serializer_class = MaskSerializer

    @extend_schema(responses=MaskSerializer(many=True))
    def get(self, request: Request, image_id: int) -> Response:
        image = image_get(user=request_user(request), image_id=image_id)
        return Response(MaskSerializer(selectors.mask_list(image=image), many=True).data)

    @extend_schema(request=MaskCreateSerializer, responses={201: MaskSerializer, 200: MaskSerializer})
    def post(self, request: Request, image_id: int) -> Response:
        """Saves a mask; the same id again answers 200 with the stored state."""
        image = image_get(user=request_user(request), image_id=image_id)
        data = MaskCreateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        mask, is_new = services.mask_create(image=image, author=request_user(request), **data.validated_data)
        return Response(MaskSerializer(mask).data, status=201 if is_new else 200)


class MaskView(APIView):
    @extend_schema(
        request=MaskUpdateSerializer, responses={200: MaskSerializer, 409: StaleRevisionSerializer}
    )
    def patch(self, request: Request, mask_id: uuid.UUID) -> Response:
        mask = selectors.mask_get(user=request_user(request), mask_id=mask_id)
        data = MaskUpdateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        changes = dict(data.validated_data)
        revision = changes.pop("revision")
        try:
            mask = services.mask_update(mask=mask, revision=revision, changes=changes)
        except services.StaleRevision as error:
            return _stale(error)
        return Response(MaskSerializer(mask).data)

    @extend_schema(parameters=[RevisionSerializer], responses={204: None, 409: StaleRevisionSerializer})
    def delete(self, request: Request, mask_id: uuid.UUID) -> Response:
        mask = selectors.mask_get(user=request_user(request), mask_id=mask_id)
        data = RevisionSerializer(data=request.query_params)
        data.is_valid(raise_exception=True)
        try:
            services.mask_delete(mask=mask, revision=data.validated_data["revision"])
        except services.StaleRevision as error:
            return _stale(error)
        return Response(status=204)


def _stale(error: services.StaleRevision) -> Response:
    current = MaskSerializer(error.current).data if error.current else None
    body = {"code": error.code, "message": error.message, "extra": {"current": current}}
    return Response(body, status=error.status)
