"""`Authorization: Token <secret>`, for scripts."""

from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from backend.common.errors import PermissionRefused
from backend.users.models import ApiToken, User
from backend.users.tokens import token_find, token_mark_used


class ApiTokenAuthentication(TokenAuthentication):
    """The person whose token a request carries; the token is its `auth`.

    Raises AuthenticationFailed (401 `auth.token_invalid`) for one that opens nothing, PermissionRefused
    `auth.token_scope` for a write with one that only reads: here, where no view can forget to ask.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        found: tuple[User, ApiToken] | None = super().authenticate(request)
        if found and found[1].scope == ApiToken.Scope.READ and request.method not in SAFE_METHODS:
            raise PermissionRefused("This token only reads.", "auth.token_scope")
        return found

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        token = token_find(secret=key)
        if token is None:
            raise AuthenticationFailed("This token is unknown, revoked or expired.")
        token_mark_used(token=token)
        return token.user, token
