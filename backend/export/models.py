"""The numbers by which other people's formats call images and masks. Given out once, they stay."""

from django.db import models

from backend.images.models import Image
from backend.projects.models import Project


class NumberCounter(models.Model):
    """The last numbers given in a project. Its row is held by whoever gives more."""

    project = models.OneToOneField(
        Project, primary_key=True, on_delete=models.CASCADE, related_name="number_counter"
    )
    last_image = models.PositiveBigIntegerField(default=0)
    last_mask = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"numbers of project {self.project_id}"


class ImageNumber(models.Model):
    """From 1 in the order in which the images came; a deleted one's is given to nobody else."""

    image = models.OneToOneField(
        Image, primary_key=True, on_delete=models.CASCADE, related_name="export_number"
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="image_number_unique")]

    def __str__(self) -> str:
        return f"image {self.number} of project {self.project_id}"


class MaskNumber(models.Model):
    """From 1 in the order in which the masks were made."""

    # No foreign key: a mask that is deleted and comes back is called what it was called.
    mask_id = models.UUIDField(primary_key=True)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="mask_number_unique")]

    def __str__(self) -> str:
        return f"mask {self.number} of project {self.project_id}"
