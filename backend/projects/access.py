"""The table of permissions, enforced: one check for every request, before any view runs.

An endpoint the table does not know is refused, so that one that is new stays shut until somebody decides who may use it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from backend.common.errors import NotFound
from backend.projects.models import Membership
from backend.projects.permissions import (
    FOR_PEOPLE,
    FOR_STRANGERS,
    PROJECT_RULES,
    may,
)
from backend.projects.standing import refusal, relation_of
from backend.users.models import User
from backend.users.requests import request_user, writing_user

if TYPE_CHECKING:
    # Views themselves import the default permissions, which are these.
    from rest_framework.views import APIView

API_ROOT: Final = "api/v1/"
_VARIABLE: Final = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Noun:
    """How an address names a thing: where memberships of its project are found, and what is said when there is none.

    What is on an image is looked up from the image: not every member sees every image of the project.
    """

    lookups: tuple[str, ...]
    code: str
    missing: str
    is_on_image: bool = False


# By the variable of an address. Relations to apps further right are named by string, as in `models`.
NOUNS: Final = {
    "project_id": Noun(
        ("project__pk",), "project.not_found", "There is no such project, or you are not a member of it."
    ),
    "invitation_id": Noun(
        ("project__invitations__pk",), "invitation.not_found", "There is no such invitation."
    ),
    "round_id": Noun(("project__consensus_rounds__pk",), "consensus.not_found", "There is no such round."),
    "consensus_image_id": Noun(
        ("project__consensus_rounds__images__pk",),
        "consensus.not_found",
        "There is no such image in a round.",
    ),
    "check_id": Noun(("project__quality_checks__pk",), "quality_check.not_found", "There is no such check."),
    "label_id": Noun(("project__labels__pk",), "label.not_found", "There is no such label."),
    "tag_id": Noun(("project__tags__pk",), "tag.not_found", "There is no such tag."),
    "image_id": Noun(
        ("pk",),
        "image.not_found",
        "There is no such image, or you are not a member of its project.",
        is_on_image=True,
    ),
    # A deleted mask's address still answers to members: that it is deleted.
    "mask_id": Noun(
        ("masks__pk", "tombstones__pk"),
        "mask.not_found",
        "There is no such mask.",
        is_on_image=True,
    ),
    "thread_id": Noun(("threads__pk",), "thread.not_found", "There is no such thread.", is_on_image=True),
    "webhook_id": Noun(("project__webhooks__pk",), "webhook.not_found", "There is no such webhook."),
    "delivery_id": Noun(
        ("project__webhooks__deliveries__pk",), "delivery.not_found", "There is no such delivery."
    ),
    "training_run_id": Noun(
        ("project__training_runs__pk",), "training.not_found", "There is no such training run."
    ),
    "fairness_report_id": Noun(
        ("project__fairness_reports__pk",), "fairness.not_found", "There is no such report."
    ),
    "evaluation_id": Noun(
        ("project__evaluations__pk",), "evaluation.not_found", "There is no such evaluation."
    ),
    "proposal_run_id": Noun(
        ("project__proposal_runs__pk",), "proposal_run.not_found", "There is no such run."
    ),
    "proposal_id": Noun(
        ("proposals__pk",), "proposal.not_found", "There is no such proposal.", is_on_image=True
    ),
    "job_id": Noun(("project__jobs__uuid",), "job.not_found", "There is no such job."),
    "comment_id": Noun(
        ("threads__comments__pk",), "comment.not_found", "There is no such comment.", is_on_image=True
    ),
}


# Filled in by the app that knows who sees which images.
_seen: dict[str, Callable[..., QuerySet[Any]]] = {}


def images_seen_by(find: Callable[..., QuerySet[Any]]) -> None:
    """Says how the images are found that a person (keyword `user`) may look at, the membership that lets them joined;
    called once by the app that knows."""
    _seen["images"] = find


def endpoint_of(route: str) -> str:
    """A route of Django's as the table writes it: below the API's root, variables as {name}."""
    return _VARIABLE.sub(r"{\1}", route.removeprefix(API_ROOT))


class RoleAllows(BasePermission):
    """Lets through what the table allows the person's role in the project that the address leads to.

    Raises NotFound with the noun's own code for people who are no members, PermissionRefused `project.role_forbids` for
    members whose role does not allow it or what the app says where the role allows it on other things only
    (`tell_apart`), PermissionRefused `auth.other_user` as `writing_user` does, before both: that somebody else is logged
    in must not look as if the work's object were gone.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        match = request._request.resolver_match
        endpoint = endpoint_of(match.route if match else "")
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method in FOR_STRANGERS.get(endpoint, ()):
            return True
        if not isinstance(request.user, User):
            return False
        if method == "OPTIONS" or method in FOR_PEOPLE.get(endpoint, ()):
            return True
        if method not in PROJECT_RULES.get(endpoint, {}):
            # What the view has no handler for is answered so by the view itself.
            return not hasattr(view, method.lower())
        user = writing_user(request) if method != "GET" else request_user(request)
        role = role_of(user, view.kwargs)
        relation = relation_of(user, method, endpoint, view.kwargs)
        if not may(role, method, endpoint, relation):
            raise refusal(role, method, endpoint, relation)
        return True


def role_of(user: User, variables: dict[str, Any]) -> Membership.Role:
    """The role of `user` in the project that an address's variables lead to. Raises NotFound where there is none."""
    name = next(name for name in variables if name in NOUNS)
    noun = NOUNS[name]
    # One after the other: a database asked for either of two at once would go through all masks of all projects.
    for lookup in noun.lookups:
        named = {lookup: variables[name]}
        if noun.is_on_image:
            rows = _seen["images"](user=user).filter(**named).order_by()
            role = rows.values_list("project__memberships__role", flat=True).first()
        else:
            found = Membership.objects.filter(user=user, **named)
            role = found.values_list("role", flat=True).first()
        if role is not None:
            return Membership.Role(role)
    raise NotFound(noun.missing, noun.code)
