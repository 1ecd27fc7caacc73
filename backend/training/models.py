from django.conf import settings
from django.db import models

from backend.embeddings.models import ModelVersion
from backend.jobs.models import Job
from backend.projects.models import Project


class Side(models.TextChoices):
    TRAIN = "train"
    VAL = "val"


class ImageSplit(models.Model):
    """On which side a picture is, for ever and in all projects: what a model was measured by, none is trained on."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    side = models.CharField(max_length=8, choices=Side.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.sha256[:12]} is on {self.side}"


class Parts(models.TextChoices):
    """What learns. Those but `auto` are `models.sam.training.retrain_plan.Parts`; a test compares them."""

    AUTO = "auto"
    DECODER = "decoder"
    DECODER_AND_PROMPTS = "decoder_and_prompts"
    ALL = "all"


class Verdict(models.TextChoices):
    """What became of the model, by the agreed figure on the val images: `same` is that nobody can tell."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


class TrainingRun(models.Model):
    """One retraining: what was asked for, what it was made of, what came of it. Its state is its job's."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="training_run")
    # Where it was started and is promoted; its accepted masks, and those of `projects`, are what it learns from.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="training_runs")
    projects = models.ManyToManyField(Project, related_name="+")
    parent = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    parts = models.CharField(max_length=24, choices=Parts.choices, default=Parts.AUTO)
    max_minutes = models.PositiveIntegerField()
    # Null for as many as the minutes hold.
    steps = models.PositiveIntegerField(null=True)

    # As it was started, then as the masks were when it began; val of `project` alone.
    train_images = models.PositiveIntegerField(default=0)
    train_masks = models.PositiveIntegerField(default=0)
    val_images = models.PositiveIntegerField(default=0)
    val_masks = models.PositiveIntegerField(default=0)

    # What was chosen for `auto`, and where it ran; empty before that is known.
    parts_chosen = models.CharField(max_length=24, choices=Parts.choices, blank=True, default="")
    device = models.CharField(max_length=64, blank=True, default="")
    # [{"step", "loss"} or {"step", "val"}], by step.
    curve = models.JSONField(default=list)

    # Figures on the val images of `parent` and `child`, and their `difference`; empty before they were measured.
    metrics = models.JSONField(default=dict)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True, default="")
    result = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="training_runs"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"training of {self.parent} for {self.project}"


class ModelChange(models.Model):
    """A project was given another model. Written with it; never changed."""

    class Reason(models.TextChoices):
        CHOSEN = "chosen"
        PROMOTED = "promoted"
        PROMOTED_THOUGH_WORSE = "promoted_though_worse"
        ROLLED_BACK = "rolled_back"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="model_changes")
    before = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=24, choices=Reason.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.project}: {self.before} to {self.after}"
