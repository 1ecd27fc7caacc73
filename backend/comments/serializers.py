from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.comments.models import Comment, Thread
from backend.common.fields import FiniteFloatField
from backend.images.serializers import PersonSerializer

MAX_TEXT = 5000


class MentionedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="user.pk", read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    display_name = serializers.CharField(source="user.__str__", read_only=True)


class CommentSerializer(serializers.ModelSerializer[Comment]):
    author = PersonSerializer(read_only=True, allow_null=True)
    mentions = MentionedSerializer(
        many=True, read_only=True, help_text="Members the text names as @username."
    )

    class Meta:
        model = Comment
        fields = ["id", "author", "text", "mentions", "created_at", "edited_at", "deleted_at"]
        read_only_fields = fields


class ThreadSerializer(serializers.ModelSerializer[Thread]):
    created_by = PersonSerializer(read_only=True, allow_null=True)
    resolved_by = PersonSerializer(read_only=True, allow_null=True)
    comments = serializers.SerializerMethodField(help_text="Oldest first; a deleted one has no text.")

    class Meta:
        model = Thread
        fields = [
            "id",
            "image",
            "number",
            "mask",
            "x",
            "y",
            "created_by",
            "created_at",
            "resolved_at",
            "resolved_by",
            "version",
            "comments",
        ]
        read_only_fields = fields

    @extend_schema_field(CommentSerializer(many=True))
    def get_comments(self, thread: Thread) -> Any:
        return CommentSerializer(thread.comments.all(), many=True).data


class TextSerializer(serializers.Serializer[Any]):
    # Empty ones are refused by the service, with a code of their own.
    text = serializers.CharField(max_length=MAX_TEXT, allow_blank=True)


class CommentWriteSerializer(TextSerializer):
    id = serializers.UUIDField(
        source="comment_id", help_text="The client's: the same again makes no second one."
    )


class ThreadWriteSerializer(TextSerializer):
    id = serializers.UUIDField(
        source="thread_id", help_text="The client's: the same again makes no second one."
    )
    x = FiniteFloatField(help_text="Pixels of the original image; the centre of the first one is at 0.5.")
    y = FiniteFloatField()
    mask = serializers.UUIDField(required=False, allow_null=True, default=None)
