"""Serializer fields the apps share."""

import math
from typing import Any, Final

from rest_framework import serializers

# What databases count rows with.
LAST_KEY: Final = 2**63 - 1


class KeyField(serializers.IntegerField):
    """The primary key of a row: larger numbers, which a database would choke on, are refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LAST_KEY, **options)


class FiniteFloatField(serializers.FloatField):
    """A number JSON can carry back: "nan" and 1e999, which float() takes, are refused."""

    default_error_messages = {"not_finite": "A finite number is required."}

    def to_internal_value(self, data: Any) -> float:
        value: float = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("not_finite")
        return value
