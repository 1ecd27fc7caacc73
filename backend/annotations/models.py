from typing import Any

from django.conf import settings
from django.db import models

from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from backend.projects.models import Label


class Mask(models.Model):
    """One object on one image. `counts` is COCO's compressed column-major RLE at the image's own size."""

    class Stage(models.TextChoices):
        """How much the machine did: the data engine's stages (Segment Anything, section 4)."""

        ASSISTED_MANUAL = "assisted_manual"
        SEMI_AUTOMATIC = "semi_automatic"
        FULLY_AUTOMATIC = "fully_automatic"

    # Made by the client, so that sending a mask twice cannot save it twice.
    id = models.UUIDField(primary_key=True)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="masks")
    # Null: to be labelled later. No category of its own, which would be renamed, deleted and exported like the others.
    label = models.ForeignKey(Label, null=True, on_delete=models.PROTECT, related_name="masks")
    # What is drawn over what: ascending z, at one z the smaller mask over the larger one.
    z = models.SmallIntegerField(default=0)
    # Values by the id of the label's attribute, as a string.
    attributes = models.JSONField(default=dict, blank=True)
    counts = models.TextField()
    bbox_x = models.PositiveIntegerField()
    bbox_y = models.PositiveIntegerField()
    bbox_width = models.PositiveIntegerField()
    bbox_height = models.PositiveIntegerField()
    area = models.PositiveBigIntegerField()
    prompts = models.JSONField()
    model_version = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="masks")
    predicted_iou = models.FloatField(null=True)
    stability_score = models.FloatField(null=True)
    stage = models.CharField(max_length=16, choices=Stage.choices)
    seconds_spent = models.FloatField(default=0)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="masks"
    )
    revision = models.PositiveIntegerField(default=1)
    # Where its newest change stands in the image's own order, see MaskSequence; 0 for older than the order.
    sequence = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["image", "created_at"], name="mask_image_created"),
            models.Index(fields=["image", "sequence"], name="mask_image_sequence"),
        ]

    def __str__(self) -> str:
        return f"{self.label or 'unlabelled'} on {self.image}"

    @property
    def segmentation(self) -> dict[str, Any]:
        """COCO's {"size": [height, width], "counts": str}."""
        return {"size": [self.image.height, self.image.width], "counts": self.counts}

    @property
    def bbox(self) -> list[int]:
        """[x, y, width, height] in image pixels."""
        return [self.bbox_x, self.bbox_y, self.bbox_width, self.bbox_height]


class MaskSequence(models.Model):
    """How many changes the masks of an image have seen.

    Whoever changes a mask raises this first and so holds the row until the change is committed: changes of an image
    are committed in the order of their numbers, and whoever has read number n has everything up to n.
    """

    image = models.OneToOneField(Image, primary_key=True, on_delete=models.CASCADE, related_name="+")
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.last} changes of {self.image}"


class MaskTombstone(models.Model):
    """A mask that was deleted: what tells others that it is gone, and stops a late create from bringing it back."""

    id = models.UUIDField(primary_key=True)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="tombstones")
    # Of the mask when it was deleted; a mask brought back goes on from there.
    revision = models.PositiveIntegerField()
    sequence = models.PositiveBigIntegerField()
    deleted_at = models.DateTimeField(auto_now=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Whose mask it was and since when, for whoever brings it back: it does not become theirs. Null where it was not
    # kept, in rows older than these fields.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["image", "sequence"], name="tombstone_image_sequence")]

    def __str__(self) -> str:
        return f"{self.id}, deleted"
