"""Fairness reports. Who may is in the table of permissions."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.conditional import Conditional
from backend.common.listing import ListingView
from backend.common.paging import NewestCursorPagination
from backend.fairness import selectors, services
from backend.fairness.comparing import compared
from backend.fairness.grouping import grouping_of
from backend.fairness.models import FairnessReport
from backend.fairness.reading import measured_of
from backend.fairness.serializers import (
    FairnessGroupsSerializer,
    FairnessReportSerializer,
    FairnessReportWriteSerializer,
    GroupsQuerySerializer,
)
from backend.projects.selectors import project_get
from backend.users.requests import AS_USER, request_user, writing_user


class ReportListView(ListingView[FairnessReport]):
    pagination_class = NewestCursorPagination
    serializer_class = FairnessReportSerializer
    queryset = FairnessReport.objects.none()

    @extend_schema(responses=FairnessReportSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """Reports on the project's masks, the newest first."""
        project = project_get(user=request_user(request), project_id=project_id)
        return self.page_of(selectors.report_list(project=project), FairnessReportSerializer)

    @extend_schema(
        parameters=[AS_USER],
        request=FairnessReportWriteSerializer,
        responses={201: FairnessReportSerializer, 200: FairnessReportSerializer},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Measures a model by accepted masks; the same id again answers 200 with the report it made."""
        user = writing_user(request)
        project = project_get(user=user, project_id=project_id)
        data = FairnessReportWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        report, is_new = services.report_create(project=project, creator=user, **data.validated_data)
        shown = selectors.report_get(user=user, report_id=report.pk)
        return Response(FairnessReportSerializer(shown).data, status=201 if is_new else 200)


class ReportView(Conditional, APIView):
    @extend_schema(responses=FairnessReportSerializer)
    def get(self, request: Request, fairness_report_id: int) -> Response:
        """One report and how far it is."""
        report = selectors.report_get(user=request_user(request), report_id=fairness_report_id)
        return Response(FairnessReportSerializer(report).data)


class GroupsView(Conditional, APIView):
    @extend_schema(
        operation_id="fairness_reports_groups",
        parameters=[GroupsQuerySerializer],
        responses=FairnessGroupsSerializer,
    )
    def get(self, request: Request, fairness_report_id: int) -> Response:
        """How well the report's model does on groups of masks, with what is measured so far. 400 `fairness.by`,
        `fairness.attribute`."""
        report = selectors.report_get(user=request_user(request), report_id=fairness_report_id)
        query = GroupsQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        by, clicks = query.validated_data["by"], int(query.validated_data["clicks"])
        measured = measured_of(report=report)
        grouping = grouping_of(project=report.project, by=by, measured=measured)
        found = compared(measured=measured, grouping=grouping, clicks=clicks)
        body = {
            **{name: getattr(found, name) for name in ("clicks", "overall", "groups", "warnings")},
            **{name: getattr(found, name) for name in ("pairs", "differing")},
            "by": by,
            "masks": int(grouping.is_asked.sum()),
            "masks_gone": measured.gone,
            "masks_changed": measured.changed,
        }
        return Response(FairnessGroupsSerializer(body).data)
