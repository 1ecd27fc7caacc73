"""The embeddings of a whole project, as one piece of work that people watch, stop and start again."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.embeddings.models import Embedding
from backend.embeddings.selectors import project_failures
from backend.embeddings.settling import CANCELLED, project_embeddings_cancel, project_embeddings_retry
from backend.projects.models import Project
from backend.projects.selectors import project_embedding_figures, project_get
from backend.users.models import User
from backend.users.requests import AS_USER, request_user, writing_user

FAILURES_SHOWN = 50


class EmbeddingFailureSerializer(serializers.Serializer[Any]):
    image = serializers.IntegerField(source="pk")
    file_name = serializers.CharField()
    error_code = serializers.CharField(source="embedding.error_code")
    error_message = serializers.CharField(source="embedding.error_message")
    at = serializers.DateTimeField(source="embedding.queued_at")


class ProjectEmbeddingsSerializer(serializers.Serializer[Any]):
    """Images by the state of their embedding; `cancelled` are failed ones, counted apart."""

    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    ready = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    eta_seconds = serializers.FloatField(allow_null=True, help_text="Null before the first one is ready.")
    failures = EmbeddingFailureSerializer(many=True, help_text="The latest 50, those cancelled left out.")


def _answer(project: Project) -> Response:
    counts, eta = project_embedding_figures(project=project)
    failed = project_failures(project=project)
    cancelled = failed.filter(embedding__error_code=CANCELLED).count() if counts["failed"] else 0
    shown = failed.exclude(embedding__error_code=CANCELLED)[:FAILURES_SHOWN] if counts["failed"] else []
    body = {
        **counts,
        "failed": max(0, counts[Embedding.State.FAILED] - cancelled),
        "cancelled": cancelled,
        "eta_seconds": eta,
        "failures": shown,
    }
    return Response(ProjectEmbeddingsSerializer(body).data)


def _project(user: User, project_id: int) -> Project:
    return project_get(user=user, project_id=project_id)


class ProjectEmbeddingsView(APIView):
    @extend_schema(operation_id="projects_embeddings", responses=ProjectEmbeddingsSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        """How far the project's embeddings are, and what failed of them."""
        return _answer(_project(request_user(request), project_id))


class ProjectEmbeddingsCancelView(APIView):
    @extend_schema(parameters=[AS_USER], request=None, responses=ProjectEmbeddingsSerializer)
    def post(self, request: Request, project_id: int) -> Response:
        """What waits for this project alone waits no longer; what runs is finished."""
        user = writing_user(request)
        project = _project(user, project_id)
        project_embeddings_cancel(project=project, by=str(user))
        return _answer(project)


class ProjectEmbeddingsRetryView(APIView):
    @extend_schema(parameters=[AS_USER], request=None, responses=ProjectEmbeddingsSerializer)
    def post(self, request: Request, project_id: int) -> Response:
        """What failed or was cancelled is queued again."""
        project = _project(writing_user(request), project_id)
        project_embeddings_retry(project=project)
        return _answer(project)
