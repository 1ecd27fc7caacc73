"""What masks were, and how they come back."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.annotations import selectors, services
from backend.annotations.history import mask_history, masks_deleted
from backend.annotations.history_serializers import (
    DeletedMaskSerializer,
    HistoryEntrySerializer,
    MaskRevisionSerializer,
    RestoreSerializer,
)
from backend.annotations.models import MaskRevision
from backend.annotations.serializers import MaskSerializer, StaleRevisionSerializer
from backend.annotations.views import stale_response
from backend.images.selectors import image_get
from backend.users.requests import AS_USER, request_user, writing_user


class MaskHistoryView(APIView):
    @extend_schema(responses=HistoryEntrySerializer(many=True))
    def get(self, request: Request, mask_id: uuid.UUID) -> Response:
        """The states of the mask, the newest first, and that it was deleted where it was."""
        user = request_user(request)
        tombstone = selectors.tombstone_get(user=user, mask_id=mask_id)
        mask = None if tombstone else selectors.mask_get(user=user, mask_id=mask_id)
        entries = mask_history(mask=mask, tombstone=tombstone)
        return Response(HistoryEntrySerializer(entries, many=True).data)


class MaskRevisionView(APIView):
    @extend_schema(responses=MaskRevisionSerializer)
    def get(self, request: Request, mask_id: uuid.UUID, revision: int) -> Response:
        """A state that the mask had and no longer has, with its segmentation. 404 `mask.no_such_revision`."""
        user = request_user(request)
        found = selectors.revision_get(user=user, mask_id=mask_id, revision=revision)
        return Response(MaskRevisionSerializer(found).data)


class MaskRestoreView(APIView):
    @extend_schema(
        parameters=[AS_USER],
        request=RestoreSerializer,
        responses={200: MaskSerializer, 409: StaleRevisionSerializer},
    )
    def post(self, request: Request, mask_id: uuid.UUID) -> Response:
        """Makes an earlier state the newest revision; a deleted mask comes back by it. 404 `mask.no_such_revision`."""
        user = writing_user(request)
        data = RestoreSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        try:
            mask = services.mask_restore(user=user, mask_id=mask_id, **data.validated_data)
        except services.StaleRevision as error:
            return stale_response(error)
        return Response(MaskSerializer(mask).data)


class DeletedMaskListView(GenericAPIView[MaskRevision]):
    pagination_class = None
    filter_backends = []
    serializer_class = DeletedMaskSerializer

    @extend_schema(responses=DeletedMaskSerializer(many=True))
    def get(self, request: Request, image_id: int) -> Response:
        """Masks of the image that are deleted and can be brought back, the latest 1000, those deleted last first."""
        image = image_get(user=request_user(request), image_id=image_id)
        return Response(DeletedMaskSerializer(masks_deleted(image=image), many=True).data)
