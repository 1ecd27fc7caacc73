from collections.abc import Sequence

from django.utils import timezone

from backend.notifications.models import Notification
from backend.users.models import User


def notifications_read(*, user: User, ids: Sequence[int] | None) -> None:
    """Marks `user`'s notifications of these ids as read, all of them without ids. Others' ids do nothing."""
    unread = Notification.objects.filter(user=user, read_at__isnull=True)
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    unread.update(read_at=timezone.now())
