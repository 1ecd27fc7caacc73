"""Tokens for scripts: getting one with a password, managing them when logged in."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle
from rest_framework.views import APIView

from backend.users import tokens
from backend.users.models import ApiToken
from backend.users.requests import present_user
from backend.users.serializers import CredentialsSerializer
from backend.users.token_serializers import (
    ApiTokenCreatedSerializer,
    ApiTokenSerializer,
    ApiTokenWriteSerializer,
    ScriptTokenSerializer,
)
from backend.users.views import user_by_credentials


class TokenView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "login"

    @extend_schema(request=CredentialsSerializer, responses=ScriptTokenSerializer)
    def post(self, request: Request) -> Response:
        """A new token that writes, named "auth/token" and valid for 90 days; every call makes another one."""
        return Response({"token": tokens.token_create_for_script(user=user_by_credentials(request))})


class TokenListView(GenericAPIView[ApiToken]):
    pagination_class = None
    serializer_class = ApiTokenSerializer
    filter_backends: list[Any] = []
    throttle_scope = "login"

    def get_throttles(self) -> list[BaseThrottle]:
        # Looking at them may be done as often as one likes.
        return [ScopedRateThrottle()] if self.request.method == "POST" else []

    @extend_schema(responses={200: ApiTokenSerializer(many=True), 403: None})
    def get(self, request: Request) -> Response:
        found = tokens.token_list(user=present_user(request))
        return Response(ApiTokenSerializer(found, many=True).data)

    @extend_schema(request=ApiTokenWriteSerializer, responses={201: ApiTokenCreatedSerializer})
    def post(self, request: Request) -> Response:
        """The only answer that tells the secret."""
        user = present_user(request)
        data = ApiTokenWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        token, secret = tokens.token_create(user=user, **data.validated_data)
        return Response(ApiTokenCreatedSerializer(token, context={"secret": secret}).data, status=201)


class TokenRevokeView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        tokens.token_revoke(user=present_user(request), token_id=token_id)
        return Response(status=204)
