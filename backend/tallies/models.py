"""Rows of sums. Relations to apps further right are named by string: the database knows them, this code does not."""

from django.db import models
from django.db.models import Q


class Measure(models.TextChoices):
    """What is counted."""

    # By label; none for masks that are labelled later.
    MASKS = "masks"
    # Images with at least one mask.
    ANNOTATED_IMAGES = "annotated_images"


class _Counted(models.Model):
    """What a number is about, and the number."""

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="+")
    measure = models.CharField(max_length=32, choices=Measure.choices)
    label = models.ForeignKey("projects.Label", null=True, on_delete=models.CASCADE, related_name="+")
    amount = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.measure} of project {self.project_id}: {self.amount}"


class Tally(_Counted):
    """A sum, without the changes that were not drawn in yet."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "measure", "label"],
                condition=Q(label__isnull=False),
                name="tally_unique_by_label",
            ),
            models.UniqueConstraint(
                fields=["project", "measure"], condition=Q(label__isnull=True), name="tally_unique"
            ),
        ]


class TallyChange(_Counted):
    """By how much a sum changed."""

    class Meta:
        indexes = [models.Index(fields=["project"], name="tally_change_project")]
