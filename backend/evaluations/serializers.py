from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.evaluations.models import Evaluation
from backend.evaluations.selectors import key_figures
from backend.jobs.serializers import OF_JOB_FIELDS, OfJobSerializer, job_file_url

LARGEST = 2**31 - 1


class EvaluationSettingSerializer(serializers.Serializer[Any]):
    """A whole number that may be set."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    default = serializers.IntegerField()
    least = serializers.IntegerField()
    most = serializers.IntegerField()


class EvaluationTaskSerializer(serializers.Serializer[Any]):
    """An experiment, what it tells, and what may be set."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    settings = EvaluationSettingSerializer(many=True)


class KeyFigureSerializer(serializers.Serializer[Any]):
    """A number of the report that people look at first."""

    key = serializers.CharField(help_text="The same in all evaluations by the same task.")
    name = serializers.CharField()
    value = serializers.FloatField()


class EvaluationSerializer(OfJobSerializer, serializers.ModelSerializer[Evaluation]):
    """An evaluation with its job's state."""

    model = serializers.CharField(source="model_version.__str__", read_only=True, help_text="name@version")
    settings = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    figures = serializers.SerializerMethodField(
        help_text="The first stands for the others; empty before it is over."
    )
    images = serializers.IntegerField(read_only=True, help_text="That were measured.")
    images_left_out = serializers.IntegerField(read_only=True, help_text="That could not be looked at.")
    file_url = serializers.SerializerMethodField(
        help_text="An HTML page with all figures and examples, for who started it and who manages the project; null "
        "before it is over. It comes as a download."
    )

    class Meta:
        model = Evaluation
        fields = [
            "id",
            *OF_JOB_FIELDS,
            "project",
            "model",
            "task",
            "settings",
            "created_by",
            "created_at",
            "started_at",
            "finished_at",
            "images",
            "images_left_out",
            "figures",
            "file_url",
        ]
        read_only_fields = fields

    @extend_schema_field(KeyFigureSerializer(many=True))
    def get_figures(self, evaluation: Evaluation) -> Any:
        return key_figures(evaluation)

    def get_file_url(self, evaluation: Evaluation) -> str | None:
        return job_file_url(evaluation.job)


class EvaluationDetailSerializer(EvaluationSerializer):
    """With the whole report."""

    report = serializers.SerializerMethodField(help_text="By its task; null before it is over.")

    class Meta(EvaluationSerializer.Meta):
        fields = [*EvaluationSerializer.Meta.fields, "report"]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": {}, "nullable": True})
    def get_report(self, evaluation: Evaluation) -> Any:
        return evaluation.report


class EvaluationWriteSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(
        source="job_id", help_text="The client's, of its job: the same again makes no second one."
    )
    task = serializers.CharField(max_length=40, help_text="A name of `evaluation-tasks/`.")
    model = serializers.CharField(
        max_length=160,
        required=False,
        allow_null=True,
        default=None,
        help_text="name@version; the project's.",
    )
    settings = serializers.DictField(
        child=serializers.IntegerField(min_value=-LARGEST, max_value=LARGEST),
        required=False,
        default=dict,
        help_text="Those of the task; what is left out is its default.",
    )
