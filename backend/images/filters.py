from typing import Any

import django_filters
from django.db.models import Exists, F, OuterRef, QuerySet

from backend.common.filters import KeyFilter
from backend.images.models import Image
from backend.images.serializers import STATES, STATUSES


class ImageFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        field_name="embedding__state",
        choices=STATES,
        label="State of the embedding.",
    )
    annotated = django_filters.BooleanFilter(
        method="filter_annotated", label="Only images with masks, or only those without."
    )

    status = django_filters.MultipleChoiceFilter(
        method="filter_status", choices=STATUSES, label="Status of the work; several are any of them."
    )
    assignee = KeyFilter(
        field_name="work__assignee",
        label="Id of the person whose work it is.",
    )
    assigned = django_filters.BooleanFilter(
        field_name="work__assignee", lookup_expr="isnull", exclude=True, label="Somebody's work, or nobody's."
    )
    skipped = django_filters.BooleanFilter(
        method="filter_skipped", label="Only images that somebody skipped, or only those that nobody did."
    )
    name = django_filters.CharFilter(
        field_name="file_name", lookup_expr="icontains", max_length=200, label="Part of the file's name."
    )

    tag = KeyFilter(method="filter_tag", label="Id of a tag that the images have.")

    class Meta:
        model = Image
        fields = ["state", "annotated", "status", "assignee", "assigned", "skipped", "name", "tag"]

    def filter_annotated(self, images: QuerySet[Image], name: str, value: bool) -> QuerySet[Image]:
        return images.filter(work__mask_count__gt=0) if value else images.filter(work__mask_count=0)

    def filter_status(self, images: QuerySet[Image], name: str, value: list[str]) -> QuerySet[Image]:
        # The project once more, of the joined row: with it the rows of a status lie side by side in an index.
        return images.filter(work__status__in=value, work__project=F("project")) if value else images

    def filter_tag(self, images: QuerySet[Image], name: str, value: Any) -> QuerySet[Image]:
        # By a subquery, which leaves the order of the list to the index it is read by.
        return images.filter(Exists(Image.objects.filter(pk=OuterRef("pk"), tags=int(value))))

    def filter_skipped(self, images: QuerySet[Image], name: str, value: bool) -> QuerySet[Image]:
        skipped = Exists(Image.objects.filter(pk=OuterRef("pk"), skips__isnull=False))
        return images.filter(skipped) if value else images.exclude(skipped)
