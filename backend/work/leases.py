"""Signs of life, and what becomes of work that gives none any more."""

import logging
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.common.leases import leases_shorten
from backend.images.models import Image
from backend.users.models import User
from backend.work.gate import lease_end
from backend.work.models import Status, WorkItem
from backend.work.statuses import resting_status, status_change, work_locked, works_held

logger = logging.getLogger("anymask.work")

AT_ONCE = 500


@transaction.atomic
def lease_renew(*, image: Image, user: User) -> WorkItem:
    """The work on the image as it is now; a person at work on it, or reviewing it, keeps it for another lease."""
    item = work_locked(image_id=image.pk)
    is_worker = item.status == Status.IN_PROGRESS and item.assignee_id == user.pk
    is_reviewer = item.status == Status.SUBMITTED and item.reviewer_id == user.pk
    if is_worker or is_reviewer:
        item.lease_expires_at = lease_end()
        item.save(update_fields=["lease_expires_at"])
    return item


def leases_sweep() -> int:
    """Gives back what nobody has been heard of for a lease; how many these were. Masks stay as they are."""
    leases_shorten(WorkItem.objects.all(), settings.WORK_LEASE_SECONDS)
    expired = WorkItem.objects.filter(lease_expires_at__lt=timezone.now()).order_by("pk")
    count = 0
    for pk in list(expired.values_list("pk", flat=True)[:AT_ONCE]):
        count += _give_back_expired(pk)
    if count:
        logger.info("work_leases_expired count=%s", count)
    return count


@transaction.atomic
def _give_back_expired(image_id: int) -> bool:
    # As it is now: somebody may have come back in this very moment.
    item = works_held().filter(pk=image_id, lease_expires_at__lt=timezone.now()).first()
    if item is None:
        return False
    if item.status == Status.SUBMITTED:
        item.reviewer, item.lease_expires_at = None, None
        item.save(update_fields=["reviewer", "lease_expires_at"])
    else:
        give_back(item, actor=None, reason="lease expired")
    return True


def give_back(item: WorkItem, *, actor: User | None, reason: str) -> WorkItem:
    """Work in progress or rejected, whose row is held, rests again; what was taken belongs to nobody any more, but for a
    replica, which is nobody else's."""
    fields: dict[str, Any] = {}
    if item.is_taken:
        fields = {"is_taken": False} if item.is_replica else {"assignee": None, "is_taken": False}
    return status_change(item, resting_status(item.image), actor=actor, reason=reason, **fields)
