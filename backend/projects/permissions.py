"""Who may do what, in one table: endpoint, method, and the roles that may. What is not in the table is refused.

`backend.projects.access` enforces it on every request, `manage.py permission_matrix` prints it, ARCHITECTURE.md shows it.
An endpoint is written as its address below /api/v1/ with the names of its variables.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from backend.projects.models import Membership

Role = Membership.Role


class Relation(StrEnum):
    """What the object is to the person who asks, where the table tells the two apart."""

    ANY = "any"
    OWN = "own"
    OTHER = "other"
    # Whoever's it is: submitted or accepted, so that its masks are no longer their author's to change.
    LOCKED = "locked"


EVERYBODY: Final = frozenset(Role)
# Who draws masks.
MAKERS: Final = frozenset({Role.OWNER, Role.MANAGER, Role.REVIEWER, Role.ANNOTATOR})
MANAGERS: Final = frozenset({Role.OWNER, Role.MANAGER})
OWNERS: Final = frozenset({Role.OWNER})
REVIEWERS: Final = frozenset({Role.OWNER, Role.MANAGER, Role.REVIEWER})
NOBODY: Final[frozenset[Membership.Role]] = frozenset()

Roles: TypeAlias = frozenset[Membership.Role]
Rule: TypeAlias = Roles | Mapping[Relation, Roles]

# An image is one's own when one is its assignee, or nobody is.
_CHANGES_MASKS: Final = {Relation.OWN: MAKERS, Relation.OTHER: REVIEWERS, Relation.LOCKED: REVIEWERS}
_HANDS_IN: Final = {Relation.OWN: MAKERS, Relation.OTHER: MANAGERS}
# Nobody judges their own work, unless they manage the project.
_JUDGES: Final = {Relation.OWN: MANAGERS, Relation.OTHER: REVIEWERS}

# Of one project, found by the first variable of the address.
PROJECT_RULES: Final[Mapping[str, Mapping[str, Rule]]] = {
    "projects/{project_id}/": {"GET": EVERYBODY, "PATCH": MANAGERS, "DELETE": OWNERS},
    "projects/{project_id}/members/": {"GET": EVERYBODY},
    "projects/{project_id}/members/{user_id}/": {
        "PATCH": MANAGERS,
        "DELETE": {Relation.OWN: EVERYBODY, Relation.OTHER: MANAGERS},
    },
    "projects/{project_id}/invitations/": {"GET": MANAGERS, "POST": MANAGERS},
    "invitations/{invitation_id}/": {"DELETE": MANAGERS},
    "projects/{project_id}/audit/": {"GET": MANAGERS},
    "projects/{project_id}/privacy/": {"GET": MANAGERS, "PATCH": MANAGERS},
    "projects/{project_id}/labels/": {"GET": EVERYBODY, "POST": MANAGERS},
    "labels/{label_id}/": {"GET": EVERYBODY, "PATCH": MANAGERS, "DELETE": MANAGERS},
    "projects/{project_id}/images/": {"GET": EVERYBODY, "POST": MANAGERS},
    "projects/{project_id}/images/tags/": {"POST": MANAGERS},
    "projects/{project_id}/tags/": {"GET": EVERYBODY, "POST": MANAGERS},
    "tags/{tag_id}/": {"PATCH": MANAGERS, "DELETE": MANAGERS},
    "images/{image_id}/": {"GET": EVERYBODY, "DELETE": MANAGERS},
    "images/{image_id}/file/": {"GET": EVERYBODY},
    # The file as it came, where what everybody sees was blurred.
    "images/{image_id}/original/": {"GET": MANAGERS},
    "images/{image_id}/preview/": {"GET": EVERYBODY},
    "images/{image_id}/thumbnail/": {"GET": EVERYBODY},
    "images/{image_id}/embedding/": {"GET": EVERYBODY},
    "images/{image_id}/embedding/retry/": {"POST": MAKERS},
    "images/{image_id}/crops/": {"POST": MAKERS},
    "images/{image_id}/crops/{window}/": {"GET": EVERYBODY},
    "images/{image_id}/crops/{window}/embedding/": {"GET": EVERYBODY},
    "images/{image_id}/decode/": {"POST": MAKERS},
    "images/{image_id}/words/": {"POST": MAKERS},
    "images/{image_id}/masks/": {"GET": EVERYBODY, "POST": _CHANGES_MASKS},
    "images/{image_id}/masks/changes/": {"GET": EVERYBODY},
    "images/{image_id}/masks/deleted/": {"GET": EVERYBODY},
    "projects/{project_id}/masks/": {"GET": EVERYBODY},
    # Of each image that it names, what the table says of that image's masks.
    "projects/{project_id}/masks/bulk/": {"POST": MAKERS},
    "masks/{mask_id}/": {"GET": EVERYBODY, "PATCH": _CHANGES_MASKS, "DELETE": _CHANGES_MASKS},
    "images/{image_id}/threads/": {"GET": EVERYBODY, "POST": MAKERS},
    "threads/{thread_id}/": {"GET": EVERYBODY},
    "threads/{thread_id}/comments/": {"POST": MAKERS},
    "threads/{thread_id}/resolve/": {"POST": MAKERS},
    "threads/{thread_id}/reopen/": {"POST": MAKERS},
    "comments/{comment_id}/": {
        "PATCH": {Relation.OWN: MAKERS, Relation.OTHER: NOBODY},
        "DELETE": {Relation.OWN: MAKERS, Relation.OTHER: MANAGERS},
    },
    "masks/{mask_id}/history/": {"GET": EVERYBODY},
    "masks/{mask_id}/history/{revision}/": {"GET": EVERYBODY},
    "masks/{mask_id}/restore/": {"POST": _CHANGES_MASKS},
    "masks/{mask_id}/cutout/": {"GET": EVERYBODY},
    "masks/{mask_id}/similar/": {"GET": EVERYBODY},
    "projects/{project_id}/work/": {"GET": EVERYBODY},
    "projects/{project_id}/work/order/": {"GET": MANAGERS, "PATCH": MANAGERS},
    "projects/{project_id}/work/next/": {"POST": MAKERS},
    "projects/{project_id}/work/next-review/": {"POST": REVIEWERS},
    "projects/{project_id}/work/assign/": {"POST": MANAGERS},
    "images/{image_id}/work/": {"GET": EVERYBODY},
    "images/{image_id}/work/lease/": {"POST": MAKERS},
    "images/{image_id}/work/submit/": {"POST": _HANDS_IN},
    "images/{image_id}/work/withdraw/": {"POST": _HANDS_IN},
    "images/{image_id}/work/skip/": {"POST": _HANDS_IN},
    "images/{image_id}/work/accept/": {"POST": _JUDGES},
    "images/{image_id}/work/reject/": {"POST": _JUDGES},
    "projects/{project_id}/webhooks/": {"GET": MANAGERS, "POST": MANAGERS},
    "webhooks/{webhook_id}/": {"GET": MANAGERS, "PATCH": MANAGERS, "DELETE": MANAGERS},
    "webhooks/{webhook_id}/rotate/": {"POST": MANAGERS},
    "webhooks/{webhook_id}/ping/": {"POST": MANAGERS},
    "webhooks/{webhook_id}/deliveries/": {"GET": MANAGERS},
    "deliveries/{delivery_id}/redeliver/": {"POST": MANAGERS},
    "projects/{project_id}/embeddings/": {"GET": EVERYBODY},
    "projects/{project_id}/embeddings/cancel/": {"POST": MANAGERS},
    "projects/{project_id}/embeddings/retry/": {"POST": MAKERS},
    # Which kinds of jobs somebody may start, JOB_KINDS says.
    "projects/{project_id}/jobs/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "jobs/{job_id}/": {"GET": EVERYBODY},
    # What somebody may see went into their file; whoever manages the project sees all of it.
    "jobs/{job_id}/file/": {"GET": {Relation.OWN: EVERYBODY, Relation.OTHER: MANAGERS}},
    "jobs/{job_id}/cancel/": {"POST": {Relation.OWN: EVERYBODY, Relation.OTHER: MANAGERS}},
    "jobs/{job_id}/retry/": {"POST": {Relation.OWN: EVERYBODY, Relation.OTHER: MANAGERS}},
    "projects/{project_id}/quality/rounds/": {"GET": MANAGERS, "POST": MANAGERS},
    "projects/{project_id}/quality/ground-truth/": {"GET": MANAGERS},
    "projects/{project_id}/quality/settings/": {"GET": MANAGERS, "PATCH": MANAGERS},
    "projects/{project_id}/quality/scores/": {"GET": MANAGERS},
    "projects/{project_id}/quality/agreement/": {"GET": REVIEWERS},
    "projects/{project_id}/quality/checks/": {"GET": MANAGERS, "POST": MANAGERS},
    "quality-checks/{check_id}/": {"GET": MANAGERS},
    "quality-checks/{check_id}/images/": {"GET": MANAGERS},
    "quality-checks/{check_id}/close/": {"POST": MANAGERS},
    "quality-checks/{check_id}/apply/": {"POST": MANAGERS},
    "consensus-rounds/{round_id}/": {"GET": MANAGERS},
    "consensus-rounds/{round_id}/close/": {"POST": MANAGERS},
    "consensus-rounds/{round_id}/images/": {"GET": MANAGERS},
    "consensus-images/{consensus_image_id}/": {"GET": MANAGERS},
    "consensus-images/{consensus_image_id}/resolve/": {"POST": MANAGERS},
    "consensus-images/{consensus_image_id}/reopen/": {"POST": MANAGERS},
    "images/{image_id}/ground-truth/": {"POST": MANAGERS, "DELETE": MANAGERS},
    "projects/{project_id}/proposal-runs/": {"GET": EVERYBODY, "POST": MANAGERS},
    "proposal-runs/{proposal_run_id}/": {"GET": EVERYBODY},
    "projects/{project_id}/proposals/": {"GET": EVERYBODY},
    "projects/{project_id}/proposals/confidences/": {"GET": EVERYBODY},
    "projects/{project_id}/proposals/decide/": {"POST": REVIEWERS},
    "images/{image_id}/proposals/": {"GET": EVERYBODY},
    "images/{image_id}/proposals/decide/": {"POST": _CHANGES_MASKS},
    "proposals/{proposal_id}/cutout/": {"GET": EVERYBODY},
    "projects/{project_id}/export/coco/": {"GET": EVERYBODY},
    "projects/{project_id}/dashboard/activity/": {"GET": REVIEWERS},
    "projects/{project_id}/dashboard/statuses/": {"GET": REVIEWERS},
    "projects/{project_id}/dashboard/reviews/": {"GET": REVIEWERS},
    "projects/{project_id}/dashboard/storage/": {"GET": REVIEWERS},
    "projects/{project_id}/dashboard/engine/": {"GET": REVIEWERS},
    "projects/{project_id}/training-runs/": {"GET": MANAGERS, "POST": MANAGERS},
    "projects/{project_id}/training-material/": {"GET": MANAGERS},
    "training-runs/{training_run_id}/": {"GET": MANAGERS},
    "training-runs/{training_run_id}/promote/": {"POST": MANAGERS},
    "projects/{project_id}/fairness-reports/": {"GET": REVIEWERS, "POST": MANAGERS},
    "fairness-reports/{fairness_report_id}/": {"GET": REVIEWERS},
    "fairness-reports/{fairness_report_id}/groups/": {"GET": REVIEWERS},
    "projects/{project_id}/evaluations/": {"GET": REVIEWERS, "POST": MANAGERS},
    "evaluations/{evaluation_id}/": {"GET": REVIEWERS},
    "projects/{project_id}/model/": {"GET": EVERYBODY},
    "projects/{project_id}/model/roll-back/": {"POST": MANAGERS},
    "projects/{project_id}/imports/": {"POST": MANAGERS},
    "projects/{project_id}/imports/places/": {"GET": MANAGERS},
}

# Who may start jobs of a kind. One that is not here is started by nobody.
JOB_KINDS: Final[Mapping[str, Roles]] = {
    "export": EVERYBODY,
    "export.coco": EVERYBODY,
    "release": MANAGERS,
    "import": MANAGERS,
    "import.check": MANAGERS,
    "train": MANAGERS,
    "fairness": MANAGERS,
    "evaluate": MANAGERS,
    "propose": MANAGERS,
    "decide_proposals": REVIEWERS,
    "mask_vectors": MAKERS,
    "rank_images": MANAGERS,
}

# Of no project: for everybody who is logged in, and for strangers too.
FOR_PEOPLE: Final[Mapping[str, frozenset[str]]] = {
    "auth/logout/": frozenset({"POST"}),
    "auth/me/": frozenset({"GET"}),
    "auth/password/": frozenset({"POST"}),
    "auth/tokens/": frozenset({"GET", "POST"}),
    "auth/tokens/{token_id}/": frozenset({"DELETE"}),
    "projects/": frozenset({"GET", "POST"}),
    "invitations/accept/": frozenset({"POST"}),
    "notifications/": frozenset({"GET"}),
    "notifications/count/": frozenset({"GET"}),
    "notifications/read/": frozenset({"POST"}),
    "jobs/": frozenset({"GET"}),
    "queue/": frozenset({"GET"}),
    "dashboard/activity/": frozenset({"GET"}),
    "dashboard/statuses/": frozenset({"GET"}),
    "dashboard/reviews/": frozenset({"GET"}),
    "dashboard/storage/": frozenset({"GET"}),
    "formats/": frozenset({"GET"}),
    "evaluation-tasks/": frozenset({"GET"}),
    "models/": frozenset({"GET"}),
    "models/{name}/{version}/manifest.json": frozenset({"GET"}),
    "models/{name}/{version}/prepare.onnx": frozenset({"GET"}),
    "models/{name}/{version}/click.onnx": frozenset({"GET"}),
}
FOR_STRANGERS: Final[Mapping[str, frozenset[str]]] = {
    "auth/login/": frozenset({"POST"}),
    "auth/token/": frozenset({"POST"}),
    "auth/options/": frozenset({"GET"}),
    "auth/password-reset/": frozenset({"POST"}),
    "auth/password-reset/confirm/": frozenset({"POST"}),
}


def may(role: Membership.Role, method: str, endpoint: str, relation: Relation = Relation.ANY) -> bool:
    """Whether the table lets a member with this role do it; `relation` counts only where it tells the two apart."""
    rule = PROJECT_RULES.get(endpoint, {}).get(method, frozenset())
    if isinstance(rule, frozenset):
        return role in rule
    return role in rule.get(relation, frozenset())


def may_start_job(role: Membership.Role, kind: str) -> bool:
    """Whether the table lets a member with this role start jobs of this kind."""
    return role in JOB_KINDS.get(kind, NOBODY)


def relations_told_apart(method: str, endpoint: str) -> tuple[Relation, ...]:
    """Between which relations the table makes a difference; none where it makes none."""
    rule = PROJECT_RULES.get(endpoint, {}).get(method)
    return tuple(rule) if isinstance(rule, Mapping) else ()


def changes_allowed(role: Membership.Role) -> list[str]:
    """What a member with this role may change, each as `METHOD endpoint`, with the relation as a third word where the
    table tells some apart, or the kind of job: for clients, to offer nothing that is refused."""
    jobs = [f"POST projects/{{project_id}}/jobs/ {kind}" for kind in JOB_KINDS if may_start_job(role, kind)]
    return jobs + [
        " ".join([cell.method, cell.endpoint, *([] if cell.relation == Relation.ANY else [cell.relation])])
        for cell in matrix()
        if cell.role == role and cell.allowed and cell.method != "GET"
    ]


@dataclass(frozen=True)
class Cell:
    """One question to the table and its answer."""

    role: Membership.Role
    method: str
    endpoint: str
    relation: Relation
    allowed: bool


def matrix() -> Iterator[Cell]:
    """Every cell of the table of projects, in its order."""
    for endpoint, methods in PROJECT_RULES.items():
        for method in methods:
            for relation in relations_told_apart(method, endpoint) or (Relation.ANY,):
                for role in Role:
                    yield Cell(role, method, endpoint, relation, may(role, method, endpoint, relation))
