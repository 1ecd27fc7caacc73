from django.db import transaction

from backend.users.models import User


@transaction.atomic
def user_create(
    *, username: str, password: str, display_name: str = "", email: str = "", is_staff: bool = False
) -> User:
    """A new person who can log in. Raises IntegrityError when the name is taken."""
    return User.objects.create_user(
        username=username, password=password, display_name=display_name, email=email, is_staff=is_staff
    )
