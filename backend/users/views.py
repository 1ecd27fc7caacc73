from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from backend.common.errors import InvalidInput
from backend.users.guesses import address_remember, guess_count
from backend.users.models import User
from backend.users.requests import request_user
from backend.users.serializers import CredentialsSerializer, OptionsSerializer, UserSerializer


def user_by_credentials(request: Request) -> User:
    """Whose name and password the body holds. Raises InvalidInput `auth.invalid_credentials`, and as `guess_count` does
    where the account was tried too often."""
    credentials = CredentialsSerializer(data=request.data)
    credentials.is_valid(raise_exception=True)
    username = credentials.validated_data["username"]
    guess_count(username=username, request=request)
    user = authenticate(request._request, **credentials.validated_data)
    if user is None:
        raise InvalidInput("The name and the password do not match.", "auth.invalid_credentials")
    address_remember(username=username, request=request)
    return user


# DRF checks the CSRF token of logged-in sessions only; logging in must be guarded too, or a foreign page could log
# somebody in under another account.
@method_decorator(csrf_protect, name="dispatch")
class LoginView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "login"

    @extend_schema(request=CredentialsSerializer, responses={200: UserSerializer, 403: None})
    def post(self, request: Request) -> Response:
        user = user_by_credentials(request)
        login(request._request, user)
        return Response(UserSerializer(user).data)


class LogoutView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        logout(request._request)
        # Photographs and thumbnails are immutable to the browser: whoever sits there next could open them unasked.
        return Response(status=204, headers={"Clear-Site-Data": '"cache"'})


@method_decorator(ensure_csrf_cookie, name="dispatch")
class MeView(APIView):
    """The person logged in; also hands out the CSRF cookie, which the refusal (401) carries as well."""

    @extend_schema(responses=UserSerializer)
    def get(self, request: Request) -> Response:
        return Response(UserSerializer(request_user(request)).data)


class OptionsView(APIView):
    """What the log-in page may offer."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(responses=OptionsSerializer)
    def get(self, request: Request) -> Response:
        oidc = {"name": settings.OIDC_NAME, "url": reverse("oidc_login")} if settings.OIDC_NAME else None
        return Response({"oidc": oidc, "has_email": settings.HAS_EMAIL})
