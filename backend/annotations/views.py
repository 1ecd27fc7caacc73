import uuid
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.annotations import selectors, services
from backend.annotations.models import Mask
from backend.annotations.serializers import (
    MaskChangesSerializer,
    MaskCreateSerializer,
    MaskSerializer,
    MaskUpdateSerializer,
    RevisionSerializer,
    SinceSerializer,
    StaleRevisionSerializer,
    stale_extra,
)
from backend.common.conditional import Conditional
from backend.common.errors import PreconditionFailed
from backend.images.selectors import image_get
from backend.users.requests import AS_USER, request_user, writing_user


class MaskListView(GenericAPIView[Mask]):
    pagination_class = None
    filter_backends = []
    serializer_class = MaskSerializer

    @extend_schema(responses=MaskSerializer(many=True))
    def get(self, request: Request, image_id: int) -> Response:
        image = image_get(user=request_user(request), image_id=image_id)
        return Response(MaskSerializer(selectors.mask_list(image=image), many=True).data)

    @extend_schema(
        parameters=[AS_USER],
        request=MaskCreateSerializer,
        responses={201: MaskSerializer, 200: MaskSerializer, 409: StaleRevisionSerializer},
    )
    def post(self, request: Request, image_id: int) -> Response:
        """Saves a mask; the same id again answers 200 with the stored state, 409 when it was deleted since."""
        user = writing_user(request)
        image = image_get(user=user, image_id=image_id)
        data = MaskCreateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        try:
            mask, is_new = services.mask_create(image=image, author=user, **data.validated_data)
        except services.StaleRevision as error:
            return stale_response(error)
        return Response(MaskSerializer(mask).data, status=201 if is_new else 200)


class MaskChangesView(APIView):
    @extend_schema(parameters=[SinceSerializer], responses=MaskChangesSerializer)
    def get(self, request: Request, image_id: int) -> Response:
        """What happened to the image's masks since a cursor; without one, all of them and the first cursor."""
        image = image_get(user=request_user(request), image_id=image_id)
        data = SinceSerializer(data=request.query_params)
        data.is_valid(raise_exception=True)
        changes = selectors.mask_changes(image=image, since=data.validated_data["since"])
        return Response(MaskChangesSerializer(changes).data)


class MaskView(Conditional, APIView):
    # The ETag is the revision, and the statement that writes compares it.
    version_field = "revision"

    @extend_schema(responses=MaskSerializer)
    def get(self, request: Request, mask_id: uuid.UUID) -> Response:
        """One mask, as it is now."""
        mask = selectors.mask_get(user=request_user(request), mask_id=mask_id)
        return Response(MaskSerializer(mask).data)

    @extend_schema(
        parameters=[AS_USER],
        request=MaskUpdateSerializer,
        responses={200: MaskSerializer, 409: StaleRevisionSerializer},
    )
    def patch(self, request: Request, mask_id: uuid.UUID) -> Response:
        """Changes a mask from the revision that the body names, or `If-Match`."""
        user = writing_user(request)
        if tombstone := selectors.tombstone_get(user=user, mask_id=mask_id):
            return stale_response(services.StaleRevision(None, tombstone))
        mask = selectors.mask_get(user=user, mask_id=mask_id)
        data = MaskUpdateSerializer(data=self._with_revision(request.data))
        data.is_valid(raise_exception=True)
        changes = dict(data.validated_data)
        revision = changes.pop("revision")
        try:
            mask = services.mask_update(mask=mask, editor=user, revision=revision, changes=changes)
        except services.StaleRevision as error:
            return self._refused(error)
        return Response(MaskSerializer(mask).data)

    @extend_schema(
        parameters=[AS_USER, RevisionSerializer], responses={204: None, 409: StaleRevisionSerializer}
    )
    def delete(self, request: Request, mask_id: uuid.UUID) -> Response:
        """Deletes this revision of the mask, or the one that `If-Match` names; one that is deleted already stays so, and
        that is a success."""
        user = writing_user(request)
        if selectors.tombstone_get(user=user, mask_id=mask_id):
            return Response(status=204)
        mask = selectors.mask_get(user=user, mask_id=mask_id)
        data = RevisionSerializer(data=self._with_revision(request.query_params))
        data.is_valid(raise_exception=True)
        try:
            services.mask_delete(mask=mask, editor=user, revision=data.validated_data["revision"])
        except services.StaleRevision as error:
            return self._refused(error)
        return Response(status=204)

    def _with_revision(self, sent: Any) -> Any:
        if self.matched is None or not isinstance(sent, Mapping) or "revision" in sent:
            return sent
        return {**{name: sent[name] for name in sent}, "revision": self.matched.strip('"')}

    def _refused(self, error: services.StaleRevision) -> Response:
        """Also for who asked by `If-Match`, and was overtaken after it was compared."""
        tag = f'"{error.current.revision}"' if error.current else None
        if self.matched and tag and tag != self.matched:
            raise PreconditionFailed(tag)
        return stale_response(error)


def stale_response(error: services.StaleRevision) -> Response:
    """Somebody else was first: how things stand now."""
    return Response(
        {"code": error.code, "message": error.message, "extra": stale_extra(error)}, status=error.status
    )
