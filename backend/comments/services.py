import logging
import uuid

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from backend.comments.events import comment_deleted, comment_written
from backend.comments.mentions import mentioned_members
from backend.comments.models import Comment, Mention, Thread, ThreadSequence
from backend.common.errors import Conflict, InvalidInput, NotFound
from backend.images.models import Image
from backend.images.visibility import people_seeing
from backend.users.models import User

logger = logging.getLogger("anymask.comments")

THREAD_DELETED = "This thread was deleted in the meantime."
COMMENT_DELETED = "This comment was deleted in the meantime."


@transaction.atomic
def thread_create(
    *,
    image: Image,
    author: User,
    thread_id: uuid.UUID,
    x: float,
    y: float,
    text: str,
    mask: uuid.UUID | None = None,
) -> bool:
    """Pins a thread at (x, y), pixels of the original image, and writes its first comment, which has the same id.

    Returns whether this made it; False when `author` made it before, so that a retry is safe. The mask is not looked
    for: it may be on its way from the same browser.

    Raises InvalidInput `thread.outside`, `comment.empty`, Conflict `thread.deleted`, `thread.id_taken`, NotFound
    `image.not_found`.
    """
    if not (0 <= x <= image.width and 0 <= y <= image.height):
        raise InvalidInput(
            "A pin lies on the image.", "thread.outside", {"size": [image.width, image.height]}
        )
    text = _checked(text)
    _raise_sequence(image.pk)
    stored = Thread.objects.filter(pk=thread_id).first()
    if stored is not None:
        if stored.image_id != image.pk or stored.created_by_id != author.pk:
            raise Conflict("This id belongs to another thread.", "thread.id_taken")
        if stored.deleted_at is not None:
            raise Conflict(THREAD_DELETED, "thread.deleted")
        return False
    if Comment.objects.filter(pk=thread_id).exists():
        raise Conflict("This id belongs to a comment.", "thread.id_taken")
    number = (Thread.objects.filter(image=image).aggregate(last=Max("number"))["last"] or 0) + 1
    thread = Thread.objects.create(
        id=thread_id, image=image, number=number, mask=mask, x=x, y=y, created_by=author
    )
    _write(thread, thread_id, author, text)
    logger.info("thread_created id=%s image=%s number=%s", thread.pk, image.pk, number)
    return True


@transaction.atomic
def comment_create(*, thread: Thread, author: User, comment_id: uuid.UUID, text: str) -> bool:
    """Answers in a thread. Returns whether this made the comment; False when `author` made it before.

    Raises InvalidInput `comment.empty`, Conflict `thread.deleted`, `comment.deleted`, `comment.id_taken`, NotFound
    `thread.not_found`.
    """
    text = _checked(text)
    thread = _held(thread)
    stored = Comment.objects.filter(pk=comment_id).first()
    if stored is not None:
        if stored.thread_id != thread.pk or stored.author_id != author.pk:
            raise Conflict("This id belongs to another comment.", "comment.id_taken")
        if stored.deleted_at is not None:
            raise Conflict(COMMENT_DELETED, "comment.deleted")
        return False
    if thread.deleted_at is not None:
        raise Conflict(THREAD_DELETED, "thread.deleted")
    _write(thread, comment_id, author, text)
    _raise_version(thread)
    return True


@transaction.atomic
def comment_edit(*, comment: Comment, text: str) -> None:
    """Says it differently. Raises InvalidInput `comment.empty`, Conflict `comment.deleted`."""
    text = _checked(text)
    thread = _held(comment.thread)
    comment = Comment.objects.get(pk=comment.pk)
    if comment.deleted_at is not None:
        raise Conflict(COMMENT_DELETED, "comment.deleted")
    if comment.text == text:
        return
    comment.text, comment.edited_at = text, timezone.now()
    comment.save(update_fields=["text", "edited_at"])
    comment.thread = thread
    comment_written.send(
        sender=Comment, comment=comment, mentioned=_set_mentions(comment), takes_part=frozenset()
    )
    _raise_version(thread)


