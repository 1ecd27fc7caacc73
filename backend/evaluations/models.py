from typing import Final

from django.db import models

from backend.embeddings.models import ModelVersion
from backend.jobs.models import Job
from backend.projects.models import Project

# The kind of an evaluation's job.
EVALUATE: Final = "evaluate"


class Evaluation(models.Model):
    """One experiment with a model on accepted masks of a project. Its state is its job's."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="evaluation")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="evaluations")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    # A name of `registry.TASKS`.
    task = models.CharField(max_length=40)
    # By name, all that the task has.
    settings = models.JSONField()
    # Null until it is over.
    report = models.JSONField(null=True)
    # That were measured, and that could not be.
    images = models.PositiveIntegerField(default=0)
    images_left_out = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.task} of {self.model_version} in {self.project}"
