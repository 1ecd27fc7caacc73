from typing import Any

from rest_framework import serializers

from backend.formats.registry import READ_FORMATS
from backend.imports.masks import Policy
from backend.imports.models import ImportUpload
from backend.imports.survey import AUTO


class ImportUploadWriteSerializer(serializers.Serializer[Any]):
    """Multipart body."""

    file = serializers.FileField(help_text="A zip of the data set, with its pictures or without.")


class ImportUploadSerializer(serializers.ModelSerializer[ImportUpload]):
    id = serializers.UUIDField(source="uuid", read_only=True, help_text="What jobs call it by.")

    class Meta:
        model = ImportUpload
        fields = ["id", "file_name", "byte_size", "created_at"]
        read_only_fields = fields


class ChoiceField(serializers.Field[Any, Any, Any, Any]):
    """A label's id, "create" or "skip"."""

    def to_internal_value(self, data: Any) -> int | str:
        if data in ("create", "skip"):
            return str(data)
        if isinstance(data, int) and not isinstance(data, bool):
            return data
        raise serializers.ValidationError('A label\'s id, "create" or "skip" is required.')

    def to_representation(self, value: Any) -> Any:
        return value


class SourceParamsSerializer(serializers.Serializer[Any]):
    """What is to be read: an upload, or a folder of a place."""

    upload = serializers.UUIDField(required=False)
    place = serializers.CharField(required=False, max_length=4096)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("upload" in attrs) == ("place" in attrs):
            raise serializers.ValidationError("Either an upload or a place is required.")
        return attrs


class PlaceSerializer(serializers.Serializer[Any]):
    """What lies directly in a folder that may be imported from; the places themselves where `path` is empty."""

    path = serializers.CharField(allow_blank=True)
    folders = serializers.ListField(
        child=serializers.CharField(), help_text="Names, to be added to the path."
    )
    file_count = serializers.IntegerField()
    byte_size = serializers.IntegerField()
    is_cut = serializers.BooleanField(help_text="More lies there than is listed and counted.")


class CheckParamsSerializer(SourceParamsSerializer):
    """What a job of kind `import.check` is told."""

    format = serializers.ChoiceField(choices=[AUTO, *sorted(READ_FORMATS)], default=AUTO)


class ImportParamsSerializer(SourceParamsSerializer):
    """What a job of kind `import` is told. Labels nobody chose for are those of their names, or new ones."""

    format = serializers.ChoiceField(choices=sorted(READ_FORMATS))
    labels = serializers.DictField(child=ChoiceField(), default=dict)
    policy = serializers.ChoiceField(
        choices=[policy.value for policy in Policy],
        default=Policy.SKIP.value,
        help_text="What becomes of images that have masks already.",
    )
    fingerprint = serializers.CharField(
        required=False,
        max_length=64,
        help_text="As the look at a place told it: where something was changed since, nothing is imported.",
    )
