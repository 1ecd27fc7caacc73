"""Passwords: changing one's own, and the link for who forgot it."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from backend.users import passwords
from backend.users.password_serializers import (
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
)
from backend.users.requests import present_user


class PasswordView(APIView):
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "login"

    @extend_schema(request=PasswordChangeSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Ends every other session of the person; this one stays."""
        user = present_user(request)
        data = PasswordChangeSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        passwords.password_change(user=user, **data.validated_data)
        update_session_auth_hash(request._request, user)
        return Response(status=204)


class PasswordResetView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "mail"

    @extend_schema(request=PasswordResetSerializer, responses={204: None, 409: None})
    def post(self, request: Request) -> Response:
        """Sends a link by mail. The answer is the same whether or not anybody has this address."""
        data = PasswordResetSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        passwords.password_reset_send(
            email=data.validated_data["email"],
            link_of=lambda uid, token: request.build_absolute_uri(f"/reset/{uid}/{token}"),
        )
        return Response(status=204)


class PasswordResetConfirmView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "login"

    @extend_schema(request=PasswordResetConfirmSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        data = PasswordResetConfirmSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        passwords.password_reset_confirm(
            uid=data.validated_data["uid"],
            token=data.validated_data["token"],
            password=data.validated_data["new_password"],
        )
        return Response(status=204)
