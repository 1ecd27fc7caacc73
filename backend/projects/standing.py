"""What a thing that an address names is to a person: theirs or not, finished or not. Apps that know say so here."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from backend.common.errors import PermissionRefused
from backend.projects.models import Membership
from backend.projects.permissions import Relation, may, relations_told_apart
from backend.users.models import User

_NAMES: Final = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Standing:
    """What the thing an address names is to a person: theirs or not, finished or not."""

    is_own: bool
    is_locked: bool = False


class _Kind(NamedTuple):
    """How to find the standing of what a variable of an address names, and what is said of relations that only some
    roles have leave for: code and sentence."""

    find: Callable[[User, Any], Standing]
    refusals: Mapping[Relation, tuple[str, str]]


_KINDS: Final[dict[str, _Kind]] = {
    "user_id": _Kind(lambda user, user_id: Standing(is_own=user_id == user.pk), {})
}


def tell_apart(
    variable: str, find: Callable[[User, Any], Standing], refusals: Mapping[Relation, tuple[str, str]]
) -> None:
    """Says how the standing of what `variable` names is found; called once by the app that knows."""
    _KINDS[variable] = _Kind(find, refusals)


def refusals_told() -> list[tuple[str, str]]:
    """Code and sentence of all refusals that apps brought."""
    return [told for kind in _KINDS.values() for told in kind.refusals.values()]


def relation_of(user: User, method: str, endpoint: str, variables: dict[str, Any]) -> Relation:
    """What the thing that the address names is to `user`, where the table makes a difference."""
    relations = relations_told_apart(method, endpoint)
    if not relations:
        return Relation.ANY
    name = _told_by(endpoint)
    return relation_by(_KINDS[name].find(user, variables[name]), method, endpoint)


def relation_by(standing: Standing, method: str, endpoint: str) -> Relation:
    """The relation that the table means, of those it tells apart there."""
    if standing.is_locked and Relation.LOCKED in relations_told_apart(method, endpoint):
        return Relation.LOCKED
    return Relation.OWN if standing.is_own else Relation.OTHER


def refusal(role: Membership.Role, method: str, endpoint: str, relation: Relation) -> PermissionRefused:
    """What somebody is told whom the table refuses: that it is the role, or only this thing that it does not allow."""
    if may(role, method, endpoint, Relation.OWN) and relation != Relation.ANY:
        told = _KINDS[_told_by(endpoint)].refusals.get(relation)
        if told is not None:
            return PermissionRefused(told[1], told[0], {"role": role})
    return role_refused(role)


def role_refused(role: Membership.Role) -> PermissionRefused:
    """What somebody is told whose role does not allow something."""
    return PermissionRefused(
        f"Your role in this project, {role}, does not allow this.", "project.role_forbids", {"role": role}
    )


def _told_by(endpoint: str) -> str:
    """The variable of an address whose standing counts: the last one of which that can be told."""
    return next(name for name in reversed(_NAMES.findall(endpoint)) if name in _KINDS)
