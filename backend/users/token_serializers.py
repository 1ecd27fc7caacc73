from typing import Any

from rest_framework import serializers

from backend.users.models import ApiToken
from backend.users.tokens import MAX_DAYS

_DAYS = 90


class ApiTokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token as it is remembered: without its secret."""

    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "scope", "created_at", "expires_at", "last_used_at"]
        read_only_fields = fields


class ApiTokenCreatedSerializer(ApiTokenSerializer):
    secret = serializers.SerializerMethodField()

    class Meta(ApiTokenSerializer.Meta):
        fields = [*ApiTokenSerializer.Meta.fields, "secret"]
        read_only_fields = fields

    def get_secret(self, token: ApiToken) -> str:
        return str(self.context["secret"])


class ApiTokenWriteSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    scope = serializers.ChoiceField(choices=ApiToken.Scope.choices)
    days = serializers.IntegerField(
        min_value=1,
        max_value=MAX_DAYS,
        allow_null=True,
        default=_DAYS,
        help_text="How long it holds; null: until it is revoked.",
    )


class ScriptTokenSerializer(serializers.Serializer[dict[str, str]]):
    token = serializers.CharField(read_only=True)
