"""Who is to label which images: by hand, in turn among several people, so many for each, or nobody in particular."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from backend.common.errors import InvalidInput
from backend.images.models import Image
from backend.projects.audit import audit
from backend.projects.models import Membership, Project
from backend.projects.permissions import MAKERS
from backend.users.models import User
from backend.work.events import work_assigned
from backend.work.leases import give_back
from backend.work.models import Status, WorkItem
from backend.work.statuses import LOCKED, RESTING, works_held

AT_ONCE: Final = 1000


class Order(StrEnum):
    """How images are dealt to several people."""

    IN_TURN = "in_turn"  # first to the first, second to the second, ...
    IN_BLOCKS = "in_blocks"  # the first part to the first, the next to the second


@dataclass(frozen=True)
class Assigned:
    """What became of the chosen images. Submitted, accepted and held ones stay whose they are, and nobody is given an
    image of which they have a replica."""

    assigned: int
    passed_over: int
    by_user: dict[int, int]


def work_assign(
    *, project: Project, images: QuerySet[WorkItem], people: Sequence[int], order: Order, actor: User
) -> Assigned:
    """Gives the chosen images to `people` (ids), or back to everybody where there are none. Work that somebody has
    begun goes to its new person as it is, ready to be gone on with.

    A thousand at a time: while rows are held nobody gets on with them, and on SQLite nobody writes anything. Raises
    InvalidInput `work.assignee` for somebody who is no member or may not label.
    """
    _check(project, people)
    ids = list(images.order_by("pk").values_list("pk", flat=True))
    free = set(images.filter(hold="").exclude(status__in=LOCKED).values_list("pk", flat=True))
    dealt = _deal([pk for pk in ids if pk in free], people, order)
    by_user = dict.fromkeys(people, 0)
    assigned = 0
    for start in range(0, len(dealt), AT_ONCE):
        for user_id, count in _assign_some(project, dict(dealt[start : start + AT_ONCE]), actor).items():
            assigned += count
            if user_id is not None:
                by_user[user_id] += count
    work_assigned.send(sender=WorkItem, project=project, actor=actor, counts=by_user)
    return Assigned(assigned, len(ids) - assigned, by_user)


def _check(project: Project, people: Sequence[int]) -> None:
    makers = Membership.objects.filter(project=project, user__in=people, role__in=MAKERS)
    unknown = set(people) - set(makers.values_list("user_id", flat=True))
    if unknown:
        raise InvalidInput(
            "Images are given only to members of the project who may label.",
            "work.assignee",
            {"user_ids": sorted(unknown)},
        )


def _deal(ids: Sequence[int], people: Sequence[int], order: Order) -> list[tuple[int, int | None]]:
    if not people:
        return [(pk, None) for pk in ids]
    if order == Order.IN_TURN:
        return [(pk, people[place % len(people)]) for place, pk in enumerate(ids)]
    return [(pk, people[place * len(people) // len(ids)]) for place, pk in enumerate(ids)]


@transaction.atomic
def _assign_some(project: Project, wanted: dict[int, int | None], actor: User) -> dict[int | None, int]:
    """How many each got. Rows that were submitted in the meantime are left alone."""
    counts: dict[int | None, int] = {}
    resting: dict[int | None, list[int]] = {}
    replicas = Image.objects.filter(original__in=wanted, annotator__isnull=False)
    blind = set(replicas.values_list("original", "annotator"))
    for item in works_held().filter(pk__in=wanted, hold="").exclude(status__in=LOCKED).order_by("pk"):
        user_id = wanted[item.pk]
        if (item.pk, user_id) in blind:
            continue
        counts[user_id] = counts.get(user_id, 0) + 1
        if item.status in RESTING:
            resting.setdefault(user_id, []).append(item.pk)
        else:
            _hand_over(item, user_id, actor)
    for user_id, pks in resting.items():
        WorkItem.objects.filter(pk__in=pks).update(assignee=user_id, is_taken=False)
    if counts:
        _tell(project, counts, actor)
    return counts


def _tell(project: Project, counts: dict[int | None, int], actor: User) -> None:
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=[pk for pk in counts if pk])}
    given = [
        {"user_id": pk, "name": names.get(pk) if pk else None, "count": count} for pk, count in counts.items()
    ]
    audit(project=project, actor=actor, action="work.assigned", assigned=sum(counts.values()), given=given)


def _hand_over(item: WorkItem, user_id: int | None, actor: User) -> None:
    """Begun or rejected work whose row is held."""
    if user_id == item.assignee_id:
        WorkItem.objects.filter(pk=item.pk).update(is_taken=False)
        return
    if user_id is None or item.status == Status.IN_PROGRESS:
        item = give_back(item, actor=actor, reason="reassigned")
    item.assignee_id, item.is_taken = user_id, False
    item.save(update_fields=["assignee", "is_taken"])


@transaction.atomic
def work_of_leaver_free(*, project: Project, user: User) -> None:
    """What somebody who is no longer a member had to do belongs to everybody; what they submitted stays theirs."""
    mine = works_held().filter(project=project, assignee=user).exclude(status__in=LOCKED)
    for item in mine.order_by("pk"):
        if item.status not in RESTING:
            item = give_back(item, actor=None, reason="left the project")
        item.assignee, item.is_taken = None, False
        item.save(update_fields=["assignee", "is_taken"])
