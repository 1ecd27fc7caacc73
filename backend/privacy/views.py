from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.conditional import Conditional
from backend.privacy.selectors import privacy_of
from backend.privacy.serializers import PrivacySerializer, PrivacyUpdateSerializer
from backend.privacy.services import privacy_set
from backend.projects.models import Project
from backend.projects.selectors import project_get
from backend.users.requests import request_user


class PrivacyView(Conditional, APIView):
    held_model = Project

    @extend_schema(responses=PrivacySerializer)
    def get(self, request: Request, project_id: int) -> Response:
        project = project_get(user=request_user(request), project_id=project_id)
        return Response(PrivacySerializer(privacy_of(project=project)).data)

    @extend_schema(request=PrivacyUpdateSerializer, responses=PrivacySerializer)
    def patch(self, request: Request, project_id: int) -> Response:
        """For images that come from now on; those that are here stay as they are. 503 `privacy.detector_failed`."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        data = PrivacyUpdateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        privacy = privacy_set(project=project, actor=user, changes=data.validated_data)
        return Response(PrivacySerializer(privacy).data)
