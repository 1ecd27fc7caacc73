from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.common.fields import KeyField
from backend.images.serializers import STATUSES, WorkSerializer
from backend.users.serializers import PersonSerializer
from backend.work.assigning import Order
from backend.work.models import Skip, StatusChange

MAX_REASON = 2000
MAX_PEOPLE = 1000
MAX_IMAGES = 10_000


class StatusChangeSerializer(serializers.ModelSerializer[StatusChange]):
    actor = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = StatusChange
        fields = ["before", "after", "actor", "reason", "created_at"]
        read_only_fields = fields


class SkipSerializer(serializers.ModelSerializer[Skip]):
    user = PersonSerializer(read_only=True)

    class Meta:
        model = Skip
        fields = ["user", "reason", "created_at"]
        read_only_fields = fields


class WorkDetailSerializer(WorkSerializer):
    """The work on an image with what happened to it."""

    # context: changes, skips

    changes = serializers.SerializerMethodField()
    skips = serializers.SerializerMethodField()

    @extend_schema_field(StatusChangeSerializer(many=True))
    def get_changes(self, item: Any) -> Any:
        return StatusChangeSerializer(self.context["changes"], many=True).data

    @extend_schema_field(SkipSerializer(many=True))
    def get_skips(self, item: Any) -> Any:
        return SkipSerializer(self.context["skips"], many=True).data


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=MAX_REASON)


class SkipReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class NextSerializer(serializers.Serializer[Any]):
    """The image one was given, null where none is left."""

    image_id = serializers.IntegerField(allow_null=True)


class CountsField(serializers.DictField):
    """Numbers of images by status; those without any are left out."""

    child = serializers.IntegerField()


class ShareSerializer(serializers.Serializer[Any]):
    user = PersonSerializer(allow_null=True)
    counts = CountsField()


class FiguresSerializer(serializers.Serializer[Any]):
    counts = CountsField()
    shares = ShareSerializer(many=True, help_text="Of every member, then of nobody.")


class ChosenSerializer(serializers.Serializer[Any]):
    """Which images: by id, or all that fit."""

    image_ids = serializers.ListField(child=KeyField(), required=False, max_length=MAX_IMAGES)
    status = serializers.ListField(child=serializers.ChoiceField(choices=STATUSES), required=False)
    assignee = KeyField(
        required=False, allow_null=True, help_text="Id of whose work it is; null for nobody's."
    )
    limit = KeyField(
        required=False, help_text="Only so many of them, those first that would be given out first."
    )


class AssignSerializer(ChosenSerializer):
    user_ids = serializers.ListField(
        child=KeyField(),
        max_length=MAX_PEOPLE,
        help_text="Who gets them; nobody gives them back to everybody.",
    )
    order = serializers.ChoiceField(choices=[order.value for order in Order], default=Order.IN_TURN.value)

    def validate_user_ids(self, ids: list[int]) -> list[int]:
        return list(dict.fromkeys(ids))


class GivenSerializer(serializers.Serializer[Any]):
    user_id = serializers.IntegerField()
    count = serializers.IntegerField()


class AssignedSerializer(serializers.Serializer[Any]):
    assigned = serializers.IntegerField()
    passed_over = serializers.IntegerField(help_text="Submitted or accepted: they stay whose they are.")
    given = GivenSerializer(many=True)
