"""The work on images, by what people do with it. Who may is in the table of permissions."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.images.models import Image
from backend.images.selectors import image_get
from backend.images.serializers import WorkSerializer
from backend.projects.models import Project
from backend.projects.selectors import project_get
from backend.users.models import User
from backend.users.requests import request_user
from backend.work import assigning, handing, leases, pulling, reviewing, selectors
from backend.work.models import WorkItem
from backend.work.serializers import (
    AssignedSerializer,
    AssignSerializer,
    FiguresSerializer,
    NextSerializer,
    ReasonSerializer,
    SkipReasonSerializer,
    WorkDetailSerializer,
)


class ProjectWorkView(APIView):
    @extend_schema(responses=FiguresSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        """The project's images by status, in all and by whose they are."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        figures = selectors.work_figures(project=project, user=user)
        return Response(FiguresSerializer(figures).data)


class _NextView(APIView):
    """Gives the person an image."""

    find: ClassVar[Callable[..., WorkItem | None]]

    @extend_schema(request=None, responses=NextSerializer)
    def post(self, request: Request, project_id: int) -> Response:
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        item = type(self).find(project=project, user=user)
        return Response({"image_id": item.pk if item else None})


class NextImageView(_NextView):
    """The image to label next; nobody else is given it while one works on it."""

    find = staticmethod(pulling.work_next)


class NextReviewView(_NextView):
    """The submitted image to review next; nobody else is given it while one looks at it."""

    find = staticmethod(pulling.review_next)


class AssignView(APIView):
    @extend_schema(request=AssignSerializer, responses=AssignedSerializer)
    def post(self, request: Request, project_id: int) -> Response:
        """Gives images to people, or back to everybody. 400 `work.assignee` for somebody who may not label."""
        user = request_user(request)
        project = project_get(user=user, project_id=project_id)
        data = AssignSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        chosen = data.validated_data
        assigned = assigning.work_assign(
            project=project,
            images=_chosen(project, chosen),
            people=chosen["user_ids"],
            order=assigning.Order(chosen["order"]),
            actor=user,
        )
        given = [{"user_id": user_id, "count": count} for user_id, count in assigned.by_user.items()]
        body = {"assigned": assigned.assigned, "passed_over": assigned.passed_over, "given": given}
        return Response(AssignedSerializer(body).data)


def _chosen(project: Project, chosen: dict[str, Any]) -> QuerySet[WorkItem]:
    items = WorkItem.objects.filter(project=project, is_replica=False)
    if "image_ids" in chosen:
        items = items.filter(pk__in=chosen["image_ids"])
    if "status" in chosen:
        items = items.filter(status__in=chosen["status"])
    if "assignee" in chosen:
        items = items.filter(assignee=chosen["assignee"])
    if "limit" in chosen:
        by_rank = items.order_by(F("rank").asc(nulls_last=True), "pk")
        first = by_rank.values_list("pk", flat=True)[: chosen["limit"]]
        items = WorkItem.objects.filter(pk__in=list(first))
    return items


class ImageWorkView(APIView):
    @extend_schema(responses=WorkDetailSerializer)
    def get(self, request: Request, image_id: int) -> Response:
        """The work on the image and what people did with it, oldest first."""
        image = image_get(user=request_user(request), image_id=image_id)
        context = {"changes": selectors.status_changes(image=image), "skips": selectors.skips(image=image)}
        return Response(WorkDetailSerializer(selectors.work_get(image=image), context=context).data)


class _StepView(APIView):
    """Something people do with an image as a whole."""

    def answer(
        self, request: Request, image_id: int, step: Callable[..., WorkItem], **words: str
    ) -> Response:
        user: User = request_user(request)
        image: Image = image_get(user=user, image_id=image_id)
        step(image=image, user=user, **words)
        return Response(WorkSerializer(selectors.work_get(image=image)).data)


class LeaseView(_StepView):
    @extend_schema(request=None, responses=WorkSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        """A sign of life: who works on the image, or reviews it, keeps it. Says how things stand."""
        return self.answer(request, image_id, leases.lease_renew)


class SubmitView(_StepView):
    @extend_schema(request=None, responses=WorkSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        """The image is done and waits for a review. 409 `work.transition`."""
        return self.answer(request, image_id, handing.work_submit)


class WithdrawView(_StepView):
    @extend_schema(request=None, responses=WorkSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        """Takes back what was submitted and not yet reviewed. 409 `work.transition`."""
        return self.answer(request, image_id, handing.work_withdraw)


class SkipView(_StepView):
    @extend_schema(request=SkipReasonSerializer, responses=WorkSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        """Passes the image over: others are given it, not oneself again. 409 `work.transition`."""
        data = SkipReasonSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        return self.answer(request, image_id, handing.work_skip, reason=data.validated_data["reason"])


class AcceptView(_StepView):
    @extend_schema(request=None, responses=WorkSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        """The image's masks are good; from now on only reviewers change them. 409 `work.transition`."""
        return self.answer(request, image_id, reviewing.work_accept)


class RejectView(_StepView):
    @extend_schema(request=ReasonSerializer, responses=WorkSerializer)
    def post(self, request: Request, image_id: int) -> Response:
        """The image goes back to its author with the reason. 409 `work.transition`."""
        data = ReasonSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        return self.answer(request, image_id, reviewing.work_reject, reason=data.validated_data["reason"])
