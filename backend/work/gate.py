"""What whoever writes masks passes first: whether the image is theirs to change, asked of its held row."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from backend.common.errors import ApplicationError
from backend.images.models import Image
from backend.projects.models import Membership
from backend.projects.permissions import Relation, may
from backend.projects.standing import refusal
from backend.users.models import User
from backend.work.models import Status, WorkItem
from backend.work.statuses import LOCKED, RESTING, status_change, work_locked

# Masks may be changed by whom the table lets make them.
_METHOD: Final = "POST"
_ENDPOINT: Final = "images/{image_id}/masks/"

# What is said of images that one's role allows to change, but not now or not by this person.
REFUSALS: Final = {
    Relation.OTHER: ("image.assigned_to_other", "This image is somebody else's work."),
    Relation.LOCKED: (
        "image.locked",
        "This image is submitted or accepted; a reviewer has to send it back before it can be changed.",
    ),
}


def lease_end() -> datetime:
    """When work that is heard of now counts as abandoned."""
    return timezone.now() + timedelta(seconds=settings.WORK_LEASE_SECONDS)


def relation_to(item: WorkItem, user: User) -> Relation:
    """Whose work it is. What belongs to nobody is everybody's own: whoever begins it takes it."""
    return Relation.OWN if item.assignee_id in (None, user.pk) else Relation.OTHER


def image_hold(*, image: Image, user: User) -> WorkItem:
    """Holds the image's work until the transaction ends, for a mask to be changed by `user`, and counts as a sign of
    life. Who changes an image that nobody has begun begins it; so does its author with one that was rejected.

    Call it first in the transaction. Raises PermissionRefused `image.locked`, `image.assigned_to_other`,
    `project.role_forbids`, NotFound `image.not_found`.
    """
    item = work_locked(image_id=image.pk)
    problem = _problem(item, user)
    if problem is not None:
        raise problem
    is_theirs = relation_to(item, user) == Relation.OWN
    if is_theirs and item.status in RESTING | {Status.REJECTED}:
        return work_begin(item, user)
    if is_theirs and item.status == Status.IN_PROGRESS:
        item.lease_expires_at = lease_end()
        item.save(update_fields=["lease_expires_at"])
    return item


def work_begin(item: WorkItem, user: User) -> WorkItem:
    """Somebody starts on an image whose row is held; one that belongs to nobody becomes theirs."""
    fields: dict[str, Any] = {"assignee": user, "is_taken": True} if item.assignee_id is None else {}
    return status_change(item, Status.IN_PROGRESS, actor=user, lease_expires_at=lease_end(), **fields)


def _problem(item: WorkItem, user: User) -> ApplicationError | None:
    role = Membership.Role(
        Membership.objects.values_list("role", flat=True).get(project_id=item.project_id, user=user)
    )
    relation = Relation.LOCKED if item.status in LOCKED else relation_to(item, user)
    return None if may(role, _METHOD, _ENDPOINT, relation) else refusal(role, _METHOD, _ENDPOINT, relation)
