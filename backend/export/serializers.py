from typing import Any

from rest_framework import serializers


class ExportOptionsSerializer(serializers.Serializer[Any]):
    unlabelled = serializers.ChoiceField(
        choices=["skip", "include"],
        required=False,
        help_text="Masks that are to be labelled later: left out, or in a category 0 named unlabelled.",
    )
