import uuid
from typing import Final

from django.db.models import Prefetch, QuerySet

from backend.comments.models import Comment, Thread, ThreadSequence
from backend.common.errors import NotFound
from backend.images.models import Image
from backend.projects.permissions import Relation
from backend.projects.standing import Standing
from backend.users.models import User

# What is said to those whose role allows to change their own comments only.
REFUSALS: Final = {Relation.OTHER: ("comment.of_other", "This comment is somebody else's.")}


def threads_state(*, image: Image) -> str:
    """One word for how the image's threads are; another one after every change of them. One row by its key."""
    last = ThreadSequence.objects.filter(image=image).values_list("last", flat=True).first()
    return f"threads-{image.pk}-{last or 0}"


def _threads() -> QuerySet[Thread]:
    """With their comments: three queries for any number of threads."""
    comments = Comment.objects.select_related("author").prefetch_related("mentions__user")
    people = Thread.objects.select_related("created_by", "resolved_by")
    return people.prefetch_related(Prefetch("comments", comments.order_by("created_at", "pk")))


def thread_list(*, image: Image) -> QuerySet[Thread]:
    """The image's threads by number, without those whose comments are all deleted."""
    return _threads().filter(image=image, deleted_at__isnull=True).order_by("number")


def thread_current(*, thread_id: uuid.UUID) -> Thread:
    """The thread as it is now. The caller has checked who asks. Raises NotFound `thread.not_found`."""
    thread = _threads().filter(pk=thread_id).first()
    if thread is None:
        raise NotFound("There is no such thread.", "thread.not_found")
    return thread


def thread_get(*, user: User, thread_id: uuid.UUID) -> Thread:
    """One thread. Raises NotFound `thread.not_found`, also for those who are not members of its project."""
    visible = Thread.objects.select_related("image__project").filter(image__project__memberships__user=user)
    thread = visible.filter(pk=thread_id).first()
    if thread is None:
        raise NotFound("There is no such thread.", "thread.not_found")
    return thread


def comment_get(*, user: User, comment_id: uuid.UUID) -> Comment:
    """One comment, also a deleted one. Raises NotFound `comment.not_found`, like `thread_get`."""
    comments = Comment.objects.select_related("thread__image__project", "author")
    visible = comments.filter(pk=comment_id, thread__image__project__memberships__user=user)
    comment = visible.first()
    if comment is None:
        raise NotFound("There is no such comment.", "comment.not_found")
    return comment


def comment_current(*, comment_id: uuid.UUID) -> Comment:
    """The comment as it is now. The caller has checked who asks. Raises NotFound `comment.not_found`."""
    comments = Comment.objects.select_related("author").prefetch_related("mentions__user")
    comment = comments.filter(pk=comment_id).first()
    if comment is None:
        raise NotFound("There is no such comment.", "comment.not_found")
    return comment


def standing_of_comment(user: User, comment_id: uuid.UUID) -> Standing:
    """Whether `user` wrote it. The caller has checked that there is one."""
    row = Comment.objects.filter(pk=comment_id).values_list("author").first()
    if row is None:
        raise NotFound("There is no such comment.", "comment.not_found")
    return Standing(is_own=row[0] == user.pk)
