"""Filters the apps share."""

from typing import Any

import django_filters
from django import forms
from drf_spectacular.utils import extend_schema_field

from backend.common.fields import LAST_KEY


class KeyFilter(django_filters.NumberFilter):
    """By the primary key of a row: what can be none is refused, as the schema says."""

    field_class = forms.IntegerField

    def __init__(self, *, label: str, **options: Any) -> None:
        super().__init__(label=label, min_value=1, max_value=LAST_KEY, **options)
        limits = {"type": "integer", "minimum": 1, "maximum": LAST_KEY, "description": label}
        extend_schema_field(limits)(self)
