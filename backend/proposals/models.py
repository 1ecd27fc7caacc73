import uuid
from typing import Final

from django.conf import settings
from django.db import models

from backend.annotations.models import Mask, MaskShape
from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from backend.jobs.models import Job
from backend.projects.models import Label, Project

# The kind of a run's job.
PROPOSE: Final = "propose"


class Stage(models.TextChoices):
    """The stages of the data engine in which the model proposes. Those of masks; accepted proposals have their run's."""

    SEMI_AUTOMATIC = Mask.Stage.SEMI_AUTOMATIC.value
    FULLY_AUTOMATIC = Mask.Stage.FULLY_AUTOMATIC.value


class Source(models.TextChoices):
    """Where the prompts come from that the model is asked."""

    # Points of a grid, as in the paper's third stage.
    GRID = "grid"
    # Boxes of its detector, as in the second.
    DETECTOR = "detector"
    BOTH = "both"


class ProposalState(models.TextChoices):
    """What became of a proposal."""

    OPEN = "open"
    # There is a mask with its id.
    ACCEPTED = "accepted"
    # Somebody said no, or deleted the mask it had become.
    REJECTED = "rejected"
    # A later run looked at the image anew before anybody decided.
    SUPERSEDED = "superseded"


class Outcome(models.TextChoices):
    """How an accepted proposal compares with its mask as it is now."""

    UNTOUCHED = "untouched"
    FIXED = "fixed"


class ProposalRun(models.Model):
    """One pass of the model over images of a project. Its state is its job's."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="proposal_run")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="proposal_runs")
    stage = models.CharField(max_length=16, choices=Stage.choices)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.GRID)
    preset = models.CharField(max_length=16)
    # All settings of the generator, whatever the preset becomes later.
    settings = models.JSONField()
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    # What accepted ones are called, where nothing else is said.
    label = models.ForeignKey(Label, null=True, on_delete=models.SET_NULL, related_name="+")
    # Which images: these, or null for all; of them those whose work has one of the statuses, or null for any.
    image_ids = models.JSONField(null=True)
    statuses = models.JSONField(null=True)
    # Images that came after the run was asked for are none of it.
    last_image_id = models.PositiveBigIntegerField()
    # Open proposals of earlier runs give way.
    supersede = models.BooleanField(default=True)
    # As the last attempt counted them.
    images_total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.stage} proposals of {self.model_version} for {self.project}"


class ProposedImage(models.Model):
    """An image that a run is done with, written with its proposals, so that a run that goes on passes it over; and how
    many of them are in which state, so that nobody counts all of a run's."""

    run = models.ForeignKey(ProposalRun, on_delete=models.CASCADE, related_name="images")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    open = models.PositiveIntegerField(default=0)
    untouched = models.PositiveIntegerField(default=0)
    fixed = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    superseded = models.PositiveIntegerField(default=0)
    # Found, but lying over a mask that was there already.
    covered = models.PositiveIntegerField(default=0)
    # Why nothing could be looked for; empty where that was done.
    error_code = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "image"], name="proposed_image_unique")]

    def __str__(self) -> str:
        return f"{self.image} in {self.run}"


class Proposal(MaskShape):
    """A mask that the model found by itself. Only `deciding` and `receivers` change what became of it, with the image's
    work held."""

    # Becomes the mask's.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    run = models.ForeignKey(ProposalRun, on_delete=models.CASCADE, related_name="proposals")
    # The run's, once more, so that one index answers for a project.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="proposals")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="proposals")
    predicted_iou = models.FloatField()
    stability_score = models.FloatField()
    # The grid's point, and the crop that was looked at.
    point_x = models.FloatField()
    point_y = models.FloatField()
    crop_x = models.PositiveIntegerField()
    crop_y = models.PositiveIntegerField()
    crop_width = models.PositiveIntegerField()
    crop_height = models.PositiveIntegerField()

    state = models.CharField(max_length=16, choices=ProposalState.choices, default=ProposalState.OPEN)
    # Empty unless it is accepted.
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    # Where it was decided with many others: what is taken back at once is what was done at once.
    decided_in = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    # Of its mask when it was accepted: a mask that somebody changed since is not taken back with the acceptance.
    accepted_revision = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["-predicted_iou", "-id"]
        indexes = [
            models.Index(fields=["image", "run", "state", "outcome"], name="proposal_image"),
            models.Index(fields=["project", "predicted_iou", "id"], name="proposal_project"),
            models.Index(fields=["project", "state", "predicted_iou", "id"], name="proposal_state"),
            models.Index(fields=["run", "state", "predicted_iou", "id"], name="proposal_run"),
        ]

    def __str__(self) -> str:
        return f"{self.id} on {self.image} ({self.state})"

    # Declared for what reads columns by key alone.
    image_id: int
    run_id: int

    @property
    def point_coords(self) -> list[list[float]]:
        """[[x, y]] in image pixels."""
        return [[self.point_x, self.point_y]]

    @property
    def crop_box(self) -> list[int]:
        """[x, y, width, height] in image pixels."""
        return [self.crop_x, self.crop_y, self.crop_width, self.crop_height]

    @property
    def mask_id(self) -> uuid.UUID | None:
        """The id of the mask that it is."""
        return self.id if self.state == ProposalState.ACCEPTED else None
