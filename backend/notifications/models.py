from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.comments.models import Thread
from backend.images.models import Image
from backend.projects.models import Project


class Notification(models.Model):
    """One thing one person is told. It goes with what it is about, and with their membership."""

    class Kind(models.TextChoices):
        MENTION = "mention"
        REPLY = "reply"
        REJECTED = "rejected"
        ACCEPTED = "accepted"
        ASSIGNED = "assigned"
        JOB_FINISHED = "job_finished"
        JOB_FAILED = "job_failed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # Who did it; null where the server did.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    image = models.ForeignKey(Image, null=True, on_delete=models.CASCADE, related_name="+")
    thread = models.ForeignKey(Thread, null=True, on_delete=models.CASCADE, related_name="+")
    # The comment's that told of it: deleted or changed, this is too. By its id, a second one is never made.
    comment = models.UUIDField(null=True)
    text = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_user"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notification_unread"),
            models.Index(fields=["comment"], condition=Q(comment__isnull=False), name="notification_comment"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "comment"], condition=Q(comment__isnull=False), name="notification_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"
