"""Evaluations. Who may is in the table of permissions."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.conditional import Conditional
from backend.common.listing import ListingView
from backend.common.paging import NewestCursorPagination
from backend.evaluations import selectors, services
from backend.evaluations.models import Evaluation
from backend.evaluations.registry import TASKS
from backend.evaluations.serializers import (
    EvaluationDetailSerializer,
    EvaluationSerializer,
    EvaluationTaskSerializer,
    EvaluationWriteSerializer,
)
from backend.projects.selectors import project_get
from backend.users.requests import AS_USER, request_user, writing_user


class TaskListView(APIView):
    """The experiments a project can be measured by."""

    @extend_schema(operation_id="evaluation_tasks_list", responses=EvaluationTaskSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What each tells, and what may be set; a plain list."""
        return Response(EvaluationTaskSerializer(list(TASKS.values()), many=True).data)


class EvaluationListView(ListingView[Evaluation]):
    pagination_class = NewestCursorPagination
    serializer_class = EvaluationSerializer
    queryset = Evaluation.objects.none()

    @extend_schema(responses=EvaluationSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """The project's evaluations, the newest first."""
        project = project_get(user=request_user(request), project_id=project_id)
        return self.page_of(selectors.evaluation_list(project=project), EvaluationSerializer)

    @extend_schema(
        parameters=[AS_USER],
        request=EvaluationWriteSerializer,
        responses={201: EvaluationSerializer, 200: EvaluationSerializer},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Measures a model on accepted masks; the same id again answers 200 with the evaluation it made."""
        user = writing_user(request)
        project = project_get(user=user, project_id=project_id)
        data = EvaluationWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        made, is_new = services.evaluation_create(project=project, creator=user, **data.validated_data)
        shown = selectors.evaluation_get(user=user, evaluation_id=made.pk)
        return Response(EvaluationSerializer(shown).data, status=201 if is_new else 200)


class EvaluationView(Conditional, APIView):
    @extend_schema(responses=EvaluationDetailSerializer)
    def get(self, request: Request, evaluation_id: int) -> Response:
        """One evaluation with its whole report, or how far it is."""
        found = selectors.evaluation_get(user=request_user(request), evaluation_id=evaluation_id)
        return Response(EvaluationDetailSerializer(found).data)
