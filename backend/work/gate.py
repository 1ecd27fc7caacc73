"""What whoever writes masks passes first: whether the image is theirs to change, asked of its held row."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from backend.common.errors import Conflict, NotFound, PermissionRefused
from backend.images.models import Image
from backend.projects.models import Membership
from backend.projects.permissions import MANAGERS, Relation, may
from backend.projects.standing import Standing, refusal, relation_by
from backend.users.models import User
from backend.work.models import Hold, Status, WorkItem
from backend.work.statuses import LOCKED, RESTING, standing_of, status_change, work_locked

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


def image_check(*, image: Image, user: User) -> WorkItem:
    """Holds the image's work until the transaction ends, where `user` may change its masks now; nobody begins by it.

    Raises PermissionRefused `image.locked`, `image.assigned_to_other`, `image.replica`, `project.role_forbids`, Conflict
    `work.held`, NotFound `image.not_found`.
    """
    item = work_locked(image_id=image.pk)
    replica_check(item, user)
    if item.is_replica:
        # What was compared must stay as it was.
        unfinished_check(item)
    standing = standing_of(assignee_id=item.assignee_id, status=item.status, user=user)
    role = _check(item, user, standing)
    hold_check(item, role)
    return item


def image_hold(*, image: Image, user: User) -> WorkItem:
    """Holds the image's work until the transaction ends, for a mask to be changed by `user`, and counts as a sign of
    life. Who changes an image that nobody has begun begins it; so does its author with one that was rejected.

    Call it first in the transaction. Raises what `image_check` raises.
    """
    item = image_check(image=image, user=user)
    standing = standing_of(assignee_id=item.assignee_id, status=item.status, user=user)
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


def standing_check(role: Membership.Role, standing: Standing) -> None:
    """Whether a member with this role may change the masks of an image that is this to them: what the table says before
    any view runs. Raises PermissionRefused as `image_hold` does."""
    relation = relation_by(standing, _METHOD, _ENDPOINT)
    if not may(role, _METHOD, _ENDPOINT, relation):
        raise refusal(role, _METHOD, _ENDPOINT, relation)


def unfinished_check(item: WorkItem) -> None:
    """Raises PermissionRefused `image.locked` for a finished image, also for those who may change its masks."""
    if item.status in LOCKED:
        raise PermissionRefused(REFUSALS[Relation.LOCKED][1], REFUSALS[Relation.LOCKED][0])


def replica_check(item: WorkItem, user: User) -> None:
    """A replica is changed by its annotator alone: what others did to it would be taken for theirs. Raises
    PermissionRefused `image.replica`."""
    if item.is_replica and item.image.annotator_id != user.pk:
        raise PermissionRefused("Only the person this copy was made for works on it.", "image.replica")


def hold_check(item: WorkItem, role: Membership.Role | None = None) -> None:
    """Raises Conflict `work.held` for an image that is held; managers may change the masks of a ground truth."""
    if item.hold == Hold.GROUND_TRUTH and role in MANAGERS:
        return
    if item.hold:
        raise Conflict(
            "This image is held for a comparison of annotators; nobody works on it until that is done.",
            "work.held",
            {"hold": item.hold},
        )


def _check(item: WorkItem, user: User, standing: Standing) -> Membership.Role:
    member = Membership.objects.filter(project_id=item.project_id, user=user).first()
    if member is None:
        # Taken out of the project since the permissions were asked.
        raise NotFound("There is no such image, or you are not a member of its project.", "image.not_found")
    role = Membership.Role(member.role)
    standing_check(role, standing)
    return role
