"""Runs: what is asked for, and how far they are."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.common.fields import FiniteFloatField, KeyField
from backend.images.serializers import STATUSES
from backend.jobs.serializers import OF_JOB_FIELDS, OfJobSerializer
from backend.proposals.models import ProposalRun, Source, Stage
from backend.proposals.presets import Preset

MOST_IMAGES = 10_000


class GeneratorSettingsSerializer(serializers.Serializer[Any]):
    """Settings of the generator under their published names; what is left out is the preset's."""

    points_per_side = serializers.IntegerField(
        min_value=1, max_value=128, required=False, help_text="Points along a side of the grid."
    )
    pred_iou_thresh = FiniteFloatField(
        min_value=0, max_value=1, required=False, help_text="Masks predicted above this IoU stay; 0: all."
    )
    stability_score_thresh = FiniteFloatField(
        min_value=0, max_value=1, required=False, help_text="Masks as stable as this stay; 0: all."
    )
    stability_score_offset = FiniteFloatField(
        min_value=0.01, max_value=100, required=False, help_text="How far the cut is moved, in logits."
    )
    box_nms_thresh = FiniteFloatField(
        min_value=0,
        max_value=1,
        required=False,
        help_text="IoU of two boxes of a crop above which only the better mask stays.",
    )
    crop_n_layers = serializers.IntegerField(
        min_value=0, max_value=3, required=False, help_text="Layers of crops beside the whole image."
    )
    crop_nms_thresh = FiniteFloatField(
        min_value=0, max_value=1, required=False, help_text="The same IoU across crops."
    )
    crop_overlap_ratio = FiniteFloatField(
        min_value=0,
        max_value=0.99,
        required=False,
        help_text="Share of the short side by which crops overlap.",
    )
    crop_n_points_downscale_factor = serializers.IntegerField(
        min_value=1,
        max_value=16,
        required=False,
        help_text="So many times fewer points a side in each layer.",
    )
    min_mask_region_area = serializers.IntegerField(
        min_value=0,
        max_value=10**6,
        required=False,
        help_text="Holes and islands below so many pixels are taken out; 0: none.",
    )
    full_image_share = FiniteFloatField(
        min_value=0,
        max_value=1,
        required=False,
        allow_null=True,
        help_text="Masks of at least this share of the image are dropped; null: none.",
    )
    best_iou_share = FiniteFloatField(
        min_value=0,
        max_value=1,
        required=False,
        allow_null=True,
        help_text="Masks predicted below this share of the image's best IoU are dropped; null: none.",
    )


class ProposalCountsSerializer(serializers.Serializer[Any]):
    """`accepted` are `untouched` and `fixed` together."""

    open = serializers.IntegerField()
    accepted = serializers.IntegerField()
    untouched = serializers.IntegerField(help_text="Their masks are as the model gave them.")
    fixed = serializers.IntegerField(help_text="Somebody changed their masks' outlines.")
    rejected = serializers.IntegerField()
    superseded = serializers.IntegerField()


class ProposalRunSerializer(OfJobSerializer, serializers.ModelSerializer[ProposalRun]):
    """A run with its job's state."""

    stage = serializers.ChoiceField(choices=Stage.choices, read_only=True)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # named like a Field option
        choices=Source.choices, read_only=True
    )
    preset = serializers.ChoiceField(choices=Preset.choices, read_only=True)
    settings = GeneratorSettingsSerializer(read_only=True)
    model = serializers.CharField(source="model_version.__str__", read_only=True, help_text="name@version")
    label = serializers.IntegerField(  # type: ignore[assignment]  # named like a Field option
        source="label_id",
        read_only=True,
        allow_null=True,
        help_text="What accepted ones are called, where nothing else is said.",
    )
    images_done = serializers.IntegerField(read_only=True)
    images_failed = serializers.IntegerField(
        read_only=True,
        help_text="Of those that are done: nothing could be looked for. The job's log says why.",
    )
    covered = serializers.IntegerField(
        read_only=True, help_text="Found, but left out: masks that were there already lie over them."
    )
    counts = serializers.SerializerMethodField()

    class Meta:
        model = ProposalRun
        fields = [
            "id",
            *OF_JOB_FIELDS,
            "project",
            "stage",
            "source",
            "preset",
            "settings",
            "model",
            "label",
            "supersede",
            "created_by",
            "created_at",
            "finished_at",
            "images_total",
            "images_done",
            "images_failed",
            "covered",
            "counts",
        ]
        read_only_fields = fields

    @extend_schema_field(ProposalCountsSerializer)
    def get_counts(self, run: Any) -> Any:
        names = ("open", "untouched", "fixed", "rejected", "superseded")
        counts = {name: getattr(run, f"{name}_count") for name in names}
        return {**counts, "accepted": counts["untouched"] + counts["fixed"]}


class ProposalRunWriteSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(
        source="job_id", help_text="The client's, of its job: the same again makes no second one."
    )
    stage = serializers.ChoiceField(choices=Stage.choices)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # named like a Field option
        choices=Source.choices,
        required=False,
        default=Source.GRID,
        help_text="What the model is asked about: a grid of points, boxes of its detector, or both.",
    )
    preset = serializers.ChoiceField(choices=Preset.choices, required=False, default=Preset.FITTED)
    settings = GeneratorSettingsSerializer(required=False, help_text="Instead of the preset's.")
    label = KeyField(  # type: ignore[assignment]  # named like a Field option
        source="label_id",
        required=False,
        allow_null=True,
        default=None,
        help_text="What accepted ones are called; null for a label that is given later.",
    )
    image_ids = serializers.ListField(
        child=KeyField(),
        required=False,
        allow_null=True,
        default=None,
        min_length=1,
        max_length=MOST_IMAGES,
        help_text="Only these images, whatever their status.",
    )
    statuses = serializers.ListField(
        child=serializers.ChoiceField(choices=STATUSES),
        required=False,
        allow_null=True,
        default=None,
        min_length=1,
        help_text="Only images whose work has one of these; by default any but accepted.",
    )
    supersede = serializers.BooleanField(
        required=False, default=True, help_text="Open proposals of earlier runs give way."
    )
