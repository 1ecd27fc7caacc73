from dataclasses import astuple
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.common.fields import FiniteFloatField
from backend.embeddings.windows import Window
from backend.images.serializers import EmbeddingSerializer

MAX_POINTS = 256
MAX_SIDE = 1_000_000


@extend_schema_field({"type": "array", "items": {"type": "integer"}, "minItems": 4, "maxItems": 4})
class WindowField(serializers.ListField):
    """[x0, y0, x1, y1] in pixels of the upright image, the end exclusive."""

    def __init__(self, **kwargs: Any) -> None:
        side = serializers.IntegerField(min_value=0, max_value=MAX_SIDE)
        super().__init__(child=side, min_length=4, max_length=4, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        numbers = super().run_validation(data)
        return None if numbers is None else Window(*numbers)

    def to_representation(self, data: Any) -> list[int]:
        return list(astuple(data))


class CropRequestSerializer(serializers.Serializer[Any]):
    window = WindowField()


class CropSerializer(serializers.Serializer[Any]):
    """A window of an image and the state of its own embedding."""

    window = WindowField(read_only=True)
    embedding = EmbeddingSerializer(read_only=True)
    embedding_url = serializers.CharField(read_only=True)


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

    window = WindowField(
        allow_null=True,
        required=False,
        default=None,
        help_text="The part of the image that the prompts are about; null for all of it.",
    )
    model = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=129,
        help_text="name@version in whose frame the prompts are; empty for the one the image is shown with now.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if len(data["point_coords"]) != len(data["point_labels"]):
            raise serializers.ValidationError("point_coords and point_labels differ in length.")
        return data


class WordSerializer(serializers.Serializer[Any]):
    """A word to look for on the whole image."""

    word = serializers.CharField(
        allow_blank=True,
        max_length=100,
        help_text="As it is typed; 400 `text.empty` where no letter is in it.",
    )
    model = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=129,
        help_text="name@version that is to read it; empty for the one the image is shown with now.",
    )


class DecodeResultSerializer(serializers.Serializer[Any]):
    iou_predictions = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    low_res_masks = serializers.CharField(help_text="Base64 of little-endian float32 logits [4, L, L].")
    low_res_size = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)


class NearestWordSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="The learned word whose meaning is nearest.")
    similarity = serializers.FloatField(help_text="Cosine of the two words' embeddings.")
    is_known = serializers.BooleanField(
        help_text="Near enough for masks to be expected; of other words nothing can be promised."
    )


class WordResultSerializer(DecodeResultSerializer):
    """Masks for a word, to be refined with clicks: each can be a click's `mask_input`."""

    word = serializers.CharField(help_text="Tidy: lower case, one blank between its parts.")
    nearest = NearestWordSerializer()
    model = serializers.CharField(help_text="name@version of the model that answered.")
