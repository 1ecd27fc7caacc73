"""The sums of a project, counted anew."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from backend.annotations.figures import masks_figures
from backend.annotations.image_figures import images_figures
from backend.annotations.models import Mask
from backend.images.figures import storage_figures
from backend.images.models import Image
from backend.projects.models import Project
from backend.tallies.families import IMAGES, MASKS, STORAGE, WORK
from backend.tallies.models import Measure
from backend.tallies.services import family_replace, tallies_replace
from backend.work.figures import change_figures
from backend.work.models import StatusChange, WorkItem


@transaction.atomic
def project_recount(*, project: Project) -> None:
    """Counts all that is kept of masks, work and storage, for data that came in past the services. Nobody may change
    masks meanwhile."""
    masks = Mask.objects.filter(image__project=project, image__original=None).order_by()
    by_label = masks.values_list("label").annotate(count=Count("pk"))
    sums = {(Measure.MASKS, label_id): count for label_id, count in by_label}
    annotated = masks.aggregate(count=Count("image", distinct=True))["count"]
    here = Mask.objects.filter(image=OuterRef("image")).order_by().values("image")
    counted = Coalesce(Subquery(here.annotate(count=Count("pk")).values("count")), 0)
    WorkItem.objects.filter(project=project).update(mask_count=counted)
    tallies_replace(project_id=project.pk, sums={**sums, (Measure.ANNOTATED_IMAGES, None): annotated})
    family_replace(MASKS, project_id=project.pk, counted=masks_figures(masks.order_by("created_at")))
    family_replace(IMAGES, project_id=project.pk, counted=images_figures(project))
    family_replace(WORK, project_id=project.pk, counted=_work(project))
    family_replace(STORAGE, project_id=project.pk, counted=_storage(project))


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
