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


class CheckParamsSerializer(serializers.Serializer[Any]):
    """What a job of kind `import.check` is told."""

    upload = serializers.UUIDField()
    format = serializers.ChoiceField(choices=[AUTO, *sorted(READ_FORMATS)], default=AUTO)


class ImportParamsSerializer(serializers.Serializer[Any]):
    """What a job of kind `import` is told. Labels nobody chose for are those of their names, or new ones."""

    upload = serializers.UUIDField()
    format = serializers.ChoiceField(choices=sorted(READ_FORMATS))
    labels = serializers.DictField(child=ChoiceField(), default=dict)
    policy = serializers.ChoiceField(
        choices=[policy.value for policy in Policy],
        default=Policy.SKIP.value,
        help_text="What becomes of images that have masks already.",
    )
