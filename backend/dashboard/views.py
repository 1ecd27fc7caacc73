from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from backend.dashboard import serializers
from backend.dashboard.activity import activity
from backend.dashboard.engine import engine
from backend.dashboard.naming import Dimension
from backend.dashboard.renderers import CsvRenderer
from backend.dashboard.scopes import Scope, project_ids_visible
from backend.dashboard.storage import storage
from backend.dashboard.work import reviews, statuses
from backend.projects.selectors import project_get
from backend.users.requests import request_user


class _DashboardView(APIView):
    """A table of one project, or across those whose dashboards one may see; as JSON or, with `format=csv`, as CSV."""

    renderer_classes = [JSONRenderer, CsvRenderer]
    query_serializer: ClassVar[type[Serializer[Any]]]
    row_serializer: ClassVar[type[Serializer[Any]]]
    name: ClassVar[str]

    def asked(self, request: Request, project_id: int | None) -> tuple[Scope, dict[str, Any]]:
        """Of what, and the rest of the query."""
        query = self.query_serializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        values = dict(query.validated_data)
        wanted = values.pop("project", [])
        ids = (
            [project_id]
            if project_id is not None
            else project_ids_visible(user=request_user(request), wanted=wanted)
        )
        return Scope(ids, values.pop("since", None), values.pop("until", None)), values

    def csv_columns(self) -> list[str]:
        return list(self.row_serializer().get_fields())

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(response, "exception", False) or request.method == "OPTIONS":
            # A refusal is no table, nor is what the endpoint says of itself.
            request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(request.accepted_renderer, CsvRenderer):
            response["Content-Disposition"] = f'attachment; filename="{self.name}.csv"'
        return response


def _documented(query: type[Serializer[Any]], answer: type[Serializer[Any]]) -> Any:
    return extend_schema(
        parameters=[query],
        # 404 where a project that is asked for shows one no dashboard.
        responses={(200, "application/json"): answer, (200, "text/csv"): OpenApiTypes.STR, 404: None},
    )


class ProjectActivityView(_DashboardView):
    """Masks that are there now, by the day they were made on."""

    query_serializer: ClassVar[type[Serializer[Any]]] = serializers.ProjectActivityQuerySerializer
    row_serializer = serializers.ActivityRowSerializer
    name = "activity"

    @_documented(serializers.ProjectActivityQuerySerializer, serializers.ActivitySerializer)
    def get(self, request: Request, project_id: int | None = None) -> Response:
        scope, values = self.asked(request, project_id)
        filters = {
            dimension: serializers.key_value(values[dimension])
            for dimension in (Dimension.PERSON, Dimension.LABEL, Dimension.MODEL)
            if dimension in values
        }
        if "stage" in values:
            filters[Dimension.STAGE] = values["stage"]
        split = Dimension(values["split"]) if "split" in values else None
        found = activity(
            scope=scope,
            by=Dimension(values["by"]),
            split=split,
            filters=filters,
            merges=project_id is None,
        )
        return Response(found)


class ActivityView(ProjectActivityView):
    query_serializer = serializers.ActivityQuerySerializer

    @_documented(serializers.ActivityQuerySerializer, serializers.ActivitySerializer)
    def get(self, request: Request, project_id: None = None) -> Response:
        return super().get(request)


class ProjectStatusesView(_DashboardView):
    """Images by status at the end of each day."""

    query_serializer: ClassVar[type[Serializer[Any]]] = serializers.PeriodSerializer
    row_serializer = serializers.StatusRowSerializer
    name = "statuses"

    @_documented(serializers.PeriodSerializer, serializers.StatusesSerializer)
    def get(self, request: Request, project_id: int | None = None) -> Response:
        scope, _ = self.asked(request, project_id)
        return Response(statuses(scope=scope))


class StatusesView(ProjectStatusesView):
    query_serializer = serializers.PeriodsSerializer

    @_documented(serializers.PeriodsSerializer, serializers.StatusesSerializer)
    def get(self, request: Request, project_id: None = None) -> Response:
        return super().get(request)


class ProjectReviewsView(_DashboardView):
    """What people did with images: begun, submitted, accepted, rejected."""

    query_serializer: ClassVar[type[Serializer[Any]]] = serializers.ProjectReviewQuerySerializer
    row_serializer = serializers.ReviewRowSerializer
    name = "reviews"

    @_documented(serializers.ProjectReviewQuerySerializer, serializers.ReviewsSerializer)
    def get(self, request: Request, project_id: int | None = None) -> Response:
        scope, values = self.asked(request, project_id)
        filters = {
            dimension: serializers.key_value(values[dimension])
            for dimension in (Dimension.AUTHOR, Dimension.REVIEWER)
            if dimension in values
        }
        return Response(reviews(scope=scope, by=Dimension(values["by"]), filters=filters))


class ReviewsView(ProjectReviewsView):
    query_serializer = serializers.ReviewQuerySerializer

    @_documented(serializers.ReviewQuerySerializer, serializers.ReviewsSerializer)
    def get(self, request: Request, project_id: None = None) -> Response:
        return super().get(request)


class ProjectStorageView(_DashboardView):
    """Bytes of the files of images, of those that came on some days where these are given."""

    query_serializer: ClassVar[type[Serializer[Any]]] = serializers.PeriodSerializer
    row_serializer = serializers.StorageRowSerializer
    name = "storage"

    @_documented(serializers.PeriodSerializer, serializers.StorageSerializer)
    def get(self, request: Request, project_id: int | None = None) -> Response:
        scope, _ = self.asked(request, project_id)
        return Response(storage(scope=scope))


class StorageView(ProjectStorageView):
    query_serializer = serializers.PeriodsSerializer

    @_documented(serializers.PeriodsSerializer, serializers.StorageSerializer)
    def get(self, request: Request, project_id: None = None) -> Response:
        return super().get(request)


class ProjectEngineView(_DashboardView):
    """The data engine round by round: a round begins when the project gets another model."""

    query_serializer: ClassVar[type[Serializer[Any]]] = Serializer
    row_serializer = serializers.EngineRowSerializer
    name = "engine"

    @extend_schema(
        responses={
            (200, "application/json"): serializers.EngineSerializer,
            (200, "text/csv"): OpenApiTypes.STR,
        }
    )
    def get(self, request: Request, project_id: int) -> Response:
        project = project_get(user=request_user(request), project_id=project_id)
        return Response(engine(project=project))
