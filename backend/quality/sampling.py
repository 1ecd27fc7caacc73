"""Which images a round is about, and who labels which of them."""

import random
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from backend.common.errors import InvalidInput
from backend.images.models import Image
from backend.projects.models import Membership, Project
from backend.users.models import User
from backend.work.models import WorkItem
from backend.work.statuses import RESTING

# Whoever manages the project sees everybody's masks, and so labels nothing blind.
BLIND = frozenset({Membership.Role.ANNOTATOR, Membership.Role.REVIEWER})


def images_free(*, project: Project) -> QuerySet[WorkItem]:
    """The work on images that a round may take: nobody has begun them, they have no masks, and nobody had a replica."""
    replicas = Image.objects.filter(original=OuterRef("image"))
    free = WorkItem.objects.filter(
        project=project, is_replica=False, hold="", status__in=RESTING, mask_count=0
    )
    return free.exclude(Exists(replicas))


def images_named(*, project: Project, image_ids: Sequence[int]) -> list[int]:
    """The named images, each once. Raises InvalidInput `consensus.images` where one is not free."""
    wanted = list(dict.fromkeys(image_ids))
    free = set(images_free(project=project).filter(pk__in=wanted).values_list("pk", flat=True))
    refused = [pk for pk in wanted if pk not in free]
    if refused or not wanted:
        raise InvalidInput(
            "A round takes images of the project that nobody has begun and that are in no other round.",
            "consensus.images",
            {"image_ids": refused},
        )
    return wanted


def images_drawn(
    *, project: Project, count: int | None, share: float | None, name: str, seed: int
) -> list[int]:
    """`count` of the free images whose file's name has `name` in it, or a `share` of them, by chance.

    The same seed draws the same ones while the same are free. Raises InvalidInput `consensus.images` where there are
    fewer.
    """
    found = images_free(project=project)
    if name:
        found = found.filter(image__file_name__icontains=name)
    free = list(found.order_by("pk").values_list("pk", flat=True))
    wanted = count if count is not None else max(1, round(len(free) * (share or 0)))
    if wanted > len(free):
        raise InvalidInput(
            f"{len(free)} images are free for a round: nobody has begun them, and they are in no other one.",
            "consensus.images",
            {"free": len(free)},
        )
    return sorted(random.Random(seed).sample(free, wanted))  # nosec B311 # no secret


def annotators_named(*, project: Project, user_ids: Sequence[int], per_image: int) -> list[User]:
    """The people, each once, in this order.

    Raises InvalidInput `consensus.annotators` for somebody who cannot label blind, or where there are too few.
    """
    wanted = list(dict.fromkeys(user_ids))
    members = Membership.objects.filter(project=project, user__in=wanted, role__in=BLIND)
    by_id = {member.user_id: member.user for member in members.select_related("user")}
    refused = [pk for pk in wanted if pk not in by_id]
    if refused:
        raise InvalidInput(
            "Only annotators and reviewers of the project label blind: whoever manages it sees all masks.",
            "consensus.annotators",
            {"user_ids": refused},
        )
    if len(wanted) < per_image:
        raise InvalidInput(
            f"Each image is to be labelled by {per_image} people, and {len(wanted)} are chosen.",
            "consensus.annotators",
            {"user_ids": []},
        )
    return [by_id[pk] for pk in wanted]


def dealt(image_ids: Sequence[int], people: Sequence[User], per_image: int) -> list[tuple[int, User]]:
    """Each image with `per_image` different people, in turn, so that all get equally many, give or take one."""
    return [
        (image_id, people[(place * per_image + step) % len(people)])
        for place, image_id in enumerate(image_ids)
        for step in range(per_image)
    ]
