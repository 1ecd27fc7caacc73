"""What annotators do with an image as a whole: submit it, take it back, skip it."""

from django.db import transaction

from backend.common.errors import Conflict
from backend.images.models import Image
from backend.users.models import User
from backend.work.events import work_submitted, work_withdrawn
from backend.work.gate import hold_check, lease_end, replica_check, work_begin
from backend.work.leases import give_back
from backend.work.models import Skip, Status, WorkItem
from backend.work.statuses import RESTING, status_change, work_locked


@transaction.atomic
def work_submit(*, image: Image, user: User) -> WorkItem:
    """The image is done and waits for a review. One that nobody had begun is begun and done by `user`.

    Raises Conflict `work.transition`, `work.held`, PermissionRefused `image.replica`.
    """
    item = _own(image, user)
    if item.status in RESTING | {Status.REJECTED}:
        item = work_begin(item, user)
    item = status_change(item, Status.SUBMITTED, actor=user, reviewer=None)
    work_submitted.send(sender=WorkItem, item=item, actor=user)
    return item


@transaction.atomic
def work_withdraw(*, image: Image, user: User) -> WorkItem:
    """Submitted by mistake: in progress again, as long as nobody has reviewed it. Raises as
    `work_submit` does."""
    item = _own(image, user)
    item = status_change(item, Status.IN_PROGRESS, actor=user, reviewer=None, lease_expires_at=lease_end())
    work_withdrawn.send(sender=WorkItem, item=item, actor=user)
    return item


@transaction.atomic
def work_skip(*, image: Image, user: User, reason: str) -> WorkItem:
    """Passes the image over: the queue gives it to others, not to `user` again. Masks made so far stay.

    Raises Conflict `work.transition` for an image that is submitted or accepted.
    """
    item = _own(image, user)
    if item.status in RESTING:
        item = _given_up(item)
    elif item.status in (Status.IN_PROGRESS, Status.REJECTED):
        item.is_taken = True  # one that was assigned is anybody's as well, now that its person passed it over
        item = give_back(item, actor=user, reason=reason)
    else:
        raise Conflict("This image is submitted already; it can no longer be skipped.", "work.transition")
    Skip.objects.update_or_create(image=image, user=user, defaults={"reason": reason})
    return item


def _own(image: Image, user: User) -> WorkItem:
    """The image's work, held, where it is `user`'s to hand in."""
    item = work_locked(image_id=image.pk)
    replica_check(item, user)
    hold_check(item)
    return item


def _given_up(item: WorkItem) -> WorkItem:
    item.assignee, item.is_taken = None, False
    item.save(update_fields=["assignee", "is_taken"])
    return item
