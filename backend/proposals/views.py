"""Runs, and what they found. Who may is in the table of permissions."""

import uuid

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.annotations.cutout_views import CUTOUT_PARAMETERS, CUTOUT_RESPONSES, CutoutFileView
from backend.annotations.cutouts import DRAWING
from backend.annotations.judging import Named
from backend.common.conditional import Conditional
from backend.common.listing import ListingView
from backend.common.paging import NewestCursorPagination
from backend.images.selectors import image_get
from backend.projects.selectors import project_get
from backend.proposals import selectors, services
from backend.proposals.deciding import Decider, Decision, image_decide, proposals_decide
from backend.proposals.deciding_serializers import (
    BulkDecisionSerializer,
    DecisionResultsSerializer,
    ImageDecisionsSerializer,
    results_data,
)
from backend.proposals.filters import ProposalFilter
from backend.proposals.models import Proposal, ProposalRun
from backend.proposals.paging import ProposalPagination
from backend.proposals.run_serializers import ProposalRunSerializer, ProposalRunWriteSerializer
from backend.proposals.serializers import ConfidencesSerializer, ProposalSerializer
from backend.users.requests import AS_USER, request_user, writing_user


class RunListView(ListingView[ProposalRun]):
    pagination_class = NewestCursorPagination
    serializer_class = ProposalRunSerializer
    queryset = ProposalRun.objects.none()

    @extend_schema(responses=ProposalRunSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """Runs over the project's images, the newest first."""
        project = project_get(user=request_user(request), project_id=project_id)
        return self.page_of(selectors.run_list(project=project), ProposalRunSerializer)

    @extend_schema(
        parameters=[AS_USER],
        request=ProposalRunWriteSerializer,
        responses={201: ProposalRunSerializer, 200: ProposalRunSerializer},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Starts a run of the project's model; the same id again answers 200 with the run it made."""
        user = writing_user(request)
        project = project_get(user=user, project_id=project_id)
        data = ProposalRunWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        run, is_new = services.run_create(project=project, creator=user, **data.validated_data)
        shown = selectors.run_get(user=user, run_id=run.pk)
        return Response(ProposalRunSerializer(shown).data, status=201 if is_new else 200)


class RunView(Conditional, APIView):
    @extend_schema(responses=ProposalRunSerializer)
    def get(self, request: Request, proposal_run_id: int) -> Response:
        """One run, how far it is, and what became of its proposals."""
        run = selectors.run_get(user=request_user(request), run_id=proposal_run_id)
        return Response(ProposalRunSerializer(run).data)


class ImageProposalsView(GenericAPIView[Proposal]):
    pagination_class = None
    serializer_class = ProposalSerializer
    queryset = Proposal.objects.none()

    @extend_schema(responses=ProposalSerializer(many=True))
    def get(self, request: Request, image_id: int) -> Response:
        """The image's open proposals, the likeliest first."""
        image = image_get(user=request_user(request), image_id=image_id)
        return Response(ProposalSerializer(selectors.image_proposals(image=image), many=True).data)


class ImageDecideView(APIView):
    @extend_schema(
        parameters=[AS_USER], request=ImageDecisionsSerializer, responses=DecisionResultsSerializer
    )
    def post(self, request: Request, image_id: int) -> Response:
        """Rejects open proposals of the image and reopens rejected ones; again changes nothing. To accept one, save a
        mask with its id; to take that back, delete the mask and reopen the proposal."""
        user = writing_user(request)
        image = image_get(user=user, image_id=image_id)
        data = ImageDecisionsSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        results = image_decide(image=image, actor=user, **data.validated_data)
        return Response(results_data(results))


class _ProjectProposals(ListingView[Proposal]):
    serializer_class = ProposalSerializer
    filterset_class = ProposalFilter
    queryset = Proposal.objects.none()

    def get_queryset(self) -> QuerySet[Proposal]:
        if getattr(self, "swagger_fake_view", False):
            return Proposal.objects.none()
        user = request_user(self.request)
        project = project_get(user=user, project_id=self.kwargs["project_id"])
        return selectors.project_proposals(project=project, user=user)


class ProjectProposalsView(_ProjectProposals):
    pagination_class = ProposalPagination

    @extend_schema(operation_id="projects_proposals_list", responses=ProposalSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """Proposals on the images one is shown as the project's."""
        return self.page_of(self.filter_queryset(self.get_queryset()), ProposalSerializer)


class ConfidencesView(_ProjectProposals):
    pagination_class = None

    @extend_schema(
        operation_id="projects_proposals_confidences", filters=True, responses=ConfidencesSerializer
    )
    def get(self, request: Request, project_id: int) -> Response:
        """How many proposals there are by predicted IoU, of those that the filters hold."""
        proposals = self.filter_queryset(self.get_queryset())
        return Response(ConfidencesSerializer(selectors.confidences(proposals=proposals)).data)


class ProjectDecideView(APIView):
    @extend_schema(
        operation_id="projects_proposals_decide",
        parameters=[AS_USER],
        request=BulkDecisionSerializer,
        responses=DecisionResultsSerializer,
    )
    def post(self, request: Request, project_id: int) -> Response:
        """One decision about up to 500 proposals; again changes nothing. What is refused on one image is done on the
        others. For more there is a job of the kind `decide_proposals`."""
        user = writing_user(request)
        project = project_get(user=user, project_id=project_id)
        data = BulkDecisionSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        label = Named(project.pk).label(values.get("label_id"))
        decider = Decider(user, Decision(values["decision"]), label)
        results = proposals_decide(project=project, decider=decider, ids=values["ids"])
        return Response(results_data(results))


class CutoutView(CutoutFileView):
    @extend_schema(parameters=CUTOUT_PARAMETERS, responses=CUTOUT_RESPONSES)
    def get(self, request: Request, proposal_id: uuid.UUID) -> HttpResponse:
        """The proposal with some of its surroundings, its outline drawn; at most 320 pixels wide and high."""
        proposal = selectors.proposal_get(user=request_user(request), proposal_id=proposal_id)
        # What it looks like never changes.
        return self.answer(request, proposal, tag=f"{proposal.pk.hex}-{DRAWING}", is_lasting=True)
