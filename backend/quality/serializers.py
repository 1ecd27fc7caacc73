from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.annotations.serializers import BoxField, SegmentationSerializer
from backend.common.fields import FiniteFloatField, KeyField
from backend.images.models import Image
from backend.images.serializers import STATUSES, versioned_url
from backend.quality.ground_truth import MAX_RATE
from backend.quality.models import ConsensusImage, ConsensusRound, GroundTruth, GroundTruthScore
from backend.users.serializers import PersonSerializer

MAX_IMAGES = 1000
MAX_PEOPLE = 50
MAX_OBJECTS = 10_000


def _mean(help_text: str) -> serializers.FloatField:
    return serializers.FloatField(read_only=True, allow_null=True, help_text=help_text)


class RoundSerializer(serializers.ModelSerializer[ConsensusRound]):
    """A round with its figures. context["annotators"] is what `annotators_of` returns."""

    annotators = serializers.SerializerMethodField()
    created_by = PersonSerializer(read_only=True, allow_null=True)
    open_count = serializers.IntegerField(read_only=True)
    ready_count = serializers.IntegerField(read_only=True)
    resolved_count = serializers.IntegerField(read_only=True)
    released_count = serializers.IntegerField(read_only=True)
    mean_iou = serializers.FloatField(
        source="mean_mean_iou", read_only=True, allow_null=True, help_text="Mean over its images."
    )
    f1 = serializers.FloatField(source="mean_f1", read_only=True, allow_null=True)
    label_agreement = serializers.FloatField(source="mean_label_agreement", read_only=True, allow_null=True)

    class Meta:
        model = ConsensusRound
        fields = [
            "id",
            "name",
            "annotators_per_image",
            "annotators",
            "seed",
            "created_by",
            "created_at",
            "closed_at",
            "open_count",
            "ready_count",
            "resolved_count",
            "released_count",
            "mean_iou",
            "f1",
            "label_agreement",
        ]
        read_only_fields = fields

    @extend_schema_field(PersonSerializer(many=True))
    def get_annotators(self, row: ConsensusRound) -> Any:
        return PersonSerializer(self.context["annotators"][row.pk], many=True).data


class RoundWriteSerializer(serializers.Serializer[Any]):
    """Which images, by name or by chance, and who labels them."""

    name = serializers.CharField(max_length=200)
    annotator_ids = serializers.ListField(child=KeyField(), min_length=2, max_length=MAX_PEOPLE)
    annotators_per_image = serializers.IntegerField(min_value=2, max_value=MAX_PEOPLE)
    image_ids = serializers.ListField(child=KeyField(), required=False, max_length=MAX_IMAGES)
    count = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_IMAGES, help_text="So many of the free images, by chance."
    )
    share = FiniteFloatField(
        required=False, min_value=0.0001, max_value=1, help_text="A share of the free images, by chance."
    )
    file_name = serializers.CharField(
        required=False, max_length=200, allow_blank=True, help_text="Only of files with this in their name."
    )
    seed = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text="Draws the same images again."
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if sum(name in data for name in ("image_ids", "count", "share")) != 1:
            raise serializers.ValidationError("Say one of image_ids, count and share.")
        return data


class ConsensusImageSerializer(serializers.ModelSerializer[ConsensusImage]):
    file_name = serializers.CharField(source="image.file_name", read_only=True)
    thumbnail_url = serializers.SerializerMethodField()
    annotator_count = serializers.IntegerField(read_only=True)
    submitted_count = serializers.IntegerField(read_only=True)
    way = serializers.ChoiceField(
        choices=ConsensusImage.Way.choices,
        allow_blank=True,
        read_only=True,
        help_text="How it was resolved; empty until then.",
    )
    resolved_by = PersonSerializer(read_only=True, allow_null=True)
    picked = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = ConsensusImage
        fields = [
            "id",
            "round",
            "image",
            "file_name",
            "thumbnail_url",
            "state",
            "annotator_count",
            "submitted_count",
            "mean_iou",
            "f1",
            "label_agreement",
            "way",
            "picked",
            "resolved_by",
            "resolved_at",
        ]
        read_only_fields = fields

    def get_thumbnail_url(self, row: ConsensusImage) -> str:
        return versioned_url("image_thumbnail", row.image, row.image.sha256[:16])


class DrawnMaskSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True)
    label = serializers.IntegerField(source="label_id", read_only=True, allow_null=True)  # type: ignore[assignment]  # named like a Field option
    segmentation = serializers.SerializerMethodField()
    bbox = BoxField()
    area = serializers.IntegerField(read_only=True)

    @extend_schema_field(SegmentationSerializer)
    def get_segmentation(self, mask: Any) -> Any:
        size = self.context["size"]
        return {"size": size, "counts": mask.counts}


