"""Who somebody is that a provider of OpenID Connect vouches for."""

import re
from itertools import chain, count
from typing import Any, Final

from django.db import transaction

from backend.common.errors import Conflict, PermissionRefused
from backend.users.models import User

_NOT_IN_NAMES: Final = re.compile(r"[^\w.@+-]")
_NAME_LENGTH: Final = 140  # room for a number behind it


def person_by_email(*, email: str) -> User | None:
    """Whoever has this address, which the provider must have verified. Addresses are set by administrators only, so
    that nobody can wait at somebody else's. Raises Conflict `auth.oidc_ambiguous` where several have it."""
    people = list(User.objects.filter(email__iexact=email)[:2]) if email else []
    if len(people) > 1:
        raise Conflict("Several people here have this e-mail address.", "auth.oidc_ambiguous")
    return people[0] if people else None


@transaction.atomic
def person_create(*, claims: dict[str, Any], email: str) -> User:
    """Somebody new without a password, a member of nothing. `email`: only one that was verified, or none."""
    wanted = str(claims.get("preferred_username") or email.partition("@")[0])
    return User.objects.create_user(
        username=_free_name(wanted), email=email, display_name=str(claims.get("name") or "")[:150]
    )


def person_admit(*, user: User) -> User:
    """The person, unless shut out. Raises PermissionRefused `auth.oidc_inactive`."""
    if not user.is_active:
        raise PermissionRefused("This account is shut.", "auth.oidc_inactive")
    return user


def _free_name(wanted: str) -> str:
    base = _NOT_IN_NAMES.sub("", wanted)[:_NAME_LENGTH] or "person"
    names = chain([base], (f"{base}{number}" for number in count(2)))
    return next(name for name in names if not User.objects.filter(username__iexact=name).exists())
