from typing import Final

from django.db import models

from backend.projects.models import Project

# The kind of the job that ranks.
RANK_IMAGES: Final = "rank_images"


class Order(models.TextChoices):
    """What comes first of the images that nobody has begun."""

    # What was uploaded first; no image has a rank.
    UPLOAD = "upload"
    RANDOM = "random"
    # Where the model is least sure of its own masks.
    UNCERTAINTY = "uncertainty"
    # What is least like the images before it.
    DIVERSITY = "diversity"
    # Where the model and its parent answer the same clicks with other masks.
    DISAGREEMENT = "disagreement"


# Their scores are shares of 1, the highest first.
SCORED: Final = frozenset({Order.UNCERTAINTY, Order.DISAGREEMENT})


class ProjectOrder(models.Model):
    """The order a project has chosen; one without a row has that of uploads."""

    project = models.OneToOneField(
        Project, primary_key=True, on_delete=models.CASCADE, related_name="image_order"
    )
    order = models.CharField(max_length=16, choices=Order.choices, default=Order.UPLOAD)
    # Raised whenever all ranks are forgotten: what was computed for an earlier one is not stored.
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.project}: {self.order}"
