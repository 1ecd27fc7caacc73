from dataclasses import asdict

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.conditional import Conditional
from backend.common.listing import ListingView
from backend.common.paging import NewestCursorPagination
from backend.embeddings.selectors import model_embedding_counts
from backend.projects.models import Project
from backend.projects.selectors import project_get, waiting_seconds
from backend.training import selectors, services
from backend.training.models import TrainingRun
from backend.training.serializers import (
    MaterialQuerySerializer,
    MaterialSerializer,
    ProjectModelSerializer,
    PromoteSerializer,
    TrainingRunDetailSerializer,
    TrainingRunSerializer,
    TrainingRunWriteSerializer,
)
from backend.users.requests import AS_USER, request_user, writing_user

CHANGES_SHOWN = 50


class TrainingRunListView(ListingView[TrainingRun]):
    pagination_class = NewestCursorPagination
    serializer_class = TrainingRunSerializer
    queryset = TrainingRun.objects.none()

    def get_queryset(self) -> QuerySet[TrainingRun]:
        project = project_get(user=request_user(self.request), project_id=self.kwargs["project_id"])
        return selectors.run_list(project=project).defer("curve")

    @extend_schema(responses=TrainingRunSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """Retrainings that were started in the project, the newest first."""
        return self.page_of(self.get_queryset(), TrainingRunSerializer)

    @extend_schema(
        parameters=[AS_USER],
        request=TrainingRunWriteSerializer,
        responses={201: TrainingRunDetailSerializer, 200: TrainingRunDetailSerializer},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Retrains the project's model from accepted masks; the same id again answers 200 with the run it made."""
        user = writing_user(request)
        project = project_get(user=user, project_id=project_id)
        data = TrainingRunWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        run, is_new = services.run_create(project=project, creator=user, **data.validated_data)
        shown = selectors.run_get(user=user, run_id=run.pk)
        return Response(TrainingRunDetailSerializer(shown).data, status=201 if is_new else 200)


class MaterialView(APIView):
    @extend_schema(
        operation_id="projects_training_material",
        parameters=[MaterialQuerySerializer],
        responses=MaterialSerializer,
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Accepted images and masks that a retraining would learn from and be measured by now, and how many it needs."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        query = MaterialQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        others = services.projects_managed(user, set(query.validated_data["projects"]) - {project.pk})
        material = selectors.material_of(project=project, projects=[project, *others], is_dealt=False)
        body = {
            **asdict(material),
            "train_masks_needed": services.TRAIN_MASKS_NEEDED,
            "val_masks_needed": services.VAL_MASKS_NEEDED,
        }
        return Response(MaterialSerializer(body).data)


class TrainingRunView(Conditional, APIView):
    @extend_schema(responses=TrainingRunDetailSerializer)
    def get(self, request: Request, training_run_id: int) -> Response:
        """One retraining with its curve."""
        run = selectors.run_get(user=request_user(request), run_id=training_run_id)
        return Response(TrainingRunDetailSerializer(run).data)


class PromoteView(APIView):
    @extend_schema(parameters=[AS_USER], request=PromoteSerializer, responses=ProjectModelSerializer)
    def post(self, request: Request, training_run_id: int) -> Response:
        """Gives the project the model that came of the training. 409 `training.worse` for one that is not better than
        the one it came from, unless `even_if_worse`."""
        user = writing_user(request)
        data = PromoteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        run = selectors.run_get(user=user, run_id=training_run_id)
        return _model_answer(services.run_promote(run=run, actor=user, **data.validated_data))


class ProjectModelView(Conditional, APIView):
    @extend_schema(responses=ProjectModelSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        """The project's model, how far its images are with it, and those it had before."""
        return _model_answer(project_get(user=request_user(request), project_id=project_id))


class RollBackView(APIView):
    @extend_schema(parameters=[AS_USER], request=None, responses=ProjectModelSerializer)
    def post(self, request: Request, project_id: int) -> Response:
        """Gives the project the model it had before the latest change; once more, the one before that."""
        user = writing_user(request)
        project = project_get(user=user, project_id=project_id)
        return _model_answer(services.model_roll_back(project=project, actor=user))


def _model_answer(project: Project) -> Response:
    counts = model_embedding_counts(project=project)
    waiting = counts["queued"] + counts["running"]
    body = {
        "model": project.model,
        "embeddings": {**counts, "eta_seconds": waiting_seconds(project=project, waiting=waiting)},
        "previous": selectors.model_before(project=project),
        "history": selectors.model_changes(project=project)[:CHANGES_SHOWN],
    }
    return Response(ProjectModelSerializer(body).data)
