import django_filters
from django.db.models import QuerySet

from backend.images.models import Image
from backend.images.serializers import STATES


class ImageFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        field_name="embedding__state",
        choices=STATES,
        label="State of the embedding.",
    )
    annotated = django_filters.BooleanFilter(
        method="filter_annotated", label="Only images with masks, or only those without."
    )

    class Meta:
        model = Image
        fields = ["state", "annotated"]

    def filter_annotated(self, images: QuerySet[Image], name: str, value: bool) -> QuerySet[Image]:
        counts = {"mask_count__gt": 0} if value else {"mask_count": 0}  # annotated by the selector
        return images.filter(**counts)
