from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet

from backend.common.errors import NotFound
from backend.images.models import Image
from backend.projects.models import Membership, Project
from backend.projects.permissions import MANAGERS, REVIEWERS
from backend.projects.standing import Standing
from backend.users.models import User
from backend.work.models import Hold, Skip, StatusChange, WorkItem
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


def _items_listed(project: Project, user: User, role: str | None) -> QuerySet[WorkItem]:
    """The work on `images_listed`, mostly without a look at the images."""
    items = WorkItem.objects.filter(project=project)
    if role in MANAGERS:
        return items.filter(is_replica=False)
    own = Image.objects.filter(project=project, annotator=user, original__isnull=False)
    others = Q(is_replica=False) & ~Q(pk__in=own.values("original"))
    if role not in REVIEWERS:
        others &= ~Q(hold=Hold.GROUND_TRUTH)
    return items.filter(others | Q(pk__in=own.values("pk")))


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


def work_figures(*, project: Project, user: User) -> WorkFigures:
    """Of the images as `user` sees them. Three queries for any number of images."""
    members = list(Membership.objects.filter(project=project).select_related("user").order_by("pk"))
    shares: dict[int | None, Share] = {m.user_id: Share(m.user) for m in members}
    total: Counter[str] = Counter()
    role = next((m.role for m in members if m.user_id == user.pk), None)
    rows = _items_listed(project, user, role).order_by().values_list("assignee", "status")
    counted: list[tuple[Any, str, int]] = list(rows.annotate(count=Count("pk")))
    former = {assignee for assignee, _, _ in counted} - set(shares) - {None}
    shares |= {user.pk: Share(user) for user in User.objects.filter(pk__in=former).order_by("pk")}
    shares[None] = Share(None)
    for assignee, status, count in counted:
        total[status] += count
        shares[assignee].counts[status] += count
    return WorkFigures(total, list(shares.values()))
