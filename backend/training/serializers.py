from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.common.fields import KeyField
from backend.images.serializers import ModelNameSerializer
from backend.jobs.serializers import OF_JOB_FIELDS, OfJobSerializer, job_file_url
from backend.projects.serializers import ModelVersionSerializer
from backend.training.models import ModelChange, Parts, TrainingRun, Verdict
from backend.users.serializers import PersonSerializer

MOST_PROJECTS = 50
LONGEST_MINUTES = 7 * 24 * 60


class ModelFiguresSerializer(serializers.Serializer[Any]):
    """How well a model does on the val images of the project."""

    images = serializers.IntegerField()
    masks = serializers.IntegerField()
    mean_miou = serializers.FloatField(help_text="The agreed figure: mean of a box, 1, 3 and 5 clicks.")
    box_miou = serializers.FloatField()
    click1_top_miou = serializers.FloatField(help_text="The answer the model itself ranks first.")
    click1_best_miou = serializers.FloatField(help_text="The best of its three answers.")
    click3_miou = serializers.FloatField()
    click5_miou = serializers.FloatField()
    iou_rank_correlation = serializers.FloatField(
        allow_null=True, help_text="Spearman's, of predicted and true IoU after one click."
    )
    seconds_per_image = serializers.FloatField()


class ModelDifferenceSerializer(serializers.Serializer[Any]):
    """Child minus parent by the agreed figure, with its 95 % interval; the error is that of paired masks, clustered by
    image."""

    mean = serializers.FloatField()
    low = serializers.FloatField(allow_null=True, help_text="Null where a single image was measured.")
    high = serializers.FloatField(allow_null=True)
    images = serializers.IntegerField()
    is_held_out = serializers.BooleanField(
        help_text="These images had no say in which state of the training was kept; so it is from 24 val images on."
    )


class TrainingMetricsSerializer(serializers.Serializer[Any]):
    parent = ModelFiguresSerializer()
    child = ModelFiguresSerializer()
    difference = ModelDifferenceSerializer()


class ModelKeySerializer(ModelNameSerializer):
    id = serializers.IntegerField(read_only=True)


class TrainingRunSerializer(OfJobSerializer, serializers.ModelSerializer[TrainingRun]):
    """A retraining with its job's state."""

    projects = serializers.SerializerMethodField(help_text="Ids of those whose masks it learns from.")
    parent = ModelKeySerializer(read_only=True)
    parts = serializers.ChoiceField(choices=Parts.choices, read_only=True)
    parts_chosen = serializers.ChoiceField(
        choices=Parts.choices, allow_blank=True, read_only=True, help_text="What `auto` came to."
    )
    metrics = serializers.SerializerMethodField(help_text="Null before they are measured.")
    verdict = serializers.ChoiceField(
        choices=Verdict.choices,
        allow_blank=True,
        read_only=True,
        help_text="By the interval of `metrics.difference`: `same` where it includes 0, or where there is none.",
    )
    result = ModelKeySerializer(read_only=True, allow_null=True)
    is_promoted = serializers.SerializerMethodField(help_text="The project uses what came of it now.")
    pictures_url = serializers.SerializerMethodField(
        help_text="A JPEG: val images with the truth, before and after; null where there is none."
    )

    class Meta:
        model = TrainingRun
        fields = [
            "id",
            *OF_JOB_FIELDS,
            "project",
            "projects",
            "created_by",
            "created_at",
            "started_at",
            "finished_at",
            "parent",
            "parts",
            "parts_chosen",
            "device",
            "max_minutes",
            "steps",
            "train_images",
            "train_masks",
            "val_images",
            "val_masks",
            "metrics",
            "verdict",
            "result",
            "is_promoted",
            "pictures_url",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_projects(self, run: TrainingRun) -> list[int]:
        return sorted(project.pk for project in run.projects.all())

    @extend_schema_field(TrainingMetricsSerializer(allow_null=True))
    def get_metrics(self, run: TrainingRun) -> Any:
        return TrainingMetricsSerializer(run.metrics).data if run.metrics else None

    def get_is_promoted(self, run: TrainingRun) -> bool:
        return run.result_id is not None and run.project.model_id == run.result_id

    def get_pictures_url(self, run: TrainingRun) -> str | None:
        return job_file_url(run.job)


class CurvePointSerializer(serializers.Serializer[Any]):
    """`loss` of the training, or `val`, the agreed figure on a sample of the val images."""

    step = serializers.IntegerField()
    loss = serializers.FloatField(required=False)
    val = serializers.FloatField(required=False)


class TrainingRunDetailSerializer(TrainingRunSerializer):
    """With its curve."""

    curve = CurvePointSerializer(many=True, read_only=True)

    class Meta(TrainingRunSerializer.Meta):
        fields = [*TrainingRunSerializer.Meta.fields, "curve"]
        read_only_fields = fields


class TrainingRunWriteSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(
        source="run_uuid", help_text="The client's, of its job: the same again makes no second one."
    )
    projects = serializers.ListField(
        source="project_ids",
        child=KeyField(),
        required=False,
        default=list,
        max_length=MOST_PROJECTS,
        help_text="Others, whose accepted masks are learned from as well, not measured by; you must manage them.",
    )
    parts = serializers.ChoiceField(
        choices=Parts.choices, required=False, default=Parts.AUTO, help_text="`auto`: by the memory there is."
    )
    max_minutes = serializers.IntegerField(
        min_value=1, max_value=LONGEST_MINUTES, required=False, default=10, help_text="Of training."
    )
    steps = serializers.IntegerField(
        min_value=1,
        max_value=1_000_000,
        required=False,
        allow_null=True,
        default=None,
        help_text="Null for as many as the minutes hold.",
    )


class MaterialQuerySerializer(serializers.Serializer[Any]):
    projects = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        default=list,
        max_length=MOST_PROJECTS,
        help_text="Ids of others that are learned from as well; you must manage them.",
    )


class MaterialSerializer(serializers.Serializer[Any]):
    """What a retraining that began now would be made of, and the least masks of either side it needs."""

    train_images = serializers.IntegerField(help_text="Accepted images to train on.")
    train_masks = serializers.IntegerField()
    val_images = serializers.IntegerField(help_text="Accepted images to measure by.")
    val_masks = serializers.IntegerField()
    train_masks_needed = serializers.IntegerField()
    val_masks_needed = serializers.IntegerField()


class PromoteSerializer(serializers.Serializer[Any]):
    even_if_worse = serializers.BooleanField(required=False, default=False)


class ModelChangeSerializer(serializers.ModelSerializer[ModelChange]):
    before = ModelKeySerializer(read_only=True)
    after = ModelKeySerializer(read_only=True)
    reason = serializers.ChoiceField(choices=ModelChange.Reason.choices, read_only=True)
    actor = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = ModelChange
        fields = ["at", "actor", "reason", "before", "after"]
        read_only_fields = fields


class ModelEmbeddingsSerializer(serializers.Serializer[Any]):
    """Images by the state of their embedding by this model; an image is shown with the one of before until then."""

    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    ready = serializers.IntegerField()
    failed = serializers.IntegerField()
    eta_seconds = serializers.FloatField(
        allow_null=True, help_text="Until all are settled; null before the first one is ready."
    )


class ProjectModelSerializer(serializers.Serializer[Any]):
    """The model of a project, how far its images are with it, and those it had."""

    model = ModelVersionSerializer()
    embeddings = ModelEmbeddingsSerializer()
    previous = ModelKeySerializer(allow_null=True, help_text="What rolling back leads to.")
    history = ModelChangeSerializer(many=True, help_text="The latest 50 changes, the newest first.")
