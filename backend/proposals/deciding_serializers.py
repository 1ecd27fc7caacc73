"""What people say of proposals, and what became of each."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rest_framework import serializers

from backend.common.fields import FiniteFloatField, KeyField
from backend.proposals.deciding import Decision, Result
from backend.proposals.models import Outcome, ProposalState, Stage

MOST_IDS: Final = 500


class ImageDecisionsSerializer(serializers.Serializer[Any]):
    """What somebody at work on the image said of its proposals. Accepting one is saving a mask with its id."""

    reject = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        default=list,
        max_length=MOST_IDS,
        help_text="Open ones that are none.",
    )
    reopen = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        default=list,
        max_length=MOST_IDS,
        help_text="Rejected ones that may be some after all.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if set(attrs["reject"]) & set(attrs["reopen"]):
            raise serializers.ValidationError("A proposal is rejected or reopened, not both.")
        return attrs


class DecisionSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(
        choices=Decision.choices,
        help_text="`accept` and `reject` are about open ones; `reopen` takes back either, with the mask if nobody "
        "changed it since.",
    )
    label = KeyField(  # type: ignore[assignment]  # named like a Field option
        source="label_id",
        required=False,
        help_text="Of the masks that are made; by default the run's, or none.",
    )


class BulkDecisionSerializer(DecisionSerializer):
    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_IDS)


class ProposalFilterSerializer(serializers.Serializer[Any]):
    """As the list's filters."""

    run = KeyField(required=False)
    stage = serializers.ChoiceField(choices=Stage.choices, required=False)
    state = serializers.ChoiceField(choices=ProposalState.choices, required=False)
    image = KeyField(required=False)
    min_predicted_iou = FiniteFloatField(required=False)
    max_predicted_iou = FiniteFloatField(required=False)
    job = serializers.UUIDField(required=False)


class DecideParamsSerializer(DecisionSerializer):
    """Params of a job of the kind `decide_proposals`."""

    filter = ProposalFilterSerializer()


class DecisionErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class DecisionResultSerializer(serializers.Serializer[Any]):
    """One of the proposals that were named, as it is now."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(
        choices=ProposalState.choices, allow_null=True, help_text="Null where there is no such proposal."
    )
    outcome = serializers.ChoiceField(choices=Outcome.choices, allow_null=True)
    error = DecisionErrorSerializer(allow_null=True, help_text="Why it was refused.")


class DecisionResultsSerializer(serializers.Serializer[Any]):
    decided = serializers.IntegerField()
    unchanged = serializers.IntegerField(help_text="They were so already, or it does not apply to them.")
    refused = serializers.IntegerField()
    results = DecisionResultSerializer(many=True, help_text="In the order in which they were named.")


def results_data(results: Iterable[Result]) -> dict[str, Any]:
    """`DecisionResults` of what became of each."""
    found = list(results)
    return {
        "decided": sum(result.is_decided for result in found),
        "unchanged": sum(not result.is_decided and result.error is None for result in found),
        "refused": sum(result.error is not None for result in found),
        "results": [_result_data(result) for result in found],
    }


def _result_data(result: Result) -> Mapping[str, Any]:
    error = result.error
    return {
        "id": str(result.id),
        "state": result.state,
        "outcome": result.outcome or None,
        "error": {"code": error.code, "message": error.message} if error else None,
    }
