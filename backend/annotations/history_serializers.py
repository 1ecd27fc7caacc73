from typing import Any

from rest_framework import serializers

from backend.annotations.models import MaskRevision
from backend.annotations.serializers import (
    STATE_FIELDS,
    AttributesField,
    BoxField,
    PromptsSerializer,
    SegmentationSerializer,
)
from backend.users.serializers import PersonSerializer


class HistoryEntrySerializer(serializers.Serializer[Any]):
    """A state of a mask, or that it was deleted."""

    revision = serializers.IntegerField(help_text="Of a deletion: the revision that was deleted.")
    by = PersonSerializer(allow_null=True)
    at = serializers.DateTimeField()
    tool = serializers.ChoiceField(choices=MaskRevision.Tool.choices, allow_null=True)
    what = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the fields that differ from the state before."
    )
    label = serializers.IntegerField(source="label_id", allow_null=True)  # type: ignore[assignment]  # named like a Field option
    area = serializers.IntegerField(allow_null=True, help_text="Null where the last state was not kept.")
    is_current = serializers.BooleanField()
    is_deleted = serializers.BooleanField()


class MaskRevisionSerializer(serializers.ModelSerializer[MaskRevision]):
    """A state that a mask had."""

    id = serializers.UUIDField(source="mask_id", read_only=True)
    segmentation = SegmentationSerializer(read_only=True)
    bbox = BoxField()
    prompts = PromptsSerializer(read_only=True)
    attributes = AttributesField(read_only=True, help_text="Values by the id of the label's attribute.")
    model = serializers.SerializerMethodField(help_text="name@version, or null for a mask drawn by hand.")
    author = serializers.StringRelatedField[Any](read_only=True, allow_null=True)
    by = PersonSerializer(source="made_by", read_only=True, allow_null=True)
    at = serializers.DateTimeField(source="made_at", read_only=True)

    class Meta:
        model = MaskRevision
        fields = [*STATE_FIELDS, "by", "at"]
        read_only_fields = fields

    def get_model(self, state: MaskRevision) -> str | None:
        return str(state.model_version) if state.model_version else None


class DeletedMaskSerializer(serializers.ModelSerializer[MaskRevision]):
    """A mask that is deleted, as it was last."""

    id = serializers.UUIDField(source="mask_id", read_only=True)
    bbox = BoxField()
    deleted_by = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = MaskRevision
        fields = ["id", "revision", "label", "bbox", "area", "deleted_by", "deleted_at"]
        read_only_fields = fields
        extra_kwargs = {"deleted_at": {"allow_null": False}}


class RestoreSerializer(serializers.Serializer[Any]):
    """`revision` becomes the newest one. `from`: the present one, or the one at which the mask was deleted."""

    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)

    def get_fields(self) -> dict[str, Any]:
        # No field can be declared under a word of the language.
        present = serializers.IntegerField(source="present", min_value=1, max_value=2**31 - 1)
        return {**super().get_fields(), "from": present}
