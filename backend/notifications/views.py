from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.listing import ListingView
from backend.common.paging import NewestCursorPagination
from backend.notifications import selectors, services
from backend.notifications.models import Notification
from backend.notifications.serializers import NotificationSerializer, ReadSerializer, UnreadSerializer
from backend.users.requests import AS_USER, request_user, writing_user


class NotificationListView(ListingView[Notification]):
    pagination_class = NewestCursorPagination
    serializer_class = NotificationSerializer
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Notification]:
        return selectors.notification_list(user=request_user(self.request))

    @extend_schema(responses=NotificationSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What one was told, newest first."""
        return self.page_of(self.get_queryset(), NotificationSerializer)


class UnreadCountView(APIView):
    @extend_schema(responses=UnreadSerializer)
    def get(self, request: Request) -> Response:
        """How many one has not read; cheap enough to be asked for again and again."""
        return Response({"unread_count": selectors.unread_count(user=request_user(request))})


class ReadView(APIView):
    @extend_schema(parameters=[AS_USER], request=ReadSerializer, responses=UnreadSerializer)
    def post(self, request: Request) -> Response:
        """Marks some of one's own as read, or all; how many are left."""
        user = writing_user(request)
        data = ReadSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        services.notifications_read(user=user, ids=data.validated_data.get("ids"))
        return Response({"unread_count": selectors.unread_count(user=user)})