class DrawerSerializer(serializers.Serializer[Any]):
    """One annotator of an image, and what they submitted."""

    annotator = PersonSerializer(read_only=True)
    replica = serializers.IntegerField(read_only=True, help_text="Their copy of the image.")
    status = serializers.ChoiceField(choices=STATUSES, read_only=True)
    masks = DrawnMaskSerializer(many=True, read_only=True)


class PairSerializer(serializers.Serializer[Any]):
    first = serializers.IntegerField(source="first_id", read_only=True)
    second = serializers.IntegerField(source="second_id", read_only=True)
    matched = serializers.IntegerField(read_only=True)
    first_count = serializers.IntegerField(read_only=True)
    second_count = serializers.IntegerField(read_only=True)
    mean_iou = _mean("Over the matched masks.")
    precision = serializers.FloatField(read_only=True, help_text="Share of the second's masks matched.")
    recall = serializers.FloatField(read_only=True, help_text="Share of the first's masks matched.")
    f1 = serializers.FloatField(read_only=True)
    label_agreement = _mean("Share of the matched masks with one label.")


class GroupSerializer(serializers.Serializer[Any]):
    """Masks of one object, and what merging them would make."""

    key = serializers.UUIDField(source="group.key", read_only=True)
    masks = serializers.ListField(child=serializers.UUIDField(), source="group.members", read_only=True)
    mean_iou = serializers.FloatField(source="group.mean_iou", read_only=True, allow_null=True)
    is_kept = serializers.BooleanField(read_only=True, help_text="At least half of the annotators drew it.")
    label = serializers.IntegerField(source="label_id", read_only=True, allow_null=True)  # type: ignore[assignment]  # named like a Field option
    segmentation = serializers.SerializerMethodField()

    @extend_schema_field(SegmentationSerializer(allow_null=True))
    def get_segmentation(self, merged: Any) -> Any:
        return merged.counts and {"size": self.context["size"], "counts": merged.counts}


class ConsensusImageDetailSerializer(ConsensusImageSerializer):
    """An image of a round with all that is needed to resolve it. context["detail"] is what `consensus_detail` returns."""

    width = serializers.IntegerField(source="image.width", read_only=True)
    height = serializers.IntegerField(source="image.height", read_only=True)
    file_url = serializers.SerializerMethodField()
    round_name = serializers.CharField(source="round.name", read_only=True)
    project = serializers.IntegerField(source="round.project_id", read_only=True)
    status = serializers.ChoiceField(choices=STATUSES, source="image.work.status", read_only=True)
    drawers = serializers.SerializerMethodField()
    pairs = serializers.SerializerMethodField()
    groups = serializers.SerializerMethodField()
    previous_id = serializers.SerializerMethodField()
    next_id = serializers.SerializerMethodField()

    class Meta(ConsensusImageSerializer.Meta):
        fields = [
            *ConsensusImageSerializer.Meta.fields,
            "width",
            "height",
            "file_url",
            "round_name",
            "project",
            "status",
            "drawers",
            "pairs",
            "groups",
            "previous_id",
            "next_id",
        ]
        read_only_fields = fields

    def get_file_url(self, row: ConsensusImage) -> str:
        """What to draw on: a reduced copy of a large picture, otherwise the file itself."""
        name = "image_preview" if row.image.preview_key else "image_file"
        return versioned_url(name, row.image, row.image.sha256[:16])

    @extend_schema_field(DrawerSerializer(many=True))
    def get_drawers(self, row: ConsensusImage) -> Any:
        detail = self.context["detail"]
        masks = detail.masks_of
        drawers = [
            {
                "annotator": replica.image.annotator,
                "replica": replica.pk,
                "status": replica.image.work.status,
                "masks": masks.get(replica.image.annotator_id, []),
            }
            for replica in detail.replicas
        ]
        return DrawerSerializer(drawers, many=True, context={"size": self._size(row)}).data

    @extend_schema_field(PairSerializer(many=True))
    def get_pairs(self, row: ConsensusImage) -> Any:
        return PairSerializer(self.context["detail"].pairs, many=True).data

    @extend_schema_field(GroupSerializer(many=True))
    def get_groups(self, row: ConsensusImage) -> Any:
        context = {"size": self._size(row)}
        return GroupSerializer(self.context["detail"].merged, many=True, context=context).data

    def get_previous_id(self, row: ConsensusImage) -> int | None:
        previous: int | None = self.context["detail"].previous_id
        return previous

    def get_next_id(self, row: ConsensusImage) -> int | None:
        following: int | None = self.context["detail"].next_id
        return following

    def _size(self, row: ConsensusImage) -> list[int]:
        return [row.image.height, row.image.width]


