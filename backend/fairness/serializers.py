from typing import Any

from rest_framework import serializers

from backend.fairness.comparing import LEAST_IMAGES, LEAST_MASKS
from backend.fairness.models import FairnessReport, FirstClick
from backend.jobs.serializers import OF_JOB_FIELDS, OfJobSerializer, job_file_url

MOST_MASKS = 10_000
LARGEST_SEED = 2**31 - 1


class FairnessReportSerializer(OfJobSerializer, serializers.ModelSerializer[FairnessReport]):
    """A report with its job's state."""

    model = serializers.CharField(source="model_version.__str__", read_only=True, help_text="name@version")
    first_click = serializers.ChoiceField(choices=FirstClick.choices, read_only=True)
    file_url = serializers.SerializerMethodField(
        help_text="A CSV with a row a mask, for who started it and who manages the project; null before it is over."
    )

    class Meta:
        model = FairnessReport
        fields = [
            "id",
            *OF_JOB_FIELDS,
            "project",
            "model",
            "first_click",
            "max_masks",
            "seed",
            "created_by",
            "created_at",
            "started_at",
            "finished_at",
            "images_drawn",
            "masks_drawn",
            "images_done",
            "images_failed",
            "masks_measured",
            "file_url",
        ]
        read_only_fields = fields

    def get_file_url(self, report: FairnessReport) -> str | None:
        return job_file_url(report.job)


class FairnessReportWriteSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(
        source="job_id", help_text="The client's, of its job: the same again makes no second one."
    )
    model = serializers.CharField(
        max_length=160,
        required=False,
        allow_null=True,
        default=None,
        help_text="name@version; the project's.",
    )
    max_masks = serializers.IntegerField(
        min_value=1,
        max_value=MOST_MASKS,
        required=False,
        default=2000,
        help_text="So many accepted masks at most, each as likely as any other.",
    )
    seed = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST_SEED,
        required=False,
        default=0,
        help_text="Of the draw and the clicks.",
    )
    first_click = serializers.ChoiceField(
        choices=FirstClick.choices,
        required=False,
        default=FirstClick.RANDOM,
        help_text="On any pixel of the mask, or farthest from its edge.",
    )


class GroupsQuerySerializer(serializers.Serializer[Any]):
    by = serializers.CharField(
        max_length=40,
        required=False,
        default="tag",
        help_text="`tag`, `label` or `attribute:<id>` of the kind select or checkbox.",
    )
    clicks = serializers.ChoiceField(choices=[1, 3], required=False, default=1)


class MeanIntervalSerializer(serializers.Serializer[Any]):
    """A mean over masks with its 95 % interval, clustered by image; the ends are null for a single image."""

    mean = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class FairnessGroupSerializer(serializers.Serializer[Any]):
    """A group by its masks' IoU."""

    key = serializers.CharField(
        help_text="Id of the tag or label, or the value; empty for masks without one."
    )
    name = serializers.CharField()
    color = serializers.CharField(allow_null=True)
    masks = serializers.IntegerField(source="score.masks")
    images = serializers.IntegerField(source="score.images")
    miou = MeanIntervalSerializer(source="score")
    difference = MeanIntervalSerializer(
        allow_null=True, help_text="To all other masks that were asked about; null where there are none."
    )
    is_small = serializers.BooleanField(
        help_text=f"Fewer than {LEAST_MASKS} masks or {LEAST_IMAGES} images: shown, never warned about."
    )


class FairnessWarningSerializer(serializers.Serializer[Any]):
    """Two groups whose intervals do not overlap, by their keys, and in words."""

    worse = serializers.CharField(source="worse.key")
    better = serializers.CharField(source="better.key")
    text = serializers.CharField()


class FairnessGroupsSerializer(serializers.Serializer[Any]):
    """Groups by what their masks and images are called now."""

    by = serializers.CharField()
    clicks = serializers.IntegerField()
    masks = serializers.IntegerField(help_text="Measured ones that were asked about.")
    overall = MeanIntervalSerializer(allow_null=True)
    groups = FairnessGroupSerializer(many=True)
    warnings = FairnessWarningSerializer(many=True, help_text="The widest gaps first, 20 at most.")
    pairs = serializers.IntegerField(
        help_text="Pairs of groups that were compared. By chance alone up to one in twenty may differ."
    )
    differing = serializers.IntegerField(help_text="Pairs whose intervals do not overlap.")
    masks_gone = serializers.IntegerField(help_text="Measured, but deleted since; in none of the figures.")
    masks_changed = serializers.IntegerField(help_text="Changed since they were measured.")
