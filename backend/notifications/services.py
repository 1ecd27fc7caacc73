from collections.abc import Sequence

from django.utils import timezone

from backend.notifications.models import Notification
from backend.projects.models import Membership, Project
from backend.users.models import User

LONGEST_TEXT = 300


def notification_tell(*, user_id: int, kind: Notification.Kind, project: Project, text: str) -> None:
    """Tells a member of the project something that the server did for them; nobody who is none any more. For apps
    further right."""
    if Membership.objects.filter(project=project, user=user_id).exists():
        Notification.objects.create(user_id=user_id, kind=kind, project=project, text=text_short(text))


def text_short(text: str) -> str:
    """The text, or as much of it as a notification holds."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def notifications_read(*, user: User, ids: Sequence[int] | None) -> None:
    """Marks `user`'s notifications of these ids as read, all of them without ids. Others' ids do nothing."""
    unread = Notification.objects.filter(user=user, read_at__isnull=True)
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    unread.update(read_at=timezone.now())
