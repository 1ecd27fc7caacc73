from typing import Any

from rest_framework import serializers

from backend.annotations.models import Mask, MaskTombstone
from backend.annotations.services import StaleRevision
from backend.common.fields import FiniteFloatField
from backend.projects.attributes import MAX_ATTRIBUTES
from backend.projects.serializers import AttributeValueField

MAX_COUNTS = 16 * 1024**2
MAX_POINTS = 1000

# Of a mask as it is, and of a state that it had.
STATE_FIELDS = [
    "id",
    "image",
    "label",
    "z",
    "attributes",
    "segmentation",
    "bbox",
    "area",
    "prompts",
    "model",
    "predicted_iou",
    "stability_score",
    "model_iou",
    "stage",
    "seconds_spent",
    "tool",
    "author",
    "revision",
]


class CoordinateField(FiniteFloatField):
    """Pixels of the original image. A prompt may lie outside the picture; beyond a million pixels it is a mistake."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=-1e6, max_value=1e6, **options)


class SegmentationSerializer(serializers.Serializer[Any]):
    """COCO's RLE: `size` is [height, width], `counts` the compressed column-major runs."""

    size = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=2, max_length=2)
    counts = serializers.CharField(max_length=MAX_COUNTS, trim_whitespace=False)


class PromptsSerializer(serializers.Serializer[Any]):
    """What made the mask, in pixels of the original image: points are [x, y, 1 foreground or 0 background]."""

    points = serializers.ListField(
        child=serializers.ListField(child=CoordinateField(), min_length=3, max_length=3),
        max_length=MAX_POINTS,
    )
    box = serializers.ListField(
        child=CoordinateField(),
        min_length=4,
        max_length=4,
        allow_null=True,
        help_text="[x0, y0, x1, y1] or null.",
    )
    candidate = serializers.IntegerField(
        min_value=0, max_value=3, help_text="0 the single mask, 1..3 whole, part, subpart."
    )

    def validate_points(self, points: list[list[float]]) -> list[list[float]]:
        if any(label not in (0, 1) for _, _, label in points):
            raise serializers.ValidationError("A point's label is 0 or 1.")
        return [[x, y, int(label)] for x, y, label in points]


class BoxField(serializers.ListField):
    def __init__(self, **options: Any) -> None:
        child = serializers.IntegerField()
        options = {"help_text": "[x, y, width, height]", "read_only": True, **options}
        super().__init__(child=child, min_length=4, max_length=4, **options)


