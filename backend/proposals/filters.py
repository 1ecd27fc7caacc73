import django_filters
from django import forms

from backend.common.filters import KeyFilter
from backend.proposals.models import Proposal, ProposalState, Stage


class FiniteFilter(django_filters.NumberFilter):
    """A number that JSON can carry."""

    field_class = forms.FloatField


class ProposalFilter(django_filters.FilterSet):
    run = KeyFilter(field_name="run", label="Id of a run.")
    stage = django_filters.ChoiceFilter(field_name="run__stage", choices=Stage.choices, label="Stage.")
    state = django_filters.ChoiceFilter(choices=ProposalState.choices, label="What became of them.")
    image = KeyFilter(field_name="image", label="Id of an image.")
    min_predicted_iou = FiniteFilter(
        field_name="predicted_iou", lookup_expr="gte", label="Predicted IoU of this or more."
    )
    max_predicted_iou = FiniteFilter(
        field_name="predicted_iou", lookup_expr="lt", label="Predicted IoU below this."
    )
    job = django_filters.UUIDFilter(
        field_name="decided_in__uuid", label="Id of the job that decided about them last."
    )

    class Meta:
        model = Proposal
        fields = ["run", "stage", "state", "image", "min_predicted_iou", "max_predicted_iou", "job"]
