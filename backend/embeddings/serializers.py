from typing import Any

from rest_framework import serializers

from backend.common.fields import FiniteFloatField

MAX_POINTS = 256


class DecodeSerializer(serializers.Serializer[Any]):
    """Prompts in the model frame (long side = image_size); labels as in ARCHITECTURE.md section 4."""

    point_coords = serializers.ListField(
        child=serializers.ListField(
            child=FiniteFloatField(min_value=-1e6, max_value=1e6), min_length=2, max_length=2
        ),
        min_length=1,
        max_length=MAX_POINTS,
    )
    point_labels = serializers.ListField(
        child=serializers.ChoiceField(choices=[-1, 0, 1, 2, 3]), min_length=1, max_length=MAX_POINTS
    )
    mask_input = serializers.CharField(
        allow_null=True,
        required=False,
        default=None,
        max_length=8 * 1024**2,
        help_text="Base64 of little-endian float32 logits [1, 1, L, L], L = low_res_size; null for none.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if len(data["point_coords"]) != len(data["point_labels"]):
            raise serializers.ValidationError("point_coords and point_labels differ in length.")
        return data


class DecodeResultSerializer(serializers.Serializer[Any]):
    iou_predictions = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    low_res_masks = serializers.CharField(help_text="Base64 of little-endian float32 logits [4, L, L].")
    low_res_size = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
