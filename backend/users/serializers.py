from typing import Any

from rest_framework import serializers

from backend.users.models import User


class PersonSerializer(serializers.Serializer[Any]):
    """A person as they are named where others see them."""

    id = serializers.IntegerField(read_only=True)
    display_name = serializers.CharField(source="__str__", read_only=True)


class UserSerializer(serializers.ModelSerializer[User]):
    display_name = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "username", "display_name", "is_staff"]
        read_only_fields = fields

    def get_display_name(self, user: User) -> str:
        return str(user)


class CredentialsSerializer(serializers.Serializer[dict[str, str]]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1024, trim_whitespace=False, write_only=True)


class OidcSerializer(serializers.Serializer[dict[str, str]]):
    """Another place where people may log in."""

    name = serializers.CharField(read_only=True)
    url = serializers.CharField(
        read_only=True, help_text="Where a browser goes; `?next=/path` says where to afterwards."
    )


class OptionsSerializer(serializers.Serializer[dict[str, Any]]):
    oidc = OidcSerializer(read_only=True, allow_null=True)
    has_email = serializers.BooleanField(
        read_only=True, help_text="Whether a link for a forgotten password can be sent."
    )