class AttributesField(serializers.DictField):
    """Values by the id of the label's attribute."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=AttributeValueField(allow_null=True), **options)

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        if len(values) > MAX_ATTRIBUTES:
            raise serializers.ValidationError(f"A label has at most {MAX_ATTRIBUTES} attributes.")
        return values


class MaskSerializer(serializers.ModelSerializer[Mask]):
    segmentation = SegmentationSerializer(read_only=True)
    bbox = BoxField()
    prompts = PromptsSerializer(read_only=True)
    attributes = AttributesField(read_only=True, help_text="Values by the id of the label's attribute.")
    model = serializers.SerializerMethodField(help_text="name@version, or null for a mask drawn by hand.")
    author = serializers.SerializerMethodField(help_text="Name of the person, null when the account is gone.")
    updated_by = serializers.SerializerMethodField(help_text="Name of who changed it last, like author.")

    class Meta:
        model = Mask
        fields = [*STATE_FIELDS, "created_at", "updated_at", "updated_by"]
        read_only_fields = fields

    def get_model(self, mask: Mask) -> str | None:
        return str(mask.model_version) if mask.model_version else None

    def get_author(self, mask: Mask) -> str | None:
        return str(mask.author) if mask.author else None

    def get_updated_by(self, mask: Mask) -> str | None:
        return str(mask.updated_by) if mask.updated_by else None


class MaskFieldsSerializer(serializers.Serializer[Any]):
    """What a person sends of a mask. Box and area are not among it: the server counts them."""

    label = serializers.IntegerField(  # type: ignore[assignment]  # named like a Field option
        source="label_id", allow_null=True, help_text="Null for a mask that is labelled later."
    )
    z = serializers.IntegerField(
        required=False, min_value=-(2**15), max_value=2**15 - 1, help_text="Higher is drawn over lower."
    )
    attributes = AttributesField(
        required=False,
        help_text="Values by the id of the label's attribute; those left out keep theirs, or take the default.",
    )
    segmentation = SegmentationSerializer()
    model_segmentation = SegmentationSerializer(
        required=False,
        allow_null=True,
        help_text="What the model gave, where this mask was made of it by hand before it was saved.",
    )
    prompts = PromptsSerializer()
    model = serializers.CharField(max_length=129, allow_null=True, required=False)
    predicted_iou = FiniteFloatField(allow_null=True, required=False, min_value=-10, max_value=10)
    stability_score = FiniteFloatField(allow_null=True, required=False, min_value=0, max_value=1)
    stage = serializers.ChoiceField(choices=Mask.Stage.choices)
    seconds_spent = FiniteFloatField(required=False, min_value=0, max_value=1e6)
    tool = serializers.ChoiceField(
        choices=Mask.Tool.choices,
        allow_null=True,
        required=False,
        help_text="What made this state of the one before.",
    )


class MaskCreateSerializer(MaskFieldsSerializer):
    id = serializers.UUIDField(
        source="mask_id", help_text="Made by the client; sending it again saves nothing twice."
    )
    restores = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        allow_null=True,
        help_text="To bring a deleted mask back: the revision at which it was deleted.",
    )


class MaskUpdateSerializer(MaskFieldsSerializer):
    """Only the fields to change, and the revision they were made from."""

    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    label = serializers.IntegerField(source="label_id", required=False, allow_null=True)
    segmentation = SegmentationSerializer(required=False)
    prompts = PromptsSerializer(required=False)
    stage = serializers.ChoiceField(choices=Mask.Stage.choices, required=False)


class RevisionSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="The revision to delete.")


class TombstoneSerializer(serializers.ModelSerializer[MaskTombstone]):
    """A mask that was deleted, at which revision and by whom."""

    deleted_by = serializers.SerializerMethodField(
        help_text="Name of the person, null when the account is gone."
    )

    class Meta:
        model = MaskTombstone
        fields = ["id", "revision", "deleted_at", "deleted_by"]
        read_only_fields = fields

    def get_deleted_by(self, tombstone: MaskTombstone) -> str | None:
        return str(tombstone.deleted_by) if tombstone.deleted_by else None


class StaleExtraSerializer(serializers.Serializer[Any]):
    current = MaskSerializer(allow_null=True)
    deleted = TombstoneSerializer(allow_null=True)


class StaleRevisionSerializer(serializers.Serializer[Any]):
    """The mask was changed first by somebody else: `current`, or how it was `deleted`."""

    code = serializers.CharField()
    message = serializers.CharField()
    extra = StaleExtraSerializer()


def stale_extra(error: StaleRevision) -> dict[str, Any]:
    """How things stand with a mask that somebody else changed or deleted first, as `StaleExtraSerializer` says."""
    return {
        "current": MaskSerializer(error.current).data if error.current else None,
        "deleted": TombstoneSerializer(error.tombstone).data if error.tombstone else None,
    }


class SinceSerializer(serializers.Serializer[Any]):
    since = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=64,
        help_text="The cursor of the answer before.",
    )


class MaskChangesSerializer(serializers.Serializer[Any]):
    """What changed since the cursor. `complete`: these are all masks there are, others are gone."""

    cursor = serializers.CharField()
    complete = serializers.BooleanField(source="is_complete")
    masks = MaskSerializer(many=True)
    deleted = TombstoneSerializer(many=True)
