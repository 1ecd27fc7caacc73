from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.idempotency.views import Idempotent
from backend.projects.selectors import project_get
from backend.tags import selectors, services
from backend.tags.models import Tag
from backend.tags.serializers import (
    TaggedSerializer,
    TaggingSerializer,
    TagSerializer,
    TagUpdateSerializer,
    TagWriteSerializer,
)
from backend.users.requests import request_user


class TagListView(Idempotent, GenericAPIView[Tag]):
    pagination_class = None
    serializer_class = TagSerializer
    filter_backends: list[Any] = []

    @extend_schema(responses=TagSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        project = project_get(user=request_user(request), project_id=project_id)
        return Response(TagSerializer(selectors.tag_list(project=project), many=True).data)

    @extend_schema(request=TagWriteSerializer, responses={201: TagSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        project = project_get(user=request_user(request), project_id=project_id)
        data = TagWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        tag = services.tag_create(project=project, actor=request_user(request), **data.validated_data)
        return Response(TagSerializer(tag).data, status=201)


class TagView(APIView):
    @extend_schema(request=TagUpdateSerializer, responses=TagSerializer)
    def patch(self, request: Request, tag_id: int) -> Response:
        tag = selectors.tag_get(user=request_user(request), tag_id=tag_id)
        data = TagUpdateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        tag = services.tag_update(tag=tag, changes=data.validated_data, actor=request_user(request))
        return Response(TagSerializer(tag).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, tag_id: int) -> Response:
        """Takes it from all images too."""
        tag = selectors.tag_get(user=request_user(request), tag_id=tag_id)
        services.tag_delete(tag=tag, actor=request_user(request))
        return Response(status=204)


class TaggingView(APIView):
    @extend_schema(request=TaggingSerializer, responses=TaggedSerializer)
    def post(self, request: Request, project_id: int) -> Response:
        """Gives many images tags and takes others from them. 400 `tag.unknown`, 404 `image.not_found`."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        data = TaggingSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        tagged = services.images_tag(project=project, actor=user, **data.validated_data)
        return Response(TaggedSerializer(tagged).data)
