from typing import Any, Final

from rest_framework import serializers

from backend.common.fields import KeyField
from backend.work.models import Status

# SA-1B's (Segment Anything, section 5): 3300 x 4950 on average before.
SHORT_SIDE: Final = 1500


class ReleaseParamsSerializer(serializers.Serializer[Any]):
    """What a job of kind `release` is told."""

    name = serializers.CharField(max_length=200)
    description = serializers.CharField(
        max_length=10_000, allow_blank=True, default="", help_text="What it is for, and how it came to be."
    )
    short_side = serializers.IntegerField(
        min_value=32,
        max_value=100_000,
        allow_null=True,
        default=SHORT_SIDE,
        help_text="Larger pictures are scaled down to it, in pixels; null leaves all as they are.",
    )
    statuses = serializers.ListField(
        child=serializers.ChoiceField(choices=Status.choices),
        min_length=1,
        default=[Status.ACCEPTED.value],
        help_text="Images of these; without it the accepted ones.",
    )
    licence = serializers.CharField(max_length=500, allow_blank=True, default="")
    check = KeyField(
        required=False,
        allow_null=True,
        help_text="Id of the quality check, closed, whose figures the card gives.",
    )
    seed = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2**31 - 1,
        help_text="Images and masks are numbered in an order drawn with it; without it by the project's own numbers.",
    )
