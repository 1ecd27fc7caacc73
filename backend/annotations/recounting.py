"""The sums of a project, counted anew."""

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from backend.annotations.models import Mask
from backend.projects.models import Project
from backend.tallies.models import Measure
from backend.tallies.services import tallies_replace
from backend.work.models import WorkItem


@transaction.atomic
def project_recount(*, project: Project) -> None:
    """Counts masks and annotated images, for data that came in past the services. Nobody may change masks meanwhile."""
    masks = Mask.objects.filter(image__project=project, image__original=None).order_by()
    by_label = masks.values_list("label").annotate(count=Count("pk"))
    sums = {(Measure.MASKS, label_id): count for label_id, count in by_label}
    annotated = masks.aggregate(count=Count("image", distinct=True))["count"]
    here = Mask.objects.filter(image=OuterRef("image")).order_by().values("image")
    counted = Coalesce(Subquery(here.annotate(count=Count("pk")).values("count")), 0)
    WorkItem.objects.filter(project=project).update(mask_count=counted)
    tallies_replace(project_id=project.pk, sums={**sums, (Measure.ANNOTATED_IMAGES, None): annotated})
