from typing import Any

from rest_framework import serializers

from backend.common.fields import KeyField
from backend.tags.models import Tag
from backend.tags.services import MAX_TAGS

MAX_IMAGES = 10_000


class TagSerializer(serializers.ModelSerializer[Tag]):
    class Meta:
        model = Tag
        fields = ["id", "name", "color"]
        read_only_fields = fields


class TagWriteSerializer(serializers.ModelSerializer[Tag]):
    """Without a `color` the next one of the palette is taken."""

    color = serializers.RegexField(r"\A#[0-9a-fA-F]{6}\Z", required=False)

    class Meta:
        model = Tag
        fields = ["name", "color"]

    def validate_color(self, color: str) -> str:
        return color.lower()


class TagUpdateSerializer(TagWriteSerializer):
    """Only the fields to change."""

    class Meta(TagWriteSerializer.Meta):
        extra_kwargs = {"name": {"required": False}}


class TaggingSerializer(serializers.Serializer[Any]):
    """Tags by their ids; what is in both lists is taken away."""

    image_ids = serializers.ListField(child=KeyField(), allow_empty=False, max_length=MAX_IMAGES)
    add = serializers.ListField(child=KeyField(), default=list, max_length=MAX_TAGS)
    remove = serializers.ListField(child=KeyField(), default=list, max_length=MAX_TAGS)


class TaggedSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="Images that got a tag they had not.")
    removed = serializers.IntegerField(help_text="Images that lost a tag they had.")
