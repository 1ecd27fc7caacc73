from django.db.models import QuerySet

from backend.notifications.models import Notification
from backend.users.models import User


def notification_list(*, user: User) -> QuerySet[Notification]:
    """What `user` was told, with what it is about."""
    own = Notification.objects.filter(user=user)
    return own.select_related("actor", "project", "image", "thread")


def unread_count(*, user: User) -> int:
    """From an index of the unread ones alone."""
    return Notification.objects.filter(user=user, read_at__isnull=True).count()
