from typing import Final

from django.db import models

from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from backend.jobs.models import Job
from backend.projects.models import Project

# The kind of a report's job.
MEASURE: Final = "fairness"


class FirstClick(models.TextChoices):
    """Where the first click lies: on any pixel of the mask, as in the paper's own comparison of groups of people, or
    farthest from its edge."""

    RANDOM = "random"
    CENTRE = "centre"


class FairnessReport(models.Model):
    """One measurement of a model by accepted masks of a project. Its state is its job's."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="fairness_report")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="fairness_reports")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    first_click = models.CharField(max_length=8, choices=FirstClick.choices)
    # So many masks at most, drawn with this seed.
    max_masks = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    # When the masks were drawn, once for all attempts, and how many there were.
    drawn_at = models.DateTimeField(null=True)
    masks_drawn = models.PositiveIntegerField(default=0)
    images_drawn = models.PositiveIntegerField(default=0)
    # Of those so far: images that were come to, masks that were measured.
    images_done = models.PositiveIntegerField(default=0)
    images_failed = models.PositiveIntegerField(default=0)
    masks_measured = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"fairness of {self.model_version} in {self.project}"


class DrawnImage(models.Model):
    """An image with the masks of it that a report is to measure by; done once its masks' rows are written, with them."""

    report = models.ForeignKey(FairnessReport, on_delete=models.CASCADE, related_name="images")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    # Ids as texts.
    mask_ids = models.JSONField()
    is_done = models.BooleanField(default=False)
    # Why nothing could be measured; empty where it was.
    error_code = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["report", "image"], name="drawn_image_unique")]

    def __str__(self) -> str:
        return f"{self.image} in {self.report}"


class MeasuredMask(models.Model):
    """How well a model's answers to clicks met one mask, at one of its revisions."""

    drawn_image = models.ForeignKey(DrawnImage, on_delete=models.CASCADE, related_name="masks")
    # No foreign key: nobody who deletes a mask waits for reports.
    mask_id = models.UUIDField()
    revision = models.PositiveIntegerField()
    # After 1 and 3 clicks.
    iou_1 = models.FloatField()
    iou_3 = models.FloatField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["drawn_image", "mask_id"], name="measured_mask_once")]

    def __str__(self) -> str:
        return f"{self.mask_id}: {self.iou_1:.3f}, {self.iou_3:.3f}"
