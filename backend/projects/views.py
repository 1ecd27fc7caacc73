from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.conditional import Conditional
from backend.common.paging import NewestCursorPagination
from backend.idempotency.views import Idempotent
from backend.projects import selectors, services
from backend.projects.models import Label, Project
from backend.projects.serializers import (
    LabelSerializer,
    LabelUpdateSerializer,
    LabelWriteSerializer,
    ProjectDetailSerializer,
    ProjectSerializer,
    ProjectUpdateSerializer,
    ProjectWriteSerializer,
)
from backend.users.requests import request_user


def _projects_data(projects: list[Project], request: Request) -> Any:
    figures = selectors.project_figures(projects=projects, user=request_user(request))
    return ProjectSerializer(projects, many=True, context={"figures": figures}).data


def _project_data(project: Project, request: Request) -> Any:
    figures = selectors.project_figures(projects=[project], user=request_user(request))
    return ProjectDetailSerializer(project, context={"figures": figures}).data


def _label_data(label: Label, request: Request) -> Any:
    return LabelSerializer(selectors.label_get(user=request_user(request), label_id=label.pk)).data


class ProjectListView(Idempotent, GenericAPIView[Project]):
    pagination_class = NewestCursorPagination
    serializer_class = ProjectSerializer
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Project]:
        return selectors.project_list(user=request_user(self.request)).defer("guidelines")

    @extend_schema(responses=ProjectSerializer(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(_projects_data(page, request))

    @extend_schema(request=ProjectWriteSerializer, responses={201: ProjectDetailSerializer, 409: None})
    def post(self, request: Request) -> Response:
        data = ProjectWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        project = services.project_create(owner=request_user(request), **data.validated_data)
        return Response(_project_data(project, request), status=201)


class ProjectView(Conditional, APIView):
    state_fields = ("name", "description", "licence_note", "guidelines", *services.RULES, "model")
    held_model = Project

    @extend_schema(responses=ProjectDetailSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        project = selectors.project_get(user=request_user(request), project_id=project_id)
        return Response(_project_data(project, request))

    @extend_schema(request=ProjectUpdateSerializer, responses=ProjectDetailSerializer)
    def patch(self, request: Request, project_id: int) -> Response:
        project = selectors.project_get(user=request_user(request), project_id=project_id)
        data = ProjectUpdateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        project = services.project_update(
            project=project, changes=data.validated_data, actor=request_user(request)
        )
        return Response(_project_data(project, request))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: int) -> Response:
        project = selectors.project_get(user=request_user(request), project_id=project_id)
        services.project_delete(project=project)
        return Response(status=204)


class LabelListView(Idempotent, GenericAPIView[Label]):
    pagination_class = None
    serializer_class = LabelSerializer
    filter_backends: list[Any] = []

    @extend_schema(responses=LabelSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        project = selectors.project_get(user=request_user(request), project_id=project_id)
        return Response(LabelSerializer(selectors.label_list(project=project), many=True).data)

    @extend_schema(request=LabelWriteSerializer, responses={201: LabelSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        project = selectors.project_get(user=request_user(request), project_id=project_id)
        data = LabelWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        label = services.label_create(project=project, actor=request_user(request), **data.validated_data)
        return Response(_label_data(label, request), status=201)


class LabelView(Conditional, APIView):
    state_fields = ("name", "supercategory", "color", "attributes")
    held_model = Label

    @extend_schema(responses=LabelSerializer)
    def get(self, request: Request, label_id: int) -> Response:
        label = selectors.label_get(user=request_user(request), label_id=label_id)
        return Response(LabelSerializer(label).data)

    @extend_schema(request=LabelUpdateSerializer, responses=LabelSerializer)
    def patch(self, request: Request, label_id: int) -> Response:
        label = selectors.label_get(user=request_user(request), label_id=label_id)
        data = LabelUpdateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        label = services.label_update(label=label, changes=data.validated_data, actor=request_user(request))
        return Response(_label_data(label, request))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, label_id: int) -> Response:
        label = selectors.label_get(user=request_user(request), label_id=label_id)
        services.label_delete(label=label, actor=request_user(request))
        return Response(status=204)
