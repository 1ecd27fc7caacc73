from typing import Any

from rest_framework import serializers

from backend.annotations.cutouts import mask_cutout_url
from backend.common.fields import KeyField
from backend.likeness.selectors import Likeness

MOST = 200


class SimilarQuerySerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(
        min_value=1, max_value=MOST, required=False, default=60, help_text="How many are told."
    )
    label = KeyField(  # type: ignore[assignment]  # named like a Field option
        source="label_id", required=False, help_text="Only masks with this label."
    )
    unlabelled = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Only masks without a label, or only those with one.",
    )


class SimilarMaskSerializer(serializers.Serializer[Likeness]):
    mask = serializers.UUIDField(source="mask.pk")
    revision = serializers.IntegerField(source="mask.revision")
    image = serializers.IntegerField(source="mask.image_id")
    file_name = serializers.CharField(source="mask.image.file_name")
    label = serializers.IntegerField(  # type: ignore[assignment]  # named like a Field option
        source="mask.label_id", allow_null=True
    )
    area = serializers.IntegerField(source="mask.area", help_text="In pixels.")
    similarity = serializers.FloatField(
        help_text="Cosine of the two masks' vectors, 1 for the same; good for ranking, no measure by itself."
    )
    cutout_url = serializers.SerializerMethodField()

    def get_cutout_url(self, likeness: Likeness) -> str:
        return mask_cutout_url(likeness.mask)


class SimilarSerializer(serializers.Serializer[Any]):
    """The masks most like one, and what was compared to find them."""

    is_ready = serializers.BooleanField(
        help_text="Whether this mask was looked at; until then nothing is told."
    )
    vectors = serializers.IntegerField(help_text="Masks that were compared.")
    is_cut = serializers.BooleanField(
        help_text="There are more than are compared at once: these are the latest."
    )
    missing = serializers.IntegerField(help_text="Masks of the project that were not looked at yet.")
    job = serializers.UUIDField(
        allow_null=True, help_text="The job that looks at them, of the kind `mask_vectors`; null for none."
    )
    results = SimilarMaskSerializer(many=True, help_text="The most alike first.")
