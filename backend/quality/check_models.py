"""Rows of release checks: images drawn by chance, whose masks somebody corrects as well as they can."""

from django.conf import settings
from django.db import models

from backend.images.models import Image
from backend.projects.models import Project


class QualityCheck(models.Model):
    """One check of a project's accepted masks (Segment Anything, section 5, "mask quality")."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="quality_checks")
    name = models.CharField(max_length=200)
    # With it the same images are drawn again, while the same are accepted.
    seed = models.BigIntegerField()
    # How many masks were asked for: the last image drawn may hold more.
    masks_wanted = models.PositiveIntegerField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # Since then its figures stay as they are.
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # When the corrections were taken over.
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class CheckedImage(models.Model):
    """One image of a check. Its figures are those of its masks, as they were submitted last; zero until then."""

    class State(models.TextChoices):
        OPEN = "open"  # its checker has not submitted it
        SUBMITTED = "submitted"
        RELEASED = "released"  # the check was closed before
        APPLIED = "applied"  # what was corrected is on the original

    # "check" is a method of Django's models.
    of_check = models.ForeignKey(QualityCheck, on_delete=models.CASCADE, related_name="images")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="checked")
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Its masks were the checker's own work.
    is_own = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    # So many masks were there to be corrected.
    mask_count = models.PositiveIntegerField()
    iou_sum = models.FloatField(default=0)
    above_90 = models.PositiveIntegerField(default=0)
    above_75 = models.PositiveIntegerField(default=0)
    # In twenty bins of 0.05, the last one with 1.
    histogram = models.JSONField(default=list)
    # Other pixels than before, another label, gone, and new.
    redrawn = models.PositiveIntegerField(default=0)
    relabelled = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    # Of the corrections: taken over, and refused as the original had changed.
    applied = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["of_check", "image"], name="checked_image_once")]

    def __str__(self) -> str:
        return f"{self.image} in {self.of_check}"


class CheckedMask(models.Model):
    """Which mask of a replica is a copy of which mask of the original."""

    checked_image = models.ForeignKey(CheckedImage, on_delete=models.CASCADE, related_name="masks")
    # No foreign keys: either may be deleted meanwhile, and that is a correction.
    original_id = models.UUIDField()
    # The original's, when it was copied. The copy began with its first.
    revision = models.PositiveIntegerField()
    copy_id = models.UUIDField(unique=True)
    # Before and after; 0 where it was deleted, null until it is submitted.
    iou = models.FloatField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.copy_id} of {self.original_id}"
