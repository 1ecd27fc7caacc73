"""What reviewers say of an image."""

from django.db import transaction

from backend.common.errors import Conflict
from backend.images.models import Image
from backend.projects.audit import audit
from backend.users.models import User
from backend.work.events import work_reviewed
from backend.work.gate import hold_check
from backend.work.models import Status, WorkItem
from backend.work.statuses import status_change, work_locked


@transaction.atomic
def work_accept(*, image: Image, user: User) -> WorkItem:
    """The image's masks are good: from now on annotators cannot change them. Raises Conflict `work.transition`,
    `work.held`."""
    item = _judged(image)
    item = status_change(item, Status.ACCEPTED, actor=user, reviewer=user, reason="", review_reason="")
    _tell(image, user, "work.accepted")
    work_reviewed.send(sender=WorkItem, item=item, actor=user, reason="")
    return item


@transaction.atomic
def work_reject(*, image: Image, user: User, reason: str) -> WorkItem:
    """The image goes back to its author, who reads why; an accepted one may be reopened like that too.

    Raises Conflict `work.transition`, `work.held`.
    """
    item = _judged(image)
    was_accepted = item.status == Status.ACCEPTED
    item = status_change(
        item, Status.REJECTED, actor=user, reviewer=user, reason=reason, review_reason=reason
    )
    _tell(image, user, "work.reopened" if was_accepted else "work.rejected", reason=reason)
    work_reviewed.send(sender=WorkItem, item=item, actor=user, reason=reason)
    return item


def _judged(image: Image) -> WorkItem:
    """The image's work, held. Replicas are compared, not judged."""
    item = work_locked(image_id=image.pk)
    if item.is_replica:
        raise Conflict("This is one person's copy for a comparison; it is not reviewed.", "work.held")
    hold_check(item)
    return item


def _tell(image: Image, user: User, action: str, **data: str) -> None:
    audit(
        project=image.project, actor=user, action=action, subject=image.file_name, image_id=image.pk, **data
    )
