"""Rows of tags. Images know theirs as `tags`."""

from django.core.validators import RegexValidator
from django.db import models

from backend.images.models import Image
from backend.projects.models import Project


class Tag(models.Model):
    """Something to be said of an image as a whole ("night", "second camera"); any number of images have it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=100)
    color = models.CharField(
        max_length=7, validators=[RegexValidator(r"\A#[0-9a-f]{6}\Z", "A colour is written #rrggbb.")]
    )
    images = models.ManyToManyField(Image, through="ImageTag", related_name="tags")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="tag_name_unique")]

    def __str__(self) -> str:
        return self.name


class ImageTag(models.Model):
    """One tag on one image."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "image"], name="image_tag_unique")]

    def __str__(self) -> str:
        return f"{self.tag} on {self.image}"
