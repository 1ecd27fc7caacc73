from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from backend.projects.models import Label


class MaskShape(models.Model):
    """Some pixels of an image. `counts` is COCO's compressed column-major RLE at the image's own size."""

    counts = models.TextField()
    bbox_x = models.PositiveIntegerField()
    bbox_y = models.PositiveIntegerField()
    bbox_width = models.PositiveIntegerField()
    bbox_height = models.PositiveIntegerField()
    area = models.PositiveBigIntegerField()

    class Meta:
        abstract = True

    # Declared by each kind, as a relation's way back has a name of its own in each.
    image: "models.ForeignKey[Image, Image]"

    @property
    def segmentation(self) -> dict[str, Any]:
        """COCO's {"size": [height, width], "counts": str}."""
        return {"size": [self.image.height, self.image.width], "counts": self.counts}

    @property
    def bbox(self) -> list[int]:
        """[x, y, width, height] in image pixels."""
        return [self.bbox_x, self.bbox_y, self.bbox_width, self.bbox_height]


class MaskState(MaskShape):
    """What a mask is at one of its revisions."""

    class Stage(models.TextChoices):
        """How much the machine did: the data engine's stages (Segment Anything, section 4)."""

        ASSISTED_MANUAL = "assisted_manual"
        SEMI_AUTOMATIC = "semi_automatic"
        FULLY_AUTOMATIC = "fully_automatic"

    class Tool(models.TextChoices):
        """What made a state of the one before."""

        SMART = "smart"
        BOX = "box"
        BRUSH = "brush"
        ERASER = "eraser"
        POLYGON = "polygon"
        RECTANGLE = "rectangle"
        CLEAN_UP = "clean_up"
        PASTE = "paste"
        SPLIT = "split"
        MERGE = "merge"
        IMPORT = "import"
        RESTORE = "restore"
        RELABEL = "relabel"
        OTHER = "other"

    # What is drawn over what: ascending z, at one z the smaller mask over the larger one.
    z = models.SmallIntegerField(default=0)
    # Values by the id of the label's attribute, as a string.
    attributes = models.JSONField(default=dict, blank=True)
    prompts = models.JSONField()
    predicted_iou = models.FloatField(null=True)
    stability_score = models.FloatField(null=True)
    # IoU with what the model gave, 1 where no pixel differs; null without a model, or where that is not known.
    model_iou = models.FloatField(null=True)
    # What the model gave, where it differs.
    model_counts = models.TextField(null=True)  # noqa: DJ001 - no text is no RLE
    stage = models.CharField(max_length=16, choices=Stage.choices)
    seconds_spent = models.FloatField(default=0)
    # Null: whoever sent it did not say, as nobody did before this field. An empty text would be no choice of the API's.
    tool = models.CharField(max_length=16, choices=Tool.choices, null=True)  # noqa: DJ001

    class Meta:
        abstract = True


class Mask(MaskState):
    """One object on one image, as it is now."""

    # Made by the client, so that sending a mask twice cannot save it twice.
    id = models.UUIDField(primary_key=True)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="masks")
    # Null: to be labelled later. No category of its own, which would be renamed, deleted and exported like the others.
    label = models.ForeignKey(Label, null=True, on_delete=models.PROTECT, related_name="masks")
    model_version = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="masks")
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


class MaskRevision(MaskState):
    """A state that a mask had and no longer has, as it was. Masks nobody changed have none."""

    # No foreign key: it outlives the mask, which may come back.
    mask_id = models.UUIDField()
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="mask_revisions")
    revision = models.PositiveIntegerField()
    # A label nobody uses may be deleted; what was once called by it is to be labelled again.
    label = models.ForeignKey(Label, null=True, on_delete=models.SET_NULL, related_name="+")
    model_version = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Who made this state, and when.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField()
    # Set where it was not changed but deleted; they stay when the mask comes back.
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True)
    # Names of the fields in which the state that followed differs: told in lists without reading any pixels.
    changed_next = models.JSONField(default=list)

    class Meta:
        ordering = ["-revision"]
        constraints = [models.UniqueConstraint(fields=["mask_id", "revision"], name="mask_revision_unique")]
        indexes = [
            models.Index(
                fields=["image", "-deleted_at"],
                condition=Q(deleted_at__isnull=False),
                name="mask_revision_deleted",
            )
        ]

    def __str__(self) -> str:
        return f"{self.mask_id}, revision {self.revision}"


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
