from rest_framework.request import Request

from backend.users.models import User


def request_user(request: Request) -> User:
    """The person behind an authenticated request; views that allow anonymous ones must not ask."""
    assert isinstance(request.user, User), "the default permission lets nobody else through"
    return request.user
