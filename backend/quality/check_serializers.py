from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.common.fields import KeyField
from backend.images.serializers import versioned_url
from backend.quality.check_drawing import MAX_MASKS
from backend.quality.check_models import CheckedImage, QualityCheck
from backend.quality.checking import BINS
from backend.users.serializers import PersonSerializer

MAX_PEOPLE = 50


class CheckedShareSerializer(serializers.Serializer[Any]):
    """A share of the masks with Wilson's 95 % interval."""

    share = serializers.FloatField(read_only=True)
    low = serializers.FloatField(read_only=True)
    high = serializers.FloatField(read_only=True)


class CheckFiguresSerializer(serializers.Serializer[Any]):
    """Of what was submitted: IoU of each mask before and after its correction, 0 for one that was deleted."""

    images = serializers.IntegerField(read_only=True)
    masks = serializers.IntegerField(read_only=True)
    mean_iou = serializers.FloatField(read_only=True)
    above_90 = CheckedShareSerializer(read_only=True, help_text="Masks whose IoU is more than 0.90.")
    above_75 = CheckedShareSerializer(read_only=True, help_text="Masks whose IoU is more than 0.75.")
    histogram = serializers.ListField(
        child=serializers.IntegerField(),
        min_length=BINS,
        max_length=BINS,
        read_only=True,
        help_text="Masks by IoU, in 20 bins of 0.05, the last one with 1.",
    )
    redrawn = serializers.IntegerField(read_only=True, help_text="Masks with other pixels than before.")
    relabelled = serializers.IntegerField(read_only=True)
    deleted = serializers.IntegerField(read_only=True)
    added = serializers.IntegerField(read_only=True, help_text="Masks that were missing; in no share.")
    own_images = serializers.IntegerField(
        read_only=True, help_text="Images that were checked by the one whose work they are."
    )


class QualityCheckSerializer(serializers.ModelSerializer[QualityCheck]):
    """A check with its figures. context["checkers"] is what `checkers_of` returns, context["figures"] by check."""

    masks_wanted = serializers.IntegerField(
        read_only=True, help_text="So many masks at least were asked for."
    )
    checkers = serializers.SerializerMethodField()
    created_by = PersonSerializer(read_only=True, allow_null=True)
    image_count = serializers.IntegerField(read_only=True)
    mask_count = serializers.IntegerField(read_only=True)
    open_count = serializers.IntegerField(read_only=True, help_text="Images that are waited for.")
    submitted_count = serializers.IntegerField(read_only=True)
    applied_count = serializers.IntegerField(read_only=True, help_text="Corrections that were taken over.")
    refused_count = serializers.IntegerField(
        read_only=True, help_text="Corrections that were not: the mask was changed since it was copied."
    )
    figures = serializers.SerializerMethodField(help_text="Null until an image is submitted.")

    class Meta:
        model = QualityCheck
        fields = [
            "id",
            "name",
            "seed",
            "masks_wanted",
            "checkers",
            "created_by",
            "created_at",
            "closed_at",
            "applied_at",
            "image_count",
            "mask_count",
            "open_count",
            "submitted_count",
            "applied_count",
            "refused_count",
            "figures",
        ]
        read_only_fields = fields

    @extend_schema_field(PersonSerializer(many=True))
    def get_checkers(self, row: QualityCheck) -> Any:
        return PersonSerializer(self.context["checkers"][row.pk], many=True).data

    @extend_schema_field(CheckFiguresSerializer(allow_null=True))
    def get_figures(self, row: QualityCheck) -> Any:
        figures = self.context["figures"][row.pk]
        return figures and CheckFiguresSerializer(figures).data


class QualityCheckWriteSerializer(serializers.Serializer[Any]):
    """How many masks, and who corrects them."""

    name = serializers.CharField(max_length=200)
    checker_ids = serializers.ListField(child=KeyField(), min_length=1, max_length=MAX_PEOPLE)
    masks = serializers.IntegerField(
        min_value=1,
        max_value=MAX_MASKS,
        help_text="Accepted images are drawn by chance until they hold so many.",
    )
    seed = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text="Draws the same images again."
    )


class CheckedImageSerializer(serializers.ModelSerializer[CheckedImage]):
    replica = serializers.IntegerField(
        source="replica.pk",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="The checker's copy of the image; null once it went.",
    )
    file_name = serializers.CharField(source="image.file_name", read_only=True)
    thumbnail_url = serializers.SerializerMethodField()
    checker = PersonSerializer(read_only=True, allow_null=True)
    mean_iou = serializers.SerializerMethodField(help_text="Null until it is submitted.")

    class Meta:
        model = CheckedImage
        fields = [
            "id",
            "image",
            "replica",
            "file_name",
            "thumbnail_url",
            "checker",
            "is_own",
            "state",
            "mask_count",
            "mean_iou",
            "above_90",
            "above_75",
            "redrawn",
            "relabelled",
            "deleted",
            "added",
            "applied",
            "refused",
        ]
        read_only_fields = fields

    def get_thumbnail_url(self, row: CheckedImage) -> str:
        return versioned_url("image_thumbnail", row.image, row.image.sha256[:16])

    def get_mean_iou(self, row: CheckedImage) -> float | None:
        is_in = row.state in (CheckedImage.State.SUBMITTED, CheckedImage.State.APPLIED)
        return row.iou_sum / row.mask_count if is_in and row.mask_count else None
