from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet

from backend.common.errors import NotFound
from backend.images.models import Image
from backend.projects.models import Membership, Project
from backend.projects.standing import Standing
from backend.users.models import User
from backend.work.models import Skip, StatusChange, WorkItem
from backend.work.statuses import standing_of


def standing_of_image(user: User, image_id: int) -> Standing:
    """Whose work the image is to `user`, and whether it is finished. The caller has checked that there is one."""
    row = WorkItem.objects.filter(pk=image_id).values_list("assignee", "status").first()
    if row is None:
        raise NotFound("The image was deleted in the meantime.", "image.not_found")
    assignee, status = row
    return standing_of(assignee_id=assignee, status=status, user=user)


def work_get(*, image: Image) -> WorkItem:
    """The work on an image, with the people it names."""
    return WorkItem.objects.select_related("assignee", "reviewer").get(pk=image.pk)


def status_changes(*, image: Image) -> QuerySet[StatusChange]:
    """What people did with the image as a whole, oldest first."""
    return StatusChange.objects.filter(image=image).select_related("actor")


def skips(*, image: Image) -> QuerySet[Skip]:
    """Who passed the image over, and why."""
    return Skip.objects.filter(image=image).select_related("user")


@dataclass
class Share:
    """The images of one person, or of nobody, by status."""

    user: User | None
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class WorkFigures:
    """A project's images by status, in all and by whose they are: all members, and nobody last."""

    counts: Counter[str]
    shares: list[Share]


def work_figures(*, project: Project) -> WorkFigures:
    """Three queries for any number of images."""
    members = Membership.objects.filter(project=project).select_related("user").order_by("pk")
    shares: dict[int | None, Share] = {m.user_id: Share(m.user) for m in members}
    total: Counter[str] = Counter()
    rows = WorkItem.objects.filter(project=project).order_by().values_list("assignee", "status")
    counted: list[tuple[Any, str, int]] = list(rows.annotate(count=Count("pk")))
    former = {assignee for assignee, _, _ in counted} - set(shares) - {None}
    shares |= {user.pk: Share(user) for user in User.objects.filter(pk__in=former).order_by("pk")}
    shares[None] = Share(None)
    for assignee, status, count in counted:
        total[status] += count
        shares[assignee].counts[status] += count
    return WorkFigures(total, list(shares.values()))
