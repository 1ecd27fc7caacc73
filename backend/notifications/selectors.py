from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.images.visibility import images_visible
from backend.notifications.models import Notification
from backend.users.models import User


def notification_list(*, user: User) -> QuerySet[Notification]:
    """What `user` was told, with what it is about; not of images they must not see any more."""
    own = _seen(Notification.objects.filter(user=user), user)
    return own.select_related("actor", "project", "image", "thread")


def unread_count(*, user: User) -> int:
    """From an index of the unread ones alone."""
    return _seen(Notification.objects.filter(user=user, read_at__isnull=True), user).count()


def _seen(told: QuerySet[Notification], user: User) -> QuerySet[Notification]:
    """Each image is looked at by its key: there are few notifications, and many images."""
    return told.filter(Q(image=None) | Exists(images_visible(user=user).filter(pk=OuterRef("image"))))
