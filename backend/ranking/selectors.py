"""The order of a project's images, and how far it is."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet
from django.db.models.functions import Cast, Floor

from backend.embeddings.models import ModelVersion
from backend.embeddings.selectors import embeddings_by
from backend.jobs.models import Job
from backend.projects.models import Project
from backend.ranking.models import RANK_IMAGES, SCORED, Order, ProjectOrder
from backend.work.models import WorkItem
from backend.work.statuses import RESTING

BINS: Final = 20


@dataclass(frozen=True)
class OrderFigures:
    """The order; of the images that nobody has begun how many are `ranked` and how many are not; whether the model has
    a parent to disagree with; the last job that ranked; images by score, in `BINS` bins from 0 to 1."""

    order: str
    ranked: int
    unranked: int
    has_parent: bool
    job: uuid.UUID | None
    bins: list[int]


def order_of(*, project: Project) -> ProjectOrder:
    """The project's, not saved where nobody chose one."""
    return ProjectOrder.objects.filter(project=project).first() or ProjectOrder(project=project)


def order_figures(*, project: Project) -> OrderFigures:
    row = order_of(project=project)
    free = images_free(project=project)
    ranked = free.filter(rank__isnull=False).count()
    job = Job.objects.filter(project=project, kind=RANK_IMAGES).order_by("-pk").first()
    return OrderFigures(
        order=row.order,
        ranked=ranked,
        unranked=free.count() - ranked,
        has_parent=project.model.parent_id is not None,
        # What ranked for another order, or for another model, says nothing of this one.
        job=job.uuid if job is not None and job.params.get("version") == row.version else None,
        bins=_bins(free) if row.order in SCORED else [],
    )


def images_free(*, project: Project) -> QuerySet[WorkItem]:
    """The work on the project's images that nobody has begun."""
    return WorkItem.objects.filter(project=project, is_replica=False, status__in=RESTING)


def images_rankable(*, project: Project, order: str) -> QuerySet[WorkItem]:
    """Those without a rank that can be given one now, the oldest first: by chance any, else those whose embedding is
    there, for a comparison with the parent its own as well."""
    items = images_free(project=project).filter(rank__isnull=True).order_by("pk")
    if order == Order.UPLOAD:
        return items.none()
    if order == Order.RANDOM:
        return items
    versions: list[ModelVersion | None] = [project.model]
    if order == Order.DISAGREEMENT:
        versions.append(project.model.parent)
    for encoder_id in {version.encoder_id for version in versions if version is not None}:
        made = embeddings_by(encoder_id=encoder_id).filter(image_sha256=OuterRef("image__sha256"))
        items = items.filter(Exists(made))
    return items


def _bins(free: QuerySet[WorkItem]) -> list[int]:
    scored: Any = free.filter(score__isnull=False).order_by()
    rows = scored.annotate(place=Cast(Floor(F("score") * BINS), IntegerField())).values("place")
    bins = [0] * BINS
    for row in rows.annotate(count=Count("pk")):
        bins[min(max(row["place"], 0), BINS - 1)] += row["count"]
    return bins
