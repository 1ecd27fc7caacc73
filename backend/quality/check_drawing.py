"""Which images a check is about, and who corrects which of them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from backend.common.errors import InvalidInput
from backend.images.models import Image
from backend.projects.models import Membership, Project
from backend.projects.permissions import MAKERS
from backend.users.models import User
from backend.work.models import Status, WorkItem

# Copying more in one request would keep it waiting; of so many masks a share is known to within a percent.
MAX_MASKS: Final = 10_000
MAX_IMAGES: Final = 1000


@dataclass(frozen=True)
class Drawn:
    """An image with so many masks, who corrects it, and whether they were that person's work."""

    image_id: int
    mask_count: int
    checker: User
    is_own: bool


def checkers_named(*, project: Project, user_ids: Sequence[int]) -> list[User]:
    """The people, each once, in this order. Raises InvalidInput `quality_check.checkers` for somebody who may not "
    "label."""
    wanted = list(dict.fromkeys(user_ids))
    members = Membership.objects.filter(project=project, user__in=wanted, role__in=MAKERS)
    by_id = {member.user_id: member.user for member in members.select_related("user")}
    refused = [pk for pk in wanted if pk not in by_id]
    if refused:
        raise InvalidInput(
            "Masks are corrected by members of the project who may label.",
            "quality_check.checkers",
            {"user_ids": refused},
        )
    return [by_id[pk] for pk in wanted]


def images_drawn(*, project: Project, people: Sequence[User], masks: int, seed: int) -> list[Drawn]:
    """Accepted images by chance, until they hold so many masks; dealt to the people in turn, where that is possible to
    somebody whose work they are not.

    Held images are left out, and those of which each of the people has a copy already. The same seed draws the same ones
    while the same are accepted. Raises InvalidInput `quality_check.images` where they hold fewer masks.
    """
    accepted = WorkItem.objects.filter(
        project=project, is_replica=False, hold="", status=Status.ACCEPTED, mask_count__gt=0
    )
    rows = list(accepted.order_by("pk").values_list("pk", "mask_count", "assignee"))
    copies = Image.objects.filter(project=project, original__isnull=False, annotator__in=people)
    taken = set(copies.values_list("original", "annotator"))
    random.Random(seed).shuffle(rows)  # nosec B311 # no secret
    drawn: list[Drawn] = []
    total = 0
    for image_id, count, assignee in rows:
        if total >= masks or len(drawn) == MAX_IMAGES:
            break
        turn = len(drawn) % len(people)
        free = [one for one in (*people[turn:], *people[:turn]) if (image_id, one.pk) not in taken]
        if free:
            checker = next((one for one in free if one.pk != assignee), free[0])
            drawn.append(Drawn(image_id, count, checker, checker.pk == assignee))
            total += count
    if total < masks:
        raise InvalidInput(
            f"{total} masks can be checked: those of at most {MAX_IMAGES} accepted images that are not held, and of "
            "which "
            "one of these people has no copy yet.",
            "quality_check.images",
            {"masks": total},
        )
    return drawn
