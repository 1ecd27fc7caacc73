"""Consensus rounds and their resolution. Who may is in the table of permissions."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.conditional import Conditional
from backend.common.filters import KeyFilter
from backend.common.listing import ListingView
from backend.common.paging import NewestCursorPagination
from backend.idempotency.views import Idempotent
from backend.images.selectors import image_get
from backend.projects.models import Project
from backend.projects.selectors import project_get
from backend.quality import ground_truth, resolving, rounds, selectors
from backend.quality.models import ConsensusImage, ConsensusRound, GroundTruth, GroundTruthScore
from backend.quality.serializers import (
    ConsensusImageDetailSerializer,
    ConsensusImageSerializer,
    GroundTruthSerializer,
    PersonAgreementSerializer,
    QualitySettingsSerializer,
    ResolveSerializer,
    RoundSerializer,
    RoundWriteSerializer,
    ScoreSerializer,
)
from backend.users.requests import request_user


def _rounds_data(found: list[ConsensusRound]) -> Any:
    context = {"annotators": selectors.annotators_of(rounds=found)}
    return RoundSerializer(found, many=True, context=context).data


def _round_data(request: Request, round_id: int) -> Any:
    return _rounds_data([selectors.round_get(user=request_user(request), round_id=round_id)])[0]


def _image_data(request: Request, consensus_image_id: int) -> Any:
    user = request_user(request)
    row = selectors.consensus_image_get(user=user, consensus_image_id=consensus_image_id)
    context = {"detail": selectors.consensus_detail(row=row)}
    return ConsensusImageDetailSerializer(row, context=context).data


class RoundListView(Idempotent, GenericAPIView[ConsensusRound]):
    pagination_class = NewestCursorPagination
    serializer_class = RoundSerializer
    queryset = ConsensusRound.objects.none()

    def get_queryset(self) -> QuerySet[ConsensusRound]:
        project = project_get(user=request_user(self.request), project_id=self.kwargs["project_id"])
        return selectors.round_list(project=project)

    @extend_schema(responses=RoundSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """The project's consensus rounds, the newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(_rounds_data(page))

    @extend_schema(request=RoundWriteSerializer, responses={201: RoundSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        """Begins a round. 400 `consensus.images`, `consensus.annotators`."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        data = RoundWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        made = rounds.round_create(project=project, actor=user, **data.validated_data)
        return Response(_round_data(request, made.pk), status=201)


class RoundView(Conditional, APIView):
    @extend_schema(responses=RoundSerializer)
    def get(self, request: Request, round_id: int) -> Response:
        return Response(_round_data(request, round_id))


class RoundCloseView(APIView):
    @extend_schema(request=None, responses=RoundSerializer)
    def post(self, request: Request, round_id: int) -> Response:
        """Waits for nobody any more who has not begun."""
        user = request_user(request)
        found = selectors.round_get(user=user, round_id=round_id)
        rounds.round_close(consensus_round=found, actor=user)
        return Response(_round_data(request, round_id))


class RoundImagesView(ListingView[ConsensusImage]):
    serializer_class = ConsensusImageSerializer
    queryset = ConsensusImage.objects.none()

    @extend_schema(responses=ConsensusImageSerializer(many=True))
    def get(self, request: Request, round_id: int) -> Response:
        """The round's images with their agreement."""
        found = selectors.round_get(user=request_user(request), round_id=round_id)
        return self.page_of(selectors.round_images(consensus_round=found), ConsensusImageSerializer)


class ConsensusImageView(APIView):
    @extend_schema(responses=ConsensusImageDetailSerializer)
    def get(self, request: Request, consensus_image_id: int) -> Response:
        """What each annotator submitted, how it agrees, and what a merge would make of it."""
        return Response(_image_data(request, consensus_image_id))


class ResolveView(APIView):
    @extend_schema(request=ResolveSerializer, responses=ConsensusImageDetailSerializer)
    def post(self, request: Request, consensus_image_id: int) -> Response:
        """Writes one annotator's masks, or all in common, to the image. 409 `consensus.state`, `consensus.changed`."""
        user = request_user(request)
        row = selectors.consensus_image_get(user=user, consensus_image_id=consensus_image_id)
        data = ResolveSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        wanted = data.validated_data
        resolving.consensus_resolve(
            consensus_image=row,
            actor=user,
            way=ConsensusImage.Way(wanted["way"]),
            annotator_id=wanted.get("annotator"),
            objects=wanted.get("objects"),
            accept=wanted["accept"],
        )
        return Response(_image_data(request, consensus_image_id))


class ReopenView(APIView):
    @extend_schema(
        operation_id="consensus_images_reopen", request=None, responses=ConsensusImageDetailSerializer
    )
    def post(self, request: Request, consensus_image_id: int) -> Response:
        """Takes the resolution back. 409 `consensus.state`, `consensus.accepted`."""
        user = request_user(request)
        row = selectors.consensus_image_get(user=user, consensus_image_id=consensus_image_id)
        resolving.consensus_reopen(consensus_image=row, actor=user)
        return Response(_image_data(request, consensus_image_id))


class TruthListView(ListingView[GroundTruth]):
    serializer_class = GroundTruthSerializer
    queryset = GroundTruth.objects.none()

    @extend_schema(responses=GroundTruthSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """The images whose truth is known."""
        project = project_get(user=request_user(request), project_id=project_id)
        return self.page_of(selectors.truth_list(project=project), GroundTruthSerializer)


class TruthView(APIView):
    @extend_schema(request=None, responses=QualitySettingsSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        """The image's masks are the truth from now on. 409 `ground_truth.not_accepted`, `work.held`."""
        user = request_user(request)
        image = image_get(user=user, image_id=image_id)
        ground_truth.truth_mark(image=image, actor=user)
        return Response(selectors.quality_settings(project=image.project))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, image_id: int) -> Response:
        """An ordinary image again."""
        user = request_user(request)
        ground_truth.truth_unmark(image=image_get(user=user, image_id=image_id), actor=user)
        return Response(status=204)


class QualitySettingsView(Conditional, APIView):
    state_fields = ("ground_truth_rate",)
    held_model = Project

    @extend_schema(responses=QualitySettingsSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        project = project_get(user=request_user(request), project_id=project_id)
        return Response(selectors.quality_settings(project=project))

    @extend_schema(request=QualitySettingsSerializer, responses=QualitySettingsSerializer)
    def patch(self, request: Request, project_id: int) -> Response:
        """How often an image whose truth is known is handed out."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        data = QualitySettingsSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        ground_truth.settings_set(project=project, actor=user, **data.validated_data)
        return Response(selectors.quality_settings(project=project))


class ScoreFilter(django_filters.FilterSet):
    annotator = KeyFilter(field_name="annotator", label="Id of the person.")

    class Meta:
        model = GroundTruthScore
        fields = ["annotator"]


class ScoreListView(ListingView[GroundTruthScore]):
    pagination_class = NewestCursorPagination
    serializer_class = ScoreSerializer
    filterset_class = ScoreFilter
    queryset = GroundTruthScore.objects.none()

    def get_queryset(self) -> QuerySet[GroundTruthScore]:
        if getattr(self, "swagger_fake_view", False):
            return GroundTruthScore.objects.none()
        project = project_get(user=request_user(self.request), project_id=self.kwargs["project_id"])
        return selectors.score_list(project=project)

    @extend_schema(responses=ScoreSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """What annotators reached on images whose truth is known, the newest first."""
        return self.page_of(self.filter_queryset(self.get_queryset()), ScoreSerializer)


class AgreementView(GenericAPIView[Any]):
    pagination_class = None
    serializer_class = PersonAgreementSerializer
    queryset = ConsensusImage.objects.none()

    @extend_schema(responses=PersonAgreementSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """How people's masks agree with others' and with the truth; of members of whom something is known."""
        project = project_get(user=request_user(request), project_id=project_id)
        people = selectors.agreement_by_person(project=project)
        return Response(PersonAgreementSerializer(people, many=True).data)