@transaction.atomic
def comment_delete(*, comment: Comment) -> None:
    """Takes the text away; with the last comment of a thread the thread goes. Deleting twice is once."""
    thread = _held(comment.thread)
    now = timezone.now()
    gone = Comment.objects.filter(pk=comment.pk, deleted_at__isnull=True).update(text="", deleted_at=now)
    if not gone:
        return
    Mention.objects.filter(comment=comment).delete()
    comment_deleted.send(sender=Comment, comment=comment)
    if not Comment.objects.filter(thread=thread, deleted_at__isnull=True).exists():
        Thread.objects.filter(pk=thread.pk).update(deleted_at=now)
    _raise_version(thread)


@transaction.atomic
def thread_resolve(*, thread: Thread, user: User) -> None:
    """Nothing is left to be done about it. Raises Conflict `thread.deleted`; resolving twice is once."""
    thread = _open_or_not(thread)
    if thread.resolved_at is None:
        Thread.objects.filter(pk=thread.pk).update(resolved_at=timezone.now(), resolved_by=user)
        _raise_version(thread)


@transaction.atomic
def thread_reopen(*, thread: Thread) -> None:
    """It was not resolved after all. Raises Conflict `thread.deleted`; reopening twice is once."""
    thread = _open_or_not(thread)
    if thread.resolved_at is not None:
        Thread.objects.filter(pk=thread.pk).update(resolved_at=None, resolved_by=None)
        _raise_version(thread)


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput("A comment says something.", "comment.empty")
    return text


def _raise_sequence(image_id: int) -> None:
    """First in every change of an image's threads: holds the row until the commit."""
    if not ThreadSequence.objects.filter(pk=image_id).update(last=F("last") + 1):
        if not Image.objects.filter(pk=image_id).exists():
            raise NotFound("The image was deleted in the meantime.", "image.not_found")
        ThreadSequence.objects.get_or_create(pk=image_id)
        ThreadSequence.objects.filter(pk=image_id).update(last=F("last") + 1)


def _held(thread: Thread) -> Thread:
    """The thread as it is now; nobody else changes it until the transaction ends."""
    _raise_sequence(thread.image_id)
    found = Thread.objects.select_related("image__project").filter(pk=thread.pk).first()
    if found is None:
        raise NotFound("There is no such thread.", "thread.not_found")
    return found


def _open_or_not(thread: Thread) -> Thread:
    thread = _held(thread)
    if thread.deleted_at is not None:
        raise Conflict(THREAD_DELETED, "thread.deleted")
    return thread


def _raise_version(thread: Thread) -> None:
    Thread.objects.filter(pk=thread.pk).update(version=F("version") + 1)


def _write(thread: Thread, comment_id: uuid.UUID, author: User, text: str) -> None:
    before = Comment.objects.filter(thread=thread, author__isnull=False).order_by()
    # Not who must not see the image any more.
    seeing = people_seeing(image=thread.image).values("user")
    takes_part = frozenset(before.filter(author__in=seeing).values_list("author_id", flat=True).distinct())
    comment = Comment.objects.create(id=comment_id, thread=thread, author=author, text=text)
    mentioned = _set_mentions(comment)
    comment_written.send(sender=Comment, comment=comment, mentioned=mentioned, takes_part=takes_part)


def _set_mentions(comment: Comment) -> frozenset[int]:
    """Those the text names are mentioned, others no longer. Returns who was not before."""
    named = mentioned_members(image=comment.thread.image, text=comment.text)
    known = set(Mention.objects.filter(comment=comment).values_list("user_id", flat=True))
    Mention.objects.filter(comment=comment, user__in=known - named).delete()
    Mention.objects.bulk_create(
        Mention(comment=comment, user_id=user_id) for user_id in sorted(named - known)
    )
    return frozenset(named - known)
