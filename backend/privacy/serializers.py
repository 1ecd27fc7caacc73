from rest_framework import serializers

from backend.privacy.models import ProjectPrivacy


class PrivacySerializer(serializers.ModelSerializer[ProjectPrivacy]):
    """What is made unrecognisable in pictures that come from now on."""

    class Meta:
        model = ProjectPrivacy
        fields = ["faces", "plates", "originals"]
        extra_kwargs = {
            "faces": {"required": True, "help_text": "Faces are blurred."},
            "plates": {"required": True, "help_text": "Licence plates are blurred."},
            "originals": {
                "required": True,
                "help_text": "What becomes of files as they came: kept for owners and managers, or never stored.",
            },
        }


class PrivacyUpdateSerializer(PrivacySerializer):
    """Only the fields to change."""

    class Meta(PrivacySerializer.Meta):
        extra_kwargs = {
            name: {**options, "required": False}
            for name, options in PrivacySerializer.Meta.extra_kwargs.items()
        }
