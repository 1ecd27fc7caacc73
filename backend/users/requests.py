from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from backend.users.models import User


def request_user(request: Request) -> User:
    """The person behind the request. Raises NotAuthenticated where a view admits strangers."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
