"""Archives people sent to be imported, and how far imports came."""

from django.conf import settings
from django.db import models

from backend.images.models import Image
from backend.projects.models import Project


class ImportUpload(models.Model):
    """A zip in the storage, kept for some days: what is looked over and then imported, perhaps more than once."""

    uuid = models.UUIDField(unique=True)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="import_uploads")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    file_name = models.CharField(max_length=1024)
    byte_size = models.PositiveBigIntegerField()
    file_key = models.CharField(max_length=200)
    # As the last look at it counted them; for progress.
    picture_count = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.file_name


class ImportRun(models.Model):
    """One import, however many attempts it takes: what it decided once and did already."""

    # The job's, or one of its own where a command runs it. New masks are named after it.
    uuid = models.UUIDField(primary_key=True)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="import_runs")
    # Nothing in the project had a number before it: those of the file stay.
    keeps_numbers = models.BooleanField()
    # Of what was read, where that may change between two attempts.
    fingerprint = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return f"import {self.uuid}"


class ImportedPicture(models.Model):
    """A picture whose masks are in: written with them, so that an import that goes on passes it over."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="pictures")
    # Its place in the source, from 0.
    place = models.PositiveIntegerField()
    image = models.ForeignKey(Image, null=True, on_delete=models.SET_NULL, related_name="+")
    is_new = models.BooleanField()
    created = models.PositiveIntegerField(default=0)
    replaced = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "place"], name="imported_picture_unique")]

    def __str__(self) -> str:
        return f"picture {self.place} of {self.run}"
