from typing import Any

from rest_framework import serializers

_LONGEST = 1024


def _password() -> serializers.CharField:
    return serializers.CharField(max_length=_LONGEST, trim_whitespace=False, write_only=True)


class PasswordChangeSerializer(serializers.Serializer[Any]):
    old_password = _password()
    new_password = _password()


class PasswordResetSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)


class PasswordResetConfirmSerializer(serializers.Serializer[Any]):
    uid = serializers.CharField(max_length=64)
    token = serializers.CharField(max_length=200)
    new_password = _password()
