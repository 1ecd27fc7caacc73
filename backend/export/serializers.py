from typing import Any

from rest_framework import serializers

from backend.annotations.models import Mask
from backend.common.fields import KeyField
from backend.export.selection import Selection, SplitPlan
from backend.formats.registry import FORMATS
from backend.users.models import User
from backend.work.models import Status


class ExportOptionsSerializer(serializers.Serializer[Any]):
    unlabelled = serializers.ChoiceField(
        choices=["skip", "include"],
        required=False,
        help_text="Masks that are to be labelled later: left out, or in a category 0 named unlabelled.",
    )


class SplitsSerializer(serializers.Serializer[Any]):
    """Parts, as 8, 1 and 1. Each split gets its share of the pictures and of every label's masks."""

    train = serializers.IntegerField(min_value=0, max_value=1000, default=0)
    val = serializers.IntegerField(min_value=0, max_value=1000, default=0)
    test = serializers.IntegerField(min_value=0, max_value=1000, default=0)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    group = serializers.ChoiceField(
        choices=["none", "folder", "uploader"],
        default="none",
        help_text="What must not be torn apart: pictures of one folder, or of one person who uploaded them.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["train"] + attrs["val"] + attrs["test"]:
            raise serializers.ValidationError("One of train, val and test must have a part.")
        return attrs


class ExportParamsSerializer(ExportOptionsSerializer):
    """What a job of kind `export` is told. A filter that is not there asks for nothing."""

    format = serializers.ChoiceField(choices=sorted(FORMATS))
    pictures = serializers.BooleanField(default=False, help_text="Whether the photographs go along.")
    statuses = serializers.ListField(child=serializers.ChoiceField(choices=Status.choices), required=False)
    tags = serializers.ListField(
        child=KeyField(), required=False, help_text="Ids of tags; images that have any of them."
    )
    labels = serializers.ListField(child=serializers.IntegerField(min_value=1), required=False)
    stages = serializers.ListField(child=serializers.ChoiceField(choices=Mask.Stage.choices), required=False)
    authors = serializers.ListField(child=serializers.IntegerField(min_value=1), required=False)
    since = serializers.DateField(required=False, help_text="Of the masks' making, in UTC; that day too.")
    until = serializers.DateField(required=False)
    splits = SplitsSerializer(required=False)


def selection_of(values: dict[str, Any], *, viewer: User | None) -> Selection:
    """Of validated options or params, as far as `viewer` is shown it; nobody is the server itself."""
    return Selection(
        statuses=tuple(values.get("statuses", ())),
        tag_ids=tuple(values.get("tags", ())),
        label_ids=tuple(values.get("labels", ())),
        stages=tuple(values.get("stages", ())),
        author_ids=tuple(values.get("authors", ())),
        since=values.get("since"),
        until=values.get("until"),
        includes_unlabelled=values.get("unlabelled") == "include",
        viewer=viewer,
    )


def plan_of(values: dict[str, Any]) -> SplitPlan | None:
    """Of validated params."""
    splits = values.get("splits")
    if not splits:
        return None
    shares = {name: splits[name] for name in ("train", "val", "test")}
    return SplitPlan(shares=shares, seed=splits["seed"], group=splits["group"])


class FormatSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    holds = serializers.CharField(help_text="One line for people: what is in it, and who reads it.")
    fields_without_a_place = serializers.ListField(child=serializers.CharField())


class FormatsSerializer(serializers.Serializer[Any]):
    written = FormatSerializer(many=True)
    read = serializers.ListField(
        child=serializers.CharField(), help_text="Names of those that can be imported."
    )
