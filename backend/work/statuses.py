"""Which status may follow which, and the one function that changes it."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from backend.common.errors import Conflict, NotFound
from backend.images.models import Image
from backend.projects.standing import Standing
from backend.tallies.families import WORK
from backend.tallies.services import changes_note
from backend.users.models import User
from backend.work.figures import change_figures
from backend.work.models import Status, StatusChange, WorkItem

# Nobody has begun: the status says how far the machine is.
RESTING: Final = frozenset({Status.NEW, Status.EMBEDDING, Status.READY})
# Finished by its annotator: only reviewers still change its masks.
LOCKED: Final = frozenset({Status.SUBMITTED, Status.ACCEPTED})

ALLOWED: Final[Mapping[Status, frozenset[Status]]] = {
    Status.NEW: frozenset({Status.EMBEDDING, Status.READY, Status.IN_PROGRESS}),
    Status.EMBEDDING: frozenset({Status.NEW, Status.READY, Status.IN_PROGRESS}),
    Status.READY: frozenset({Status.NEW, Status.EMBEDDING, Status.IN_PROGRESS}),
    # Back to rest: skipped, or its lease ran out.
    Status.IN_PROGRESS: RESTING | {Status.SUBMITTED},
    # Back in progress: taken back by its author before anybody reviewed it.
    Status.SUBMITTED: frozenset({Status.IN_PROGRESS, Status.ACCEPTED, Status.REJECTED}),
    # Back to rest: taken from its author and given to everybody.
    Status.REJECTED: RESTING | {Status.IN_PROGRESS},
    Status.ACCEPTED: frozenset({Status.REJECTED}),
}

# By the state of the embedding (embeddings.Embedding.State).
_RESTING_OF: Final[Mapping[str, Status]] = {
    "queued": Status.NEW,
    "failed": Status.NEW,
    "running": Status.EMBEDDING,
    "ready": Status.READY,
}


def resting_status(image: Image) -> Status:
    """What an image nobody works on is, by its embedding."""
    embedding: Any = image.embedding
    return Status.NEW if embedding is None else _RESTING_OF[embedding.state]


def standing_of(*, assignee_id: int | None, status: str, user: User) -> Standing:
    """What an image is to a person: theirs or not, finished or not. What is nobody's is everybody's own: whoever begins
    it takes it."""
    return Standing(is_own=assignee_id in (None, user.pk), is_locked=status in LOCKED)


def works_held() -> QuerySet[WorkItem]:
    """Work with its image and embedding; the rows of it that are read are held until the transaction ends."""
    return WorkItem.objects.select_for_update(of=("self",), no_key=True).select_related("image__embedding")


def work_locked(*, image_id: int) -> WorkItem:
    """The work on an image as it is now, its row held until the transaction ends. Raises NotFound `image.not_found`."""
    item = works_held().filter(pk=image_id).first()
    if item is None:
        raise NotFound("The image was deleted in the meantime.", "image.not_found")
    return item


def status_change(
    item: WorkItem, after: Status, *, actor: User | None, reason: str = "", **fields: Any
) -> WorkItem:
    """Moves work whose row is held on to another status and remembers who did; `fields` are set along with it.

    Raises Conflict `work.transition` where the one may not follow the other.
    """
    before = Status(item.status)
    if after not in ALLOWED[before]:
        raise Conflict(
            f"This image is {before.label.lower()}; it cannot become {after.label.lower()} from there.",
            "work.transition",
            {"status": before, "wanted": after},
        )
    now = timezone.now()
    assignee_before = item.assignee_id
    for name, value in {"status": after, "status_since": now, "lease_expires_at": None, **fields}.items():
        setattr(item, name, value)
    item.save()
    change = StatusChange.objects.create(
        image_id=item.pk,
        before=before,
        after=after,
        actor=actor,
        assignee_id=item.assignee_id or assignee_before,
        reason=reason,
    )
    if not item.is_replica:
        changes_note(WORK, come=[change_figures(change, project_id=item.project_id)])
    return item


def statuses_follow(*, images: QuerySet[Image]) -> None:
    """Sets the status of images nobody has begun to what their embeddings are. Run it where those change, in the same
    transaction.

    Rows are held in the order of their keys, as wherever many are: two who hold some each would wait for each other.
    """
    resting = WorkItem.objects.filter(image__in=images, status__in=RESTING)
    held = resting.select_for_update(of=("self",), no_key=True).order_by("pk")
    wanted: dict[Status, list[int]] = {}
    for pk, status, state in held.values_list("pk", "status", "image__embedding__state"):
        right = Status.NEW if state is None else _RESTING_OF[state]
        if status != right:
            wanted.setdefault(right, []).append(pk)
    for status, pks in wanted.items():
        WorkItem.objects.filter(pk__in=pks).update(status=status, status_since=timezone.now())
