from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.conditional import Conditional
from backend.common.listing import ListingView
from backend.common.paging import NewestCursorPagination
from backend.idempotency.views import Idempotent
from backend.projects.selectors import project_get
from backend.users.requests import request_user
from backend.webhooks import deliveries, selectors, services
from backend.webhooks.models import Delivery, Webhook
from backend.webhooks.serializers import (
    DeliverySerializer,
    WebhookCreateSerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
    WebhookUpdateSerializer,
)


class WebhookListView(GenericAPIView[Webhook]):
    pagination_class = None
    serializer_class = WebhookSerializer
    filter_backends: list[Any] = []

    @extend_schema(responses=WebhookSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        project = project_get(user=request_user(request), project_id=project_id)
        return Response(WebhookSerializer(selectors.webhook_list(project=project), many=True).data)

    @extend_schema(request=WebhookCreateSerializer, responses={201: WebhookSecretSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        """The answer tells the secret that requests are signed with; no other one does."""
        creator = request_user(request)
        project = project_get(user=creator, project_id=project_id)
        data = WebhookCreateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        webhook = services.webhook_create(project=project, creator=creator, **data.validated_data)
        return Response(WebhookSecretSerializer(webhook).data, status=201)


class WebhookView(Conditional, APIView):
    state_fields = ("url", "description", "events", "is_active")
    held_model = Webhook

    @extend_schema(responses=WebhookSerializer)
    def get(self, request: Request, webhook_id: int) -> Response:
        webhook = selectors.webhook_get(user=request_user(request), webhook_id=webhook_id)
        return Response(WebhookSerializer(webhook).data)

    @extend_schema(request=WebhookUpdateSerializer, responses=WebhookSerializer)
    def patch(self, request: Request, webhook_id: int) -> Response:
        data = WebhookUpdateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        webhook = services.webhook_change(
            webhook_id=webhook_id, editor=request_user(request), changes=data.validated_data
        )
        return Response(WebhookSerializer(webhook).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, webhook_id: int) -> Response:
        services.webhook_delete(webhook_id=webhook_id, editor=request_user(request))
        return Response(status=204)


class RotateView(APIView):
    @extend_schema(request=None, responses=WebhookSecretSerializer)
    def post(self, request: Request, webhook_id: int) -> Response:
        """A new secret, told only here; the present one signs as well for a day."""
        webhook = services.webhook_rotate(webhook_id=webhook_id, editor=request_user(request))
        return Response(WebhookSecretSerializer(webhook).data)


class PingView(Idempotent, APIView):
    @extend_schema(request=None, responses={201: DeliverySerializer})
    def post(self, request: Request, webhook_id: int) -> Response:
        """Sends an event of its own kind, to try the address."""
        delivery = services.webhook_ping(webhook_id=webhook_id, actor=request_user(request))
        return Response(DeliverySerializer(delivery).data, status=201)


class DeliveryListView(ListingView[Delivery]):
    pagination_class = NewestCursorPagination
    serializer_class = DeliverySerializer
    filter_backends: list[Any] = []
    queryset = Delivery.objects.none()

    def get_queryset(self) -> QuerySet[Delivery]:
        user = request_user(self.request)
        webhook = selectors.webhook_get(user=user, webhook_id=self.kwargs["webhook_id"])
        return selectors.delivery_list(webhook=webhook)

    @extend_schema(responses=DeliverySerializer(many=True))
    def get(self, request: Request, webhook_id: int) -> Response:
        """What was and will be delivered, the newest first; kept for a month."""
        return self.page_of(self.get_queryset(), DeliverySerializer)


class RedeliverView(APIView):
    @extend_schema(request=None, responses=DeliverySerializer)
    def post(self, request: Request, delivery_id: int) -> Response:
        """Once more, at once, under the same message id."""
        return Response(DeliverySerializer(deliveries.delivery_redeliver(delivery_id=delivery_id)).data)
