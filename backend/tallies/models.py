"""Rows of sums. Relations to apps further right are named by string: the database knows them, this code does not.

Each family has one table of changes and one or more of sums: the same numbers by fewer and fewer dimensions, so that
what is asked is answered from the smallest that can (`families.py`). No two rows of sums need differ: a number is
what all rows say together, so that one may lose its person and stand beside one that never had any.
"""

from typing import Final

from django.conf import settings
from django.db import models


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


class TallyChange(_Counted):
    """By how much a sum changed."""

    class Meta:
        indexes = [models.Index(fields=["project"], name="tally_change_project")]


# --- dimensions -------------------------------------------------------------------------------------------------


class _OnDay(models.Model):
    project = models.ForeignKey(
        "projects.Project", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # In UTC.
    day = models.DateField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"project {self.project_id}, {self.day}"


class _ByAuthor(models.Model):
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class _ByLabel(models.Model):
    # A label that can be deleted is one without masks: what goes with it sums up to nothing.
    label = models.ForeignKey(
        "projects.Label", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class _ByStage(models.Model):
    stage = models.CharField(max_length=16)

    class Meta:
        abstract = True


class _ByModel(models.Model):
    model_version = models.ForeignKey(
        "embeddings.ModelVersion", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class _BySize(models.Model):
    # A class of areas, see annotations.figures.
    size = models.SmallIntegerField()

    class Meta:
        abstract = True


class _ByTransition(models.Model):
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)

    class Meta:
        abstract = True


class _ByActor(models.Model):
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class _ByAssignee(models.Model):
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


# --- masks: all that are there now, by the day they were made ----------------------------------------------------


class MaskAmounts(models.Model):
    """Whole numbers, so that what is added and taken away again leaves nothing."""

    masks = models.BigIntegerField(default=0)
    milliseconds = models.BigIntegerField(default=0)
    clicks = models.BigIntegerField(default=0)
    # Those with a model's version, those of them that are compared with what it gave, those that are still that.
    model_masks = models.BigIntegerField(default=0)
    compared_masks = models.BigIntegerField(default=0)
    untouched_masks = models.BigIntegerField(default=0)
    # Of those that are compared: IoU with what the model gave, in millionths.
    iou_millionths = models.BigIntegerField(default=0)
    # Those that took somebody time, and the clicks of these: what was imported or accepted with many others took none.
    timed_masks = models.BigIntegerField(default=0)
    timed_clicks = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


_SUMS: Final = [field.name for field in MaskAmounts._meta.fields]


class MaskChange(_OnDay, _ByAuthor, _ByLabel, _ByStage, _ByModel, _BySize, MaskAmounts):
    class Meta:
        indexes = [models.Index(fields=["project"], name="mask_change_project")]


class MasksByDay(_OnDay, _ByStage, _ByModel, _BySize, MaskAmounts):
    class Meta:
        indexes = [models.Index(fields=["project", "day"], name="masks_by_day")]


class MasksByPerson(_OnDay, _ByAuthor, _ByStage, _ByModel, MaskAmounts):
    class Meta:
        indexes = [models.Index(fields=["project", "day", "author"], name="masks_by_person")]


class MasksByLabel(_OnDay, _ByLabel, _ByStage, _ByModel, MaskAmounts):
    class Meta:
        indexes = [models.Index(fields=["project", "day", "label"], name="masks_by_label")]


class MasksByAll(_OnDay, _ByAuthor, _ByLabel, _ByStage, _ByModel, _BySize, MaskAmounts):
    """Nearly as many rows as masks where everybody does everything every day: asked for one person or one label."""

    class Meta:
        indexes = [
            # With the sums in them: what is of one person, or of one label, is read from neighbouring pages and not from
            # all over the table.
            models.Index(
                fields=["project", "author", "day", "label"],
                include=["stage", "model_version", "size", *_SUMS],
                name="masks_by_all_person",
            ),
            models.Index(
                fields=["project", "label", "day"],
                include=["author", "stage", "model_version", "size", *_SUMS],
                name="masks_by_all_label_sums",
            ),
        ]


# --- images: those with masks, by the models that gave these and the day each model's first one was made on ----------


class ImageAmounts(models.Model):
    # An image with masks of two models counts for each of them; it counts for no model where all its masks are of none.
    annotated_images = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class ImageChange(_OnDay, _ByModel, ImageAmounts):
    class Meta:
        indexes = [models.Index(fields=["project"], name="image_change_project")]


class ImagesByDay(_OnDay, _ByModel, ImageAmounts):
    class Meta:
        indexes = [models.Index(fields=["project", "day"], name="images_by_day")]


# --- work: what happened to the status of images that are there now -----------------------------------------------


class WorkAmounts(models.Model):
    images = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class WorkChange(_OnDay, _ByTransition, _ByActor, _ByAssignee, WorkAmounts):
    class Meta:
        indexes = [models.Index(fields=["project"], name="work_change_project")]


class WorkByDay(_OnDay, _ByTransition, WorkAmounts):
    class Meta:
        indexes = [models.Index(fields=["project", "day"], name="work_by_day")]


class WorkByActor(_OnDay, _ByTransition, _ByActor, WorkAmounts):
    class Meta:
        indexes = [models.Index(fields=["project", "day", "actor"], name="work_by_actor")]


class WorkByAssignee(_OnDay, _ByTransition, _ByAssignee, WorkAmounts):
    class Meta:
        indexes = [models.Index(fields=["project", "day", "assignee"], name="work_by_assignee")]


class WorkByAll(_OnDay, _ByTransition, _ByActor, _ByAssignee, WorkAmounts):
    class Meta:
        indexes = [models.Index(fields=["project", "assignee", "day"], name="work_by_all")]


# --- storage: files of images that are there now, by the day these came ---------------------------------------------


class StorageAmounts(models.Model):
    images = models.BigIntegerField(default=0)
    original_bytes = models.BigIntegerField(default=0)
    # Only where it is a file of its own.
    display_bytes = models.BigIntegerField(default=0)
    preview_bytes = models.BigIntegerField(default=0)
    thumbnail_bytes = models.BigIntegerField(default=0)
    # Counts in each project that holds the picture, though the file is there once.
    embedding_bytes = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class StorageChange(_OnDay, StorageAmounts):
    class Meta:
        indexes = [models.Index(fields=["project"], name="storage_change_project")]


class StorageByDay(_OnDay, StorageAmounts):
    class Meta:
        indexes = [models.Index(fields=["project", "day"], name="storage_by_day")]
