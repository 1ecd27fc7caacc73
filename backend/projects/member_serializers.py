from typing import Any

from rest_framework import serializers

from backend.projects.invitations import MAX_DAYS
from backend.projects.models import Invitation, Membership, Project

_DAYS = 7


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    user_id = serializers.IntegerField(read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    display_name = serializers.CharField(source="user.__str__", read_only=True)

    class Meta:
        model = Membership
        fields = ["user_id", "username", "display_name", "role", "created_at"]
        read_only_fields = fields


class MembershipWriteSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=Membership.Role.choices)


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """A link as it is remembered: without its secret."""

    # Empty where it was sent to nobody, which is no address.
    email = serializers.CharField(read_only=True)
    created_by = serializers.StringRelatedField[Any](read_only=True, allow_null=True)
    accepted_by = serializers.StringRelatedField[Any](read_only=True, allow_null=True)

    class Meta:
        model = Invitation
        fields = [
            "id",
            "role",
            "note",
            "email",
            "mailed_at",
            "created_by",
            "created_at",
            "expires_at",
            "revoked_at",
            "accepted_at",
            "accepted_by",
        ]
        read_only_fields = fields


class InvitationCreatedSerializer(InvitationSerializer):
    secret = serializers.SerializerMethodField()

    class Meta(InvitationSerializer.Meta):
        fields = [*InvitationSerializer.Meta.fields, "secret"]
        read_only_fields = fields

    def get_secret(self, invitation: Invitation) -> str:
        return str(self.context["secret"])


class InvitationWriteSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=Membership.Role.choices)
    days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS, default=_DAYS)
    note = serializers.CharField(max_length=200, allow_blank=True, default="")
    email = serializers.EmailField(
        max_length=254,
        allow_blank=True,
        default="",
        help_text="Where the link is sent, on servers that send mail.",
    )


class AcceptSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(max_length=200)


class JoinedSerializer(serializers.ModelSerializer[Project]):
    """The project one may open now."""

    class Meta:
        model = Project
        fields = ["id", "name"]
        read_only_fields = fields
