"""What makes notifications: comments that mention or answer, work that was judged."""

from collections.abc import Iterable

from backend.comments.events import comment_deleted, comment_written
from backend.comments.models import Comment
from backend.notifications.models import Notification
from backend.notifications.services import text_short
from backend.projects.events import member_left
from backend.projects.models import Membership, Project
from backend.users.models import User
from backend.work.events import work_assigned, work_reviewed
from backend.work.models import Status, WorkItem

Kind = Notification.Kind

_VERDICTS = {Status.ACCEPTED: Kind.ACCEPTED, Status.REJECTED: Kind.REJECTED}


def on_comment_written(
    *, comment: Comment, mentioned: frozenset[int], takes_part: frozenset[int], **_: object
) -> None:
    """Whoever is mentioned hears that, the others in the thread that somebody answered; nobody hears of themselves."""
    # What was told before says what the comment says now.
    Notification.objects.filter(comment=comment.pk).update(text=text_short(comment.text))
    told = mentioned - {comment.author_id}
    _tell_of(comment, told, Kind.MENTION)
    others = takes_part - told - {comment.author_id}
    members = Membership.objects.filter(project=comment.thread.image.project_id, user__in=others)
    _tell_of(comment, members.values_list("user_id", flat=True), Kind.REPLY)


def on_comment_deleted(*, comment: Comment, **_: object) -> None:
    Notification.objects.filter(comment=comment.pk).delete()


def on_work_reviewed(*, item: WorkItem, actor: User, reason: str, **_: object) -> None:
    if item.assignee_id in (None, actor.pk):
        return
    Notification.objects.create(
        user_id=item.assignee_id,
        kind=_VERDICTS[Status(item.status)],
        actor=actor,
        project_id=item.project_id,
        image_id=item.pk,
        text=text_short(reason),
    )


def on_work_assigned(*, project: Project, actor: User, counts: dict[int, int], **_: object) -> None:
    Notification.objects.bulk_create(
        Notification(
            user_id=user_id,
            kind=Kind.ASSIGNED,
            actor=actor,
            project=project,
            text=f"{count} image{'' if count == 1 else 's'}",
        )
        for user_id, count in counts.items()
        if count and user_id != actor.pk
    )


def on_member_left(*, project: Project, user: User, **_: object) -> None:
    Notification.objects.filter(project=project, user=user).delete()


def subscribe() -> None:
    """Called once, when the app is loaded."""
    comment_written.connect(on_comment_written, dispatch_uid="notifications.comment_written")
    comment_deleted.connect(on_comment_deleted, dispatch_uid="notifications.comment_deleted")
    work_reviewed.connect(on_work_reviewed, dispatch_uid="notifications.work_reviewed")
    work_assigned.connect(on_work_assigned, dispatch_uid="notifications.work_assigned")
    member_left.connect(on_member_left, dispatch_uid="notifications.member_left")


def _tell_of(comment: Comment, user_ids: Iterable[int], kind: Notification.Kind) -> None:
    thread = comment.thread
    rows = [
        Notification(
            user_id=user_id,
            kind=kind,
            actor_id=comment.author_id,
            project_id=thread.image.project_id,
            image_id=thread.image_id,
            thread=thread,
            comment=comment.pk,
            text=text_short(comment.text),
        )
        for user_id in sorted(user_ids)
    ]
    # Whoever was mentioned, then not, then again, is told once.
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
