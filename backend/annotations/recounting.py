"""The sums of a project, counted anew: to replace what is kept, or to compare it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from backend.annotations.figures import masks_figures
from backend.annotations.image_figures import images_figures
from backend.annotations.models import Mask
from backend.images.figures import storage_figures
from backend.images.models import Image
from backend.projects.models import Project
from backend.tallies.comparing import family_difference
from backend.tallies.families import IMAGES, MASKS, STORAGE, TALLIES, WORK, Family
from backend.tallies.models import Measure
from backend.tallies.services import family_replace
from backend.work.figures import change_figures
from backend.work.models import StatusChange, WorkItem


@transaction.atomic
def project_recount(*, project: Project) -> None:
    """Counts all that is kept of masks, work and storage, for data that came in past the services. Nobody may change
    masks meanwhile."""
    WorkItem.objects.filter(project=project).update(mask_count=_mask_count())
    for family, counted in _counted(project):
        family_replace(family, project_id=project.pk, counted=counted)


def project_difference(*, project: Project) -> int:
    """How many of the numbers kept of the project are not what counting says. Call it where all that is read is of one
    moment."""
    items = WorkItem.objects.filter(project=project).annotate(counted=_mask_count())
    return items.exclude(mask_count=F("counted")).count() + sum(
        family_difference(family, project_id=project.pk, counted=counted)
        for family, counted in _counted(project)
    )


def _counted(project: Project) -> Iterator[tuple[Family, Iterable[dict[str, Any]]]]:
    """What the sums of each family are sums of, day by day."""
    masks = Mask.objects.filter(image__project=project, image__original=None).order_by()
    yield TALLIES, _tallies(project, masks)
    yield MASKS, masks_figures(masks.order_by("created_at"))
    yield IMAGES, images_figures(project)
    yield WORK, _work(project)
    yield STORAGE, _storage(project)


def _mask_count() -> Coalesce:
    """Of the image of a work item."""
    here = Mask.objects.filter(image=OuterRef("image")).order_by().values("image")
    return Coalesce(Subquery(here.annotate(count=Count("pk")).values("count")), 0)


def _tallies(project: Project, masks: QuerySet[Mask]) -> Iterator[dict[str, Any]]:
    by_label = masks.values_list("label").annotate(count=Count("pk"))
    annotated = masks.aggregate(count=Count("image", distinct=True))["count"]
    sums = [(Measure.MASKS, label_id, count) for label_id, count in by_label]
    for measure, label_id, amount in (*sums, (Measure.ANNOTATED_IMAGES, None, annotated)):
        yield {"project_id": project.pk, "measure": str(measure), "label_id": label_id, "amount": amount}


def _work(project: Project) -> Iterator[dict[str, Any]]:
    changes = StatusChange.objects.filter(image__project=project, image__original=None).order_by("created_at")
    for change in changes.iterator(chunk_size=5000):
        yield change_figures(change, project_id=project.pk)


def _storage(project: Project) -> Iterator[dict[str, Any]]:
    images = (
        Image.objects.filter(project=project, original=None)
        .select_related("embedding")
        .order_by("created_at")
    )
    for image in images.iterator(chunk_size=5000):
        embedding: Any = image.embedding
        yield {**storage_figures(image), "embedding_bytes": embedding.byte_size if embedding else 0}
