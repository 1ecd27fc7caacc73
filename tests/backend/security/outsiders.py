"""Everybody who has no business in a project, and whether they left a trace in it."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.apps import apps
from rest_framework.test import APIClient

from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.users.models import ApiToken, User
from backend.users.tokens import token_create
from tests.builders import stored_files

# When a token was used last is noted whatever is asked with it; sessions are how tests log in.
_LEFT_OUT: Final = {("ApiToken", "last_used_at")}
_NOT_OURS: Final = {"sessions"}


def other_project_make(make_user: Callable[[str], User], make_project: Callable[..., Project]) -> Project:
    """A project of its own people, one in every role, named after it."""
    project = make_project(make_user("other-owner"), "Dogs")
    for role in Membership.Role:
        if role != Membership.Role.OWNER:
            membership_set(project=project, user=make_user(f"other-{role}"), role=role)
    return project


def outsiders_make(other: Project, make_user: Callable[[str], User]) -> dict[str, APIClient]:
    """Their clients by what they are: members of `other`, somebody who is a member of nothing, tokens, nobody."""
    owner = User.objects.get(username="other-owner")
    found = {f"{user.username}": _session(user) for user in User.objects.filter(memberships__project=other)}
    found["stranger"] = _session(make_user("eve"))
    for scope in ApiToken.Scope:
        _, secret = token_create(user=owner, name=str(scope), scope=scope, days=1)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
        found[f"{scope} token"] = client
    return found | {"nobody": APIClient()}


def state_digest(files: Path) -> str:
    """Changes with any row of any table and with the names and sizes of stored files."""
    digest = hashlib.sha256()
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.app_label in _NOT_OURS:
            continue
        names = [
            field.attname
            for field in meta.concrete_fields
            if (meta.object_name, field.attname) not in _LEFT_OUT
        ]
        digest.update(meta.label.encode())
        for row in model._base_manager.order_by("pk").values_list(*names):
            digest.update(repr(row).encode())
    for path in sorted(stored_files(files)):
        digest.update(f"{path} {path.stat().st_size}".encode())
    return digest.hexdigest()


def _session(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client
