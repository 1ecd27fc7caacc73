"""\"Give me the next image\": nobody gets one that somebody else was given."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from backend.images.models import Image
from backend.projects.models import Membership, Project
from backend.users.models import User
from backend.work.events import work_pulling
from backend.work.gate import lease_end, work_begin
from backend.work.models import Status, WorkItem


@transaction.atomic
def work_next(*, project: Project, user: User) -> WorkItem | None:
    """The image to label next, in progress and theirs: what they have begun, what was rejected of theirs, what is
    assigned to them, then the first that belongs to nobody and that they have not skipped; what nobody has begun by its
    rank, where images have one. None where there is none.

    PostgreSQL passes over rows that another transaction holds; SQLite lets one transaction write at a time.
    """
    _one_at_a_time(project, user)
    mine = _seen_by(user, WorkItem.objects.filter(project=project, assignee=user, hold=""))
    begun = _first(mine.filter(status=Status.IN_PROGRESS))
    if begun is not None:
        begun.lease_expires_at = lease_end()
        begun.save(update_fields=["lease_expires_at"])
        return begun
    rejected = _first(mine.filter(status=Status.REJECTED))
    if rejected is not None:
        return work_begin(rejected, user)
    pool = WorkItem.objects.filter(
        project=project, status=Status.READY, assignee=None, hold="", is_replica=False
    )
    unseen = _seen_by(user, pool.exclude(image__skips__user=user))
    found = _first_ranked(mine.filter(status=Status.READY)) or _first_ranked(unseen)
    if found is None:
        return None
    answers: list[tuple[Any, Any]] = work_pulling.send(sender=WorkItem, project=project, user=user)
    instead: WorkItem | None = next((item for _, item in answers if item is not None), None)
    return work_begin(instead or found, user)


@transaction.atomic
def review_next(*, project: Project, user: User) -> WorkItem | None:
    """The submitted image to review next, kept for them while they look at it; never their own work. None where
    there is none."""
    _one_at_a_time(project, user)
    waiting = WorkItem.objects.filter(project=project, status=Status.SUBMITTED, hold="", is_replica=False)
    submitted = _seen_by(user, waiting.exclude(assignee=user))
    found = _first(submitted.filter(reviewer=user)) or _first(submitted.filter(reviewer=None))
    if found is not None:
        found.reviewer, found.lease_expires_at = user, lease_end()
        found.save(update_fields=["reviewer", "lease_expires_at"])
    return found


def _seen_by(user: User, items: QuerySet[WorkItem]) -> QuerySet[WorkItem]:
    """Without images of which they have a replica: those they must not see."""
    own = Image.objects.filter(original=OuterRef("image"), annotator=user)
    return items.exclude(Exists(own))


def _one_at_a_time(project: Project, user: User) -> None:
    """Two tabs of one person take turns; otherwise each would be given an image of its own."""
    memberships = Membership.objects.select_for_update(of=("self",), no_key=True)
    memberships.filter(project=project, user=user).first()


def _first_ranked(items: QuerySet[WorkItem]) -> WorkItem | None:
    """`_first` by rank, then of those without one."""
    ranked = _first(items.filter(rank__isnull=False), "rank", "image_id")
    return ranked or _first(items.filter(rank__isnull=True))


def _first(items: QuerySet[WorkItem], *order: str) -> WorkItem | None:
    """The first of `items` that nobody else holds, held; None where there is none.

    Rows are also held for a moment by who does something else with them: that all are must not look as if none were
    left. So the first is waited for then; by the time it is free it is ours, or one fewer is left to look at.
    """
    ordered = items.order_by(*order or ("image_id",))
    if not connection.features.has_select_for_update_skip_locked:
        return _hold(ordered)
    while True:
        found = _hold(ordered, skip_locked=True)
        if found is not None:
            return found
        first = ordered.values_list("pk", flat=True).first()
        if first is None:
            return None
        found = _hold(items.filter(pk=first))
        if found is not None:
            return found


def _hold(items: QuerySet[WorkItem], *, skip_locked: bool = False) -> WorkItem | None:
    """The first of `items`, held; where there is none, no row is held by the asking.

    PostgreSQL goes on holding rows that it passed over because they had changed meanwhile. Whoever then waited for
    another row would wait for people who wait for these: they are let go, with the savepoint.
    """
    savepoint = transaction.savepoint()
    found = items.select_for_update(of=("self",), skip_locked=skip_locked, no_key=True).first()
    if found is None:
        transaction.savepoint_rollback(savepoint)
    else:
        transaction.savepoint_commit(savepoint)
    return found