class ResolveSerializer(serializers.Serializer[Any]):
    way = serializers.ChoiceField(choices=ConsensusImage.Way.choices)
    annotator = KeyField(required=False, allow_null=True, help_text="Whose masks are picked.")
    objects = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        allow_null=True,
        max_length=MAX_OBJECTS,
        help_text="Of the picked ones the masks to take, of a merge the keys of the groups; without it the usual ones.",
    )
    accept = serializers.BooleanField(default=False, help_text="Accepted at once, not only submitted.")


class QualitySettingsSerializer(serializers.Serializer[Any]):
    ground_truth_rate = serializers.IntegerField(
        min_value=0, max_value=MAX_RATE, help_text="One in so many pulled images; 0 for none."
    )
    ground_truth_count = serializers.IntegerField(read_only=True)
    free_image_count = serializers.IntegerField(
        read_only=True, help_text="Images that a new consensus round may take."
    )
    checkable_mask_count = serializers.IntegerField(
        read_only=True, help_text="Masks that a new release check may draw from."
    )


class GroundTruthSerializer(serializers.ModelSerializer[GroundTruth]):
    file_name = serializers.CharField(source="image.file_name", read_only=True)
    mask_count = serializers.IntegerField(source="image.work.mask_count", read_only=True)
    thumbnail_url = serializers.SerializerMethodField()
    marked_by = PersonSerializer(read_only=True, allow_null=True)
    handed_out = serializers.IntegerField(read_only=True)
    scored = serializers.IntegerField(read_only=True)
    mean_f1 = _mean("Of those who submitted it.")
    mean_iou = _mean("Of those who submitted it.")

    class Meta:
        model = GroundTruth
        fields = [
            "image",
            "file_name",
            "thumbnail_url",
            "mask_count",
            "marked_by",
            "marked_at",
            "handed_out",
            "scored",
            "mean_f1",
            "mean_iou",
        ]
        read_only_fields = fields

    def get_thumbnail_url(self, row: GroundTruth) -> str:
        image: Image = row.image
        return versioned_url("image_thumbnail", image, image.sha256[:16])


class ScoreSerializer(serializers.ModelSerializer[GroundTruthScore]):
    annotator = PersonSerializer(read_only=True, allow_null=True)
    image = serializers.IntegerField(source="replica.original_id", read_only=True)
    file_name = serializers.CharField(source="replica.file_name", read_only=True)
    missed = serializers.IntegerField(read_only=True)
    false_positives = serializers.IntegerField(read_only=True)

    class Meta:
        model = GroundTruthScore
        fields = [
            "replica",
            "image",
            "file_name",
            "annotator",
            "truth_count",
            "mask_count",
            "matched",
            "missed",
            "false_positives",
            "mean_iou",
            "precision",
            "recall",
            "f1",
            "label_agreement",
            "at",
        ]
        read_only_fields = fields


class ConsensusFiguresSerializer(serializers.Serializer[Any]):
    mean_iou = _mean("Mean over the pairs with others.")
    f1 = _mean("Mean over the pairs with others.")
    label_agreement = _mean("Mean over the pairs with others.")
    n = serializers.IntegerField(read_only=True, help_text="Pairs with others on one image.")


class TruthFiguresSerializer(serializers.Serializer[Any]):
    mean_iou = _mean("Mean over the images.")
    recall = _mean("Mean over the images.")
    precision = _mean("Mean over the images.")
    f1 = _mean("Mean over the images.")
    n = serializers.IntegerField(read_only=True, help_text="Images whose truth is known.")


class PersonAgreementSerializer(serializers.Serializer[Any]):
    user = PersonSerializer(read_only=True)
    consensus = serializers.SerializerMethodField()
    ground_truth = serializers.SerializerMethodField()

    @extend_schema_field(ConsensusFiguresSerializer)
    def get_consensus(self, person: Any) -> Any:
        means = {name: person.mean(name) for name in ("mean_iou", "f1", "label_agreement")}
        return means | {"n": person.n}

    @extend_schema_field(TruthFiguresSerializer)
    def get_ground_truth(self, person: Any) -> Any:
        row = person.truth
        names = {"mean_iou": "truth_iou", "recall": "truth_recall", "precision": "truth_precision"}
        means = {name: row.get(column) for name, column in (names | {"f1": "truth_f1"}).items()}
        return means | {"n": row.get("n", 0)}
