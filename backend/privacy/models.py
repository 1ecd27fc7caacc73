from django.db import models

from backend.privacy.detecting import Kind
from backend.projects.models import Project


class ProjectPrivacy(models.Model):
    """What a project's managers chose for the pictures that come from now on; without a row nothing is blurred."""

    class Originals(models.TextChoices):
        """What becomes of a file as it came, once the picture people see was made of it."""

        # In a folder of its own, for owners and managers.
        KEEP = "keep"
        # Never stored.
        DESTROY = "destroy"

    project = models.OneToOneField(
        Project, primary_key=True, on_delete=models.CASCADE, related_name="privacy"
    )
    faces = models.BooleanField(default=False)
    plates = models.BooleanField(default=False)
    originals = models.CharField(max_length=16, choices=Originals.choices, default=Originals.KEEP)

    def __str__(self) -> str:
        return f"{', '.join(self.kinds) or 'nothing'} blurred in {self.project}"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What is blurred; nothing where pictures stay as they came."""
        chosen = {Kind.FACE: self.faces, Kind.PLATE: self.plates}
        return tuple(kind for kind, is_chosen in chosen.items() if is_chosen)

    @property
    def keeps_originals(self) -> bool:
        return self.originals == self.Originals.KEEP
