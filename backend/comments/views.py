import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.comments import selectors, services
from backend.comments.models import Thread
from backend.comments.serializers import (
    CommentSerializer,
    CommentWriteSerializer,
    TextSerializer,
    ThreadSerializer,
    ThreadWriteSerializer,
)
from backend.common.conditional import Conditional
from backend.images.selectors import image_get
from backend.users.requests import AS_USER, request_user, writing_user


def _thread_data(thread_id: uuid.UUID) -> dict[str, object]:
    return ThreadSerializer(selectors.thread_current(thread_id=thread_id)).data


def _comment_data(comment_id: uuid.UUID) -> dict[str, object]:
    return CommentSerializer(selectors.comment_current(comment_id=comment_id)).data


class ThreadListView(GenericAPIView[Thread]):
    pagination_class = None
    filter_backends = []
    serializer_class = ThreadSerializer

    @extend_schema(responses={200: ThreadSerializer(many=True), 304: None})
    def get(self, request: Request, image_id: int) -> Response:
        """The image's threads with their comments. Asked for again and again: 304 while nothing changed.

        The state is read before the threads. A change that comes between is in this answer and told once more by the
        next one.
        """
        image = image_get(user=request_user(request), image_id=image_id)
        tag = f'"{selectors.threads_state(image=image)}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        # Servers on the way may have made it a weak one.
        known = request.headers.get("If-None-Match", "").removeprefix("W/")
        if known == tag:
            return Response(status=304, headers=headers)
        threads = ThreadSerializer(selectors.thread_list(image=image), many=True).data
        return Response(threads, headers=headers)

    @extend_schema(
        parameters=[AS_USER],
        request=ThreadWriteSerializer,
        responses={201: ThreadSerializer, 200: ThreadSerializer},
    )
    def post(self, request: Request, image_id: int) -> Response:
        """Pins a thread with its first comment; the same id again answers 200 with the stored state."""
        user = writing_user(request)
        image = image_get(user=user, image_id=image_id)
        data = ThreadWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        is_new = services.thread_create(image=image, author=user, **data.validated_data)
        return Response(_thread_data(data.validated_data["thread_id"]), status=201 if is_new else 200)


class ThreadView(Conditional, APIView):
    version_field = "version"

    @extend_schema(responses=ThreadSerializer)
    def get(self, request: Request, thread_id: uuid.UUID) -> Response:
        """One thread with its comments."""
        thread = selectors.thread_get(user=request_user(request), thread_id=thread_id)
        return Response(_thread_data(thread.pk))


class CommentListView(APIView):
    @extend_schema(
        parameters=[AS_USER],
        request=CommentWriteSerializer,
        responses={201: CommentSerializer, 200: CommentSerializer},
    )
    def post(self, request: Request, thread_id: uuid.UUID) -> Response:
        """Answers in the thread; the same id again answers 200 with the stored comment."""
        user = writing_user(request)
        thread = selectors.thread_get(user=user, thread_id=thread_id)
        data = CommentWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        is_new = services.comment_create(thread=thread, author=user, **data.validated_data)
        return Response(_comment_data(data.validated_data["comment_id"]), status=201 if is_new else 200)


class CommentView(APIView):
    @extend_schema(parameters=[AS_USER], request=TextSerializer, responses=CommentSerializer)
    def patch(self, request: Request, comment_id: uuid.UUID) -> Response:
        """Changes one's own comment."""
        comment = selectors.comment_get(user=writing_user(request), comment_id=comment_id)
        data = TextSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        services.comment_edit(comment=comment, text=data.validated_data["text"])
        return Response(_comment_data(comment_id))

    @extend_schema(parameters=[AS_USER], responses={204: None})
    def delete(self, request: Request, comment_id: uuid.UUID) -> Response:
        """Takes the text away, and the thread with its last comment; one deleted already stays so."""
        services.comment_delete(
            comment=selectors.comment_get(user=writing_user(request), comment_id=comment_id)
        )
        return Response(status=204)


class ResolveView(APIView):
    @extend_schema(parameters=[AS_USER], request=None, responses=ThreadSerializer)
    def post(self, request: Request, thread_id: uuid.UUID) -> Response:
        """Nothing is left to be done about it."""
        user = writing_user(request)
        services.thread_resolve(thread=selectors.thread_get(user=user, thread_id=thread_id), user=user)
        return Response(_thread_data(thread_id))


class ReopenView(APIView):
    @extend_schema(parameters=[AS_USER], request=None, responses=ThreadSerializer)
    def post(self, request: Request, thread_id: uuid.UUID) -> Response:
        """It was not resolved after all."""
        services.thread_reopen(thread=selectors.thread_get(user=writing_user(request), thread_id=thread_id))
        return Response(_thread_data(thread_id))
