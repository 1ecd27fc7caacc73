from typing import Any, Final

from rest_framework import serializers

from backend.annotations.models import Mask
from backend.common.fields import KeyField
from backend.dashboard.naming import Dimension
from backend.dashboard.work import STATUSES
from backend.training.models import ModelChange, Verdict

_OF_MASKS: Final = [
    Dimension.DAY,
    Dimension.WEEK,
    Dimension.PERSON,
    Dimension.LABEL,
    Dimension.STAGE,
    Dimension.MODEL,
    Dimension.SIZE,
]
_OF_WORK: Final = [Dimension.DAY, Dimension.AUTHOR, Dimension.REVIEWER]
_SPLITS: Final = [Dimension.PERSON, Dimension.LABEL, Dimension.STAGE, Dimension.MODEL]


def _choices(dimensions: list[Dimension]) -> list[tuple[str, str]]:
    return [(str(one), str(one)) for one in dimensions]


class KeyOrNoneField(serializers.RegexField):
    """The key of a row, or `none` for what has none of it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"^(none|[1-9][0-9]{0,17})$", required=False, **options)


def key_value(text: str) -> int | None:
    """What a `KeyOrNoneField` says."""
    return None if text == "none" else int(text)


class PeriodSerializer(serializers.Serializer[Any]):
    since = serializers.DateField(required=False, help_text="The first day, in UTC.")
    until = serializers.DateField(required=False, help_text="The last day, in UTC.")


class _ProjectsSerializer(serializers.Serializer[Any]):
    project = serializers.ListField(
        child=KeyField(),
        required=False,
        max_length=1000,
        help_text="Some of the projects whose dashboards one may see; repeat it for several. Without it all.",
    )


class _MaskFiltersSerializer(PeriodSerializer):
    split = serializers.ChoiceField(
        choices=_choices(_SPLITS),
        required=False,
        help_text="Each row once more by this; beyond the seven largest parts `others`.",
    )
    person = KeyOrNoneField(help_text="Masks of this person, or of `none` that is still there.")
    label = KeyOrNoneField(help_text="Masks with this label, or `none`.")  # type: ignore[assignment]  # named like a Field option
    stage = serializers.ChoiceField(choices=Mask.Stage.choices, required=False)
    model = KeyOrNoneField(help_text="Masks of this model version, or those by hand, `none`.")


class ProjectActivityQuerySerializer(_MaskFiltersSerializer):
    by = serializers.ChoiceField(choices=_choices(_OF_MASKS), default=str(Dimension.DAY))


class ActivityQuerySerializer(_MaskFiltersSerializer, _ProjectsSerializer):
    by = serializers.ChoiceField(
        choices=_choices([*_OF_MASKS, Dimension.PROJECT]),
        default=str(Dimension.DAY),
        help_text="Labels of one name are one.",
    )


class _ReviewFiltersSerializer(PeriodSerializer):
    author = KeyOrNoneField(help_text="Work of this person, or of `none` that is still there.")
    reviewer = KeyOrNoneField(help_text="Reviewed by this person.")


class ProjectReviewQuerySerializer(_ReviewFiltersSerializer):
    by = serializers.ChoiceField(choices=_choices(_OF_WORK), default=str(Dimension.DAY))


class ReviewQuerySerializer(_ReviewFiltersSerializer, _ProjectsSerializer):
    by = serializers.ChoiceField(choices=_choices([*_OF_WORK, Dimension.PROJECT]), default=str(Dimension.DAY))


class PeriodsSerializer(PeriodSerializer, _ProjectsSerializer):
    """Across projects."""


class _NamedSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(
        allow_null=True,
        help_text=(
            "A day, a week's Monday, a primary key, a stage, a class of size; across projects a label's name. "
            "Null for none."
        ),
    )
    name = serializers.CharField()


class MaskMeasuresSerializer(serializers.Serializer[Any]):
    masks = serializers.IntegerField()
    seconds = serializers.FloatField(help_text="At work.")
    seconds_per_mask = serializers.FloatField(allow_null=True)
    clicks = serializers.IntegerField(help_text="Points; a box is one.")
    clicks_per_mask = serializers.FloatField(allow_null=True)
    masks_per_image = serializers.FloatField(
        allow_null=True,
        help_text="Of images that have some; in the total and by project, without any filter.",
    )
    model_masks = serializers.IntegerField(help_text="With a model's version.")
    compared_masks = serializers.IntegerField(help_text="Of which what the model gave is known.")
    untouched = serializers.IntegerField(help_text="Of these: not a pixel differs from it.")
    untouched_share = serializers.FloatField(allow_null=True)
    model_iou = serializers.FloatField(
        allow_null=True, help_text="Mean IoU of masks with what the model gave."
    )


class ActivityRowSerializer(_NamedSerializer, MaskMeasuresSerializer):
    split_key = serializers.CharField(allow_null=True, required=False)
    split_name = serializers.CharField(required=False)


class ActivitySerializer(serializers.Serializer[Any]):
    rows = ActivityRowSerializer(many=True)
    total = MaskMeasuresSerializer()


class StatusRowSerializer(serializers.Serializer[Any]):
    """Images by status at the end of a day."""

    day = serializers.DateField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **{str(name): serializers.IntegerField() for name in STATUSES}}


class StatusesSerializer(serializers.Serializer[Any]):
    rows = StatusRowSerializer(many=True)


class ReviewMeasuresSerializer(serializers.Serializer[Any]):
    begun = serializers.IntegerField()
    submitted = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    reopened = serializers.IntegerField(help_text="Accepted, and rejected later.")
    accepted_share = serializers.FloatField(allow_null=True, help_text="Of those accepted or rejected.")


class ReviewRowSerializer(_NamedSerializer, ReviewMeasuresSerializer):
    """Images by what happened to them."""


class ReviewsSerializer(serializers.Serializer[Any]):
    rows = ReviewRowSerializer(many=True)
    total = ReviewMeasuresSerializer()


class StorageMeasuresSerializer(serializers.Serializer[Any]):
    images = serializers.IntegerField()
    original_bytes = serializers.IntegerField()
    display_bytes = serializers.IntegerField(help_text="Copies for browsers that cannot show the original.")
    preview_bytes = serializers.IntegerField()
    thumbnail_bytes = serializers.IntegerField()
    embedding_bytes = serializers.IntegerField(
        help_text="Of whole images; one that projects share counts in each of them."
    )
    total_bytes = serializers.IntegerField()


class StorageRowSerializer(_NamedSerializer, StorageMeasuresSerializer):
    """The files of a project."""


class StorageSerializer(serializers.Serializer[Any]):
    rows = StorageRowSerializer(many=True)
    total = StorageMeasuresSerializer()


class EngineRowSerializer(serializers.Serializer[Any]):
    """A round: the time from one change of the project's model to the next, and what was made with that model."""

    key = serializers.CharField(help_text="The number of the round: 0 began with the project.")
    name = serializers.CharField(help_text="The model, as name@version.")
    reason = serializers.ChoiceField(
        choices=ModelChange.Reason.choices, allow_null=True, help_text="Why it came; null in round 0."
    )
    retrained_from = serializers.CharField(allow_null=True, help_text="As name@version.")
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True, help_text="Null for the present round.")

    images = serializers.IntegerField(help_text="With masks of the round.")
    masks = serializers.IntegerField()
    masks_per_image = serializers.FloatField(allow_null=True)
    hand_masks = serializers.IntegerField(
        help_text="Made by a person with the model's help or without; those that took no time, as imports, are none."
    )
    seconds_per_mask = serializers.FloatField(allow_null=True, help_text="Of those made by hand.")
    clicks_per_mask = serializers.FloatField(allow_null=True, help_text="Of those made by hand.")
    seconds_per_any_mask = serializers.FloatField(
        allow_null=True, help_text="Of those made by hand and those that came from proposals together."
    )
    prefilled = serializers.IntegerField(
        help_text="Masks that came from proposals: those of the stages semi and fully automatic."
    )
    prefilled_untouched = serializers.IntegerField(help_text="Of these: not a pixel was changed.")
    prefilled_fixed = serializers.IntegerField()
    prefilled_share = serializers.FloatField(allow_null=True, help_text="Of all masks.")

    proposals_open = serializers.IntegerField(help_text="Of runs that began in the round.")
    proposals_untouched = serializers.IntegerField()
    proposals_fixed = serializers.IntegerField()
    proposals_rejected = serializers.IntegerField()
    untouched_share = serializers.FloatField(allow_null=True, help_text="Of proposals that were decided.")
    fixed_share = serializers.FloatField(allow_null=True)
    rejected_share = serializers.FloatField(allow_null=True)

    miou = serializers.FloatField(
        allow_null=True,
        help_text="The agreed figure of the round's model on the val images of its training; null without one here.",
    )
    miou_before = serializers.FloatField(
        allow_null=True, help_text="That of the model it was retrained from, on the same images."
    )
    miou_difference = serializers.FloatField(allow_null=True)
    miou_low = serializers.FloatField(
        allow_null=True, help_text="Lower end of the 95 % interval of the difference."
    )
    miou_high = serializers.FloatField(allow_null=True)
    is_held_out = serializers.BooleanField(
        allow_null=True, help_text="These images had no say in which state of the training was kept."
    )
    verdict = serializers.ChoiceField(choices=Verdict.choices, allow_null=True)
    train_images = serializers.IntegerField(allow_null=True, help_text="What the model was retrained on.")
    train_masks = serializers.IntegerField(allow_null=True)
    val_images = serializers.IntegerField(allow_null=True)
    val_masks = serializers.IntegerField(allow_null=True)


class EngineSerializer(serializers.Serializer[Any]):
    rows = EngineRowSerializer(many=True)
