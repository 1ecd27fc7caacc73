from typing import Any

from rest_framework import serializers

from backend.common.fields import KeyField
from backend.images.serializers import PersonSerializer
from backend.notifications.models import Notification


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    actor = PersonSerializer(read_only=True, allow_null=True)
    project_name = serializers.CharField(source="project.name", read_only=True)
    file_name = serializers.CharField(source="image.file_name", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Notification
        fields = [
            "id",
            "kind",
            "actor",
            "project",
            "project_name",
            "image",
            "file_name",
            "thread",
            "text",
            "created_at",
            "read_at",
        ]
        read_only_fields = fields


class UnreadSerializer(serializers.Serializer[Any]):
    unread_count = serializers.IntegerField()


class ReadSerializer(serializers.Serializer[Any]):
    """Which ones: by id, or all."""

    ids = serializers.ListField(child=KeyField(), required=False, max_length=500)
    all = serializers.BooleanField(default=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["all"] == ("ids" in data):
            raise serializers.ValidationError("Say either which ids or all.")
        return data
