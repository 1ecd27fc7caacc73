"""Tokens that scripts use in a person's name."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.common.errors import NotFound
from backend.users.models import ApiToken, User

MAX_DAYS: Final = 3650
# The tokens scripts get for a name and a password. A script asks for another one when its own has expired.
SCRIPT_NAME: Final = "auth/token"
SCRIPT_DAYS: Final = 90
# So that those who look for leaked secrets know one when they see it.
_MARK: Final = "anymask_"
_SECRET_BYTES: Final = 32
_PREFIX_LENGTH: Final = len(_MARK) + 6
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


def token_list(*, user: User) -> QuerySet[ApiToken]:
    """Those that were not revoked, the newest first."""
    return user.api_tokens.filter(revoked_at=None).order_by("-pk")


def token_find(*, secret: str) -> ApiToken | None:
    """The token that opens with this secret now: not revoked, not expired, of somebody who may log in.

    It is looked up by its digest, so how long that takes tells nothing of the secrets there are.
    """
    rows = ApiToken.objects.select_related("user").filter(revoked_at=None, user__is_active=True)
    alive = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return rows.filter(alive, digest=_digest(secret)).first()


def token_mark_used(*, token: ApiToken) -> None:
    """Notes the use, at most once a minute: reading must not become writing."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at <= now - _USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def token_create(*, user: User, name: str, scope: ApiToken.Scope, days: int | None) -> tuple[ApiToken, str]:
    """A token and its secret, which is told only here. `days`: how long it holds; None: until it is revoked."""
    secret = _MARK + secrets.token_urlsafe(_SECRET_BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=_digest(secret),
        prefix=secret[:_PREFIX_LENGTH],
        scope=scope,
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
    return token, secret


def token_create_for_script(*, user: User) -> str:
    """The secret of a new token that writes, for SCRIPT_DAYS; what such tokens have expired is cleared away."""
    user.api_tokens.filter(name=SCRIPT_NAME, expires_at__lte=timezone.now()).delete()
    _, secret = token_create(user=user, name=SCRIPT_NAME, scope=ApiToken.Scope.WRITE, days=SCRIPT_DAYS)
    return secret


def token_revoke(*, user: User, token_id: int) -> None:
    """Shuts one of one's own; one that is shut already stays so. Raises NotFound `auth.token_not_found`."""
    token = user.api_tokens.filter(pk=token_id).first()
    if token is None:
        raise NotFound("You have no such token.", "auth.token_not_found")
    user.api_tokens.filter(pk=token_id, revoked_at=None).update(revoked_at=timezone.now())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
