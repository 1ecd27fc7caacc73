"""Everybody who asks the API: a member of every role, who is none, a token that only reads, nobody."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.test import Client

from backend.projects.models import Membership
from backend.users.models import ApiToken, User
from backend.users.tokens import token_create
from tests.backend.api.world import World

STRANGER: Final = "stranger"
READER: Final = "reading token"
NOBODY: Final = "nobody"
NAMES: Final = (*Membership.Role.values, STRANGER, READER, NOBODY)
_CSRF: Final = "c" * 32


@dataclass(frozen=True)
class Asker:
    """How somebody's requests say who they are."""

    name: str
    user: User | None
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)


def askers_make(world: World, make_user: Callable[[str], User]) -> list[Asker]:
    """The members first, the owner before all others."""
    owner = world.people[Membership.Role.OWNER]
    _, secret = token_create(user=owner, name="script", scope=ApiToken.Scope.READ, days=1)
    return [
        *(_in_a_browser(str(role), user) for role, user in world.people.items()),
        _in_a_browser(STRANGER, make_user("eve")),
        Asker(READER, owner, headers={"Authorization": f"Token {secret}"}),
        Asker(NOBODY, None),
    ]


def _in_a_browser(name: str, user: User) -> Asker:
    client = Client()
    client.force_login(user)
    session: Any = client.cookies[settings.SESSION_COOKIE_NAME]
    cookies = {settings.SESSION_COOKIE_NAME: session.value, settings.CSRF_COOKIE_NAME: _CSRF}
    return Asker(name, user, headers={"X-CSRFToken": _CSRF}, cookies=cookies)
