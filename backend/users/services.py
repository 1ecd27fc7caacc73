from django.db import transaction
from rest_framework.authtoken.models import Token

from backend.users.models import User


@transaction.atomic
def user_create(*, username: str, password: str, display_name: str = "", is_staff: bool = False) -> User:
    """A new person who can log in. Raises IntegrityError when the name is taken."""
    return User.objects.create_user(
        username=username, password=password, display_name=display_name, is_staff=is_staff
    )


def token_get_or_create(*, user: User) -> str:
    """The key a script sends as `Authorization: Token <key>`; one per person."""
    token, _ = Token.objects.get_or_create(user=user)
    return str(token.key)
