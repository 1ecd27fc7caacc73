"""What whoever writes masks passes first: whether the image is theirs to change, asked of its held row."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from backend.common.errors import NotFound
from backend.images.models import Image
from backend.projects.models import Membership
from backend.projects.permissions import Relation, may
from backend.projects.standing import Standing, refusal, relation_by
from backend.users.models import User
from backend.work.models import Status, WorkItem
from backend.work.statuses import RESTING, standing_of, status_change, work_locked

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


def image_hold(*, image: Image, user: User) -> WorkItem:
    """Holds the image's work until the transaction ends, for a mask to be changed by `user`, and counts as a sign of
    life. Who changes an image that nobody has begun begins it; so does its author with one that was rejected.

    Call it first in the transaction. Raises PermissionRefused `image.locked`, `image.assigned_to_other`,
    `project.role_forbids`, NotFound `image.not_found`.
    """
    item = work_locked(image_id=image.pk)
    standing = standing_of(assignee_id=item.assignee_id, status=item.status, user=user)
    _check(item, user, standing)
    if standing.is_own and item.status in RESTING | {Status.REJECTED}:
        return work_begin(item, user)
    if standing.is_own and item.status == Status.IN_PROGRESS:
        item.lease_expires_at = lease_end()
        item.save(update_fields=["lease_expires_at"])
    return item


def work_begin(item: WorkItem, user: User) -> WorkItem:
    """Somebody starts on an image whose row is held; one that belongs to nobody becomes theirs."""
    fields: dict[str, Any] = {"assignee": user, "is_taken": True} if item.assignee_id is None else {}
    return status_change(item, Status.IN_PROGRESS, actor=user, lease_expires_at=lease_end(), **fields)


def _check(item: WorkItem, user: User, standing: Standing) -> None:
    member = Membership.objects.filter(project_id=item.project_id, user=user).first()
    if member is None:
        # Taken out of the project since the permissions were asked.
        raise NotFound("There is no such image, or you are not a member of its project.", "image.not_found")
    role = Membership.Role(member.role)
    relation = relation_by(standing, _METHOD, _ENDPOINT)
    if not may(role, _METHOD, _ENDPOINT, relation):
        raise refusal(role, _METHOD, _ENDPOINT, relation)
