from typing import Any

from rest_framework import serializers

from backend.ranking.models import Order


class WorkOrderSerializer(serializers.Serializer[Any]):
    """In which order people are given the images that nobody has begun."""

    order = serializers.ChoiceField(choices=Order.choices)
    ranked = serializers.IntegerField(help_text="Images that have their place.")
    unranked = serializers.IntegerField(
        help_text="Images that follow those, in the order of uploads, until they are ranked."
    )
    has_parent = serializers.BooleanField(
        help_text="Whether the model was retrained from another one: without it there is no disagreement."
    )
    job = serializers.UUIDField(
        allow_null=True, help_text="The one that ranks, or ranked last, in this order; null for none."
    )
    bins = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Images by score, 20 bins from 0 to 1; empty for orders whose scores are no shares.",
    )


class WorkOrderWriteSerializer(serializers.Serializer[Any]):
    order = serializers.ChoiceField(choices=Order.choices)
