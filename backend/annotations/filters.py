import django_filters
from django.db.models import QuerySet

from backend.annotations.models import Mask
from backend.common.fields import LAST_KEY
from backend.images.serializers import STATUSES


class UUIDInFilter(django_filters.BaseInFilter, django_filters.UUIDFilter):
    """Uuids with commas between."""


class KeyInFilter(django_filters.BaseInFilter, django_filters.NumberFilter):
    """Keys of rows with commas between."""


class MaskFilter(django_filters.FilterSet):
    ids = UUIDInFilter(field_name="pk", label="Ids of masks with commas between; 100 at most.")
    image = django_filters.NumberFilter(
        field_name="image", min_value=1, max_value=LAST_KEY, label="Id of an image."
    )
    label = KeyInFilter(method="filter_label", label="Ids of labels with commas between.")
    unlabelled = django_filters.BooleanFilter(
        field_name="label", lookup_expr="isnull", label="Only masks without a label, or only those with one."
    )
    stage = django_filters.MultipleChoiceFilter(
        choices=Mask.Stage.choices, label="Stage; several are any of them."
    )
    author = django_filters.NumberFilter(
        field_name="author", min_value=1, max_value=LAST_KEY, label="Id of the person who made it."
    )
    status = django_filters.MultipleChoiceFilter(
        field_name="image__work__status",
        choices=STATUSES,
        label="Status of the work on its image; several are any of them.",
    )
    since = django_filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr="gte", label="Made at this time or later."
    )
    until = django_filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr="lt", label="Made before this time."
    )
    updated_since = django_filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte", label="Made or changed at this time or later."
    )

    class Meta:
        model = Mask
        fields = [
            "ids",
            "image",
            "label",
            "unlabelled",
            "stage",
            "author",
            "status",
            "since",
            "until",
            "updated_since",
        ]

    def filter_label(self, masks: QuerySet[Mask], name: str, value: list[int]) -> QuerySet[Mask]:
        return masks.filter(label__in=[pk for pk in value if 0 < pk <= LAST_KEY])
