"""Which images of a project, and which of their masks, are taken out of it, and how they are dealt to splits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from django.db.models import Q, QuerySet

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.images.visibility import images_listed
from backend.projects.models import Project
from backend.tags.models import ImageTag
from backend.users.models import User


@dataclass(frozen=True)
class Selection:
    """Which images, and which of their masks; what is empty asks for nothing."""

    statuses: tuple[str, ...] = ()
    # Images with any of them.
    tag_ids: tuple[int, ...] = ()
    label_ids: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()
    author_ids: tuple[int, ...] = ()
    # Of the masks' making, both days included, in UTC.
    since: date | None = None
    until: date | None = None
    # Masks that are to be labelled later: in a category of their own, or left out.
    includes_unlabelled: bool = False
    # Who is shown it: what is hidden from them is none of it. Nobody for the server itself, which sees all.
    viewer: User | None = None

    def images(self, project: Project) -> QuerySet[Image]:
        """Originals only: what is on replicas is no work of the project."""
        images = (
            images_listed(project=project, user=self.viewer)
            if self.viewer
            else Image.objects.filter(project=project)
        )
        images = images.filter(original=None).order_by("pk")
        if self.statuses:
            images = images.filter(work__status__in=self.statuses)
        if self.tag_ids:
            images = images.filter(pk__in=ImageTag.objects.filter(tag__in=self.tag_ids).values("image"))
        return images

    def masks(self, project: Project) -> QuerySet[Mask]:
        wanted = Q(image__in=self.images(project).order_by())
        if self.label_ids:
            labelled = Q(label__in=self.label_ids)
            wanted &= labelled | Q(label=None) if self.includes_unlabelled else labelled
        elif not self.includes_unlabelled:
            wanted &= Q(label__isnull=False)
        if self.stages:
            wanted &= Q(stage__in=self.stages)
        if self.author_ids:
            wanted &= Q(author__in=self.author_ids)
        if self.since:
            wanted &= Q(created_at__date__gte=self.since)
        if self.until:
            wanted &= Q(created_at__date__lte=self.until)
        return Mask.objects.filter(wanted)


@dataclass(frozen=True)
class SplitPlan:
    """How pictures are dealt to splits: parts by split, and what must not be torn apart."""

    shares: Mapping[str, int]
    seed: int = 0
    # Nothing, the folder a picture came in, or who uploaded it.
    group: Literal["none", "folder", "uploader"] = "none"


def unlabelled_mask_count(*, project: Project, selection: Selection) -> int:
    """How many masks it asks for that are to be labelled later."""
    return replace(selection, includes_unlabelled=True).masks(project).filter(label=None).count()
