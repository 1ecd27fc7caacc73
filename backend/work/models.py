from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.images.models import Image
from backend.projects.models import Project


class Status(models.TextChoices):
    """How far the work on an image is. Which may follow which stands in `statuses.py`."""

    # The machine's: they follow the image's embedding.
    NEW = "new"
    EMBEDDING = "embedding"
    READY = "ready"
    # People's.
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Hold(models.TextChoices):
    """Why nobody is given an image although nobody works on it."""

    CONSENSUS = "consensus"
    GROUND_TRUTH = "ground_truth"


class WorkItem(models.Model):
    """The work on one image. Only `statuses` changes the status."""

    image = models.OneToOneField(Image, primary_key=True, on_delete=models.CASCADE, related_name="work")
    # The image's own, once more, so that one index answers for the queue of a project.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="work_items")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.NEW)
    status_since = models.DateTimeField()
    # Whose image it is: assigned by hand, or taken by who works on it. It stays theirs when it is submitted.
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="work_items"
    )
    # Taken, not assigned: it goes back to everybody when its lease ends.
    is_taken = models.BooleanField(default=False)
    # While somebody works on it; renewed by their page and by every mask they save.
    lease_expires_at = models.DateTimeField(null=True)
    # Who looks at it for a review, so that two do not do it at once; theirs for as long as the lease.
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Why it was rejected last; empty for work that was never, or is accepted.
    review_reason = models.TextField(blank=True, default="")
    # While it is held nobody is given the image, and only who manages the project changes it; empty otherwise.
    hold = models.CharField(max_length=16, choices=Hold.choices, blank=True, default="")
    # The image's own, once more: the work on a replica is its annotator's, and stands in no figure of the project.
    is_replica = models.BooleanField(default=False)
    # Kept by whoever saves and deletes masks, who holds this row for it.
    mask_count = models.PositiveIntegerField(default=0)
    # Where it stands among those that nobody has begun, the lowest first; null for one that follows them in the order of
    # uploads. `backend.ranking` gives it, with what it was made of.
    rank = models.FloatField(null=True)
    score = models.FloatField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["project", "status", "image"], name="work_status"),
            models.Index(fields=["assignee", "project", "status", "image"], name="work_assignee"),
            # By rank, then those without one: two look-ups, as databases differ in where nulls are put.
            models.Index(
                fields=["project", "rank", "image"],
                condition=Q(status="ready", assignee__isnull=True),
                name="work_pool",
            ),
            models.Index(
                fields=["assignee", "project", "rank", "image"],
                condition=Q(status="ready", assignee__isnull=False),
                name="work_assigned",
            ),
            models.Index(
                fields=["project", "rank", "image"], condition=Q(rank__isnull=False), name="work_ranked"
            ),
            models.Index(fields=["project", "image"], condition=Q(mask_count=0), name="work_without_masks"),
            models.Index(
                fields=["lease_expires_at"],
                condition=Q(lease_expires_at__isnull=False),
                name="work_leases",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image}: {self.status}"


class StatusChange(models.Model):
    """What people did with the status of an image, and what happened to them: the machine's steps are not kept."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="status_changes")
    before = models.CharField(max_length=16, choices=Status.choices)
    after = models.CharField(max_length=16, choices=Status.choices)
    # Null where nobody did it: a lease that ran out.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Whose work the image was, or became by this.
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["image", "id"], name="status_change_image")]

    def __str__(self) -> str:
        return f"{self.image}: {self.before} to {self.after}"


class Skip(models.Model):
    """Somebody passed an image over: the queue does not give it to them again."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="skips")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["image", "user"], name="skip_unique")]

    def __str__(self) -> str:
        return f"{self.image} skipped by {self.user}"
