from typing import Any

from rest_framework import serializers

from backend.users.serializers import PersonSerializer
from backend.webhooks.models import Delivery, Event, Webhook
from backend.webhooks.targets import MAX_URL

# A ping is sent by hand.
SUBSCRIBABLE = [(event.value, event.label) for event in Event if event != Event.PING]


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """Without its secret."""

    events = serializers.ListField(child=serializers.ChoiceField(choices=SUBSCRIBABLE), read_only=True)
    created_by = PersonSerializer(read_only=True, allow_null=True)
    off_code = serializers.CharField(
        read_only=True, help_text="Why the server switched it off: webhook.gone, webhook.failing, or empty."
    )

    class Meta:
        model = Webhook
        fields = [
            "id",
            "url",
            "description",
            "events",
            "is_active",
            "off_code",
            "created_by",
            "created_at",
            "old_secret_until",
            "consecutive_failures",
            "failing_since",
        ]
        read_only_fields = fields


class WebhookSecretSerializer(WebhookSerializer):
    """With the secret that was just made: the only time that it is told."""

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class _FieldsSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=MAX_URL)
    description = serializers.CharField(max_length=200, allow_blank=True)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=SUBSCRIBABLE), allow_empty=False, max_length=50
    )


class WebhookCreateSerializer(_FieldsSerializer):
    description = serializers.CharField(max_length=200, allow_blank=True, default="")


class WebhookUpdateSerializer(_FieldsSerializer):
    url = serializers.CharField(max_length=MAX_URL, required=False)
    description = serializers.CharField(max_length=200, allow_blank=True, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=SUBSCRIBABLE),
        allow_empty=False,
        max_length=50,
        required=False,
    )
    is_active = serializers.BooleanField(required=False)


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    payload = serializers.DictField(read_only=True, help_text="What is posted, but for its spaces.")

    class Meta:
        model = Delivery
        fields = [
            "id",
            "message_id",
            "event",
            "payload",
            "state",
            "attempts",
            "created_at",
            "tried_at",
            "next_try_at",
            "response_code",
            "response_text",
            "error_code",
            "seconds",
        ]
        read_only_fields = fields
