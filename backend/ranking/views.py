"""The order of a project's images. Who may is in the table of permissions."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.projects.selectors import project_get
from backend.ranking.selectors import order_figures
from backend.ranking.serializers import WorkOrderSerializer, WorkOrderWriteSerializer
from backend.ranking.services import order_set
from backend.users.requests import request_user


class OrderView(APIView):
    @extend_schema(operation_id="projects_work_order_retrieve", responses=WorkOrderSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        """The order, and how far it is."""
        project = project_get(user=request_user(request), project_id=project_id)
        return Response(WorkOrderSerializer(order_figures(project=project)).data)

    @extend_schema(
        operation_id="projects_work_order_update",
        request=WorkOrderWriteSerializer,
        responses=WorkOrderSerializer,
    )
    def patch(self, request: Request, project_id: int) -> Response:
        """Chooses the order; what another one ranked is forgotten, and a job ranks anew. The same order again has ranked
        what came since."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        data = WorkOrderWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        order_set(project=project, actor=user, order=data.validated_data["order"])
        return Response(WorkOrderSerializer(order_figures(project=project)).data)
