from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from backend.annotations.serializers import BoxField, SegmentationSerializer
from backend.proposals.models import Outcome, Proposal, ProposalState, Stage
from backend.users.serializers import PersonSerializer


class PointsField(serializers.ListField):
    """[[x, y]] in image pixels."""

    def __init__(self, **options: Any) -> None:
        point = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
        super().__init__(child=point, help_text="[[x, y]]", read_only=True, **options)


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    file_name = serializers.CharField(source="image.file_name", read_only=True)
    stage = serializers.ChoiceField(source="run.stage", choices=Stage.choices, read_only=True)
    segmentation = SegmentationSerializer(read_only=True)
    bbox = BoxField()
    point_coords = PointsField()
    crop_box = BoxField()
    model = serializers.CharField(
        source="run.model_version.__str__", read_only=True, help_text="name@version"
    )
    label = serializers.IntegerField(  # type: ignore[assignment]  # named like a Field option
        source="run.label_id", read_only=True, allow_null=True, help_text="The run's."
    )
    state = serializers.ChoiceField(choices=ProposalState.choices, read_only=True)
    outcome = serializers.SerializerMethodField(help_text="Of accepted ones; null for others.")
    decided_by = PersonSerializer(read_only=True, allow_null=True)
    mask = serializers.UUIDField(
        source="mask_id", read_only=True, allow_null=True, help_text="Its own id, once it is one."
    )
    cutout_url = serializers.SerializerMethodField()

    class Meta:
        model = Proposal
        fields = [
            "id",
            "run",
            "image",
            "file_name",
            "stage",
            "segmentation",
            "bbox",
            "area",
            "predicted_iou",
            "stability_score",
            "point_coords",
            "crop_box",
            "model",
            "label",
            "state",
            "outcome",
            "decided_by",
            "decided_at",
            "mask",
            "cutout_url",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Outcome.choices, allow_null=True))
    def get_outcome(self, proposal: Proposal) -> str | None:
        return proposal.outcome or None

    def get_cutout_url(self, proposal: Proposal) -> str:
        return str(reverse("proposal_cutout", args=[proposal.pk]))


class ConfidenceBinSerializer(serializers.Serializer[Any]):
    """Proposals with a predicted IoU of `least` or more and less than the next bin's, by state. The outermost bins hold
    what is beyond."""

    least = serializers.FloatField()
    open = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    superseded = serializers.IntegerField()


class ConfidencesSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    bins = ConfidenceBinSerializer(many=True, help_text="20, of a width of 0.05, from 0 on.")
