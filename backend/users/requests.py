"""Who is behind a request."""

from typing import Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from backend.common.errors import PermissionRefused
from backend.users.models import ApiToken, User

AS_USER: Final = OpenApiParameter(
    "X-As-User",
    int,
    OpenApiParameter.HEADER,
    description="Id of the person whose work this is; refused with `auth.other_user` for anybody else's session.",
)


def request_user(request: Request) -> User:
    """The person behind the request. Raises NotAuthenticated where a view admits strangers."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def present_user(request: Request) -> User:
    """The person behind the request, who logged in for it: what opens or shuts the account is no script's to do, or
    whoever finds a token could stay. Raises NotAuthenticated, PermissionRefused `auth.token_forbidden`."""
    if isinstance(request.auth, ApiToken):
        raise PermissionRefused(
            "A token cannot manage tokens or passwords: log in for this.", "auth.token_forbidden"
        )
    return request_user(request)


def writing_user(request: Request) -> User:
    """The person behind the request, who is the one it was made for.

    All tabs of a browser share one session: work kept in one of them while its author was logged out must not be
    sent under the name of whoever logged in since. Raises PermissionRefused `auth.other_user`.
    """
    user = request_user(request)
    author = request.headers.get("X-As-User")
    if author is not None and author != str(user.pk):
        raise PermissionRefused("Somebody else is logged in; this is not their work.", "auth.other_user")
    return user
