import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.projects.models import Project


class Event(models.TextChoices):
    """What can be told."""

    IMAGE_SUBMITTED = "image.submitted"
    IMAGE_ACCEPTED = "image.accepted"
    IMAGE_REJECTED = "image.rejected"
    EXPORT_READY = "export.ready"
    MODEL_READY = "model.ready"
    # Sent by hand, to try the address; nobody subscribes to it.
    PING = "ping"


class Webhook(models.Model):
    """An address of another program, and what it is told."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    # Values of Event.
    events = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    # Why the server switched it off, as a code; empty where a person did, or it is on.
    off_code = models.CharField(max_length=64, blank=True)
    # What requests are signed with. An HMAC needs the secret itself, so no digest will do; it is told once.
    secret = models.CharField(max_length=100)
    # Signs as well until then, so that receivers can change over.
    old_secret = models.CharField(max_length=100, blank=True)
    old_secret_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # Since something was delivered last.
    consecutive_failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    # One that fails is left alone until then, whatever waits: each try at a dead address costs a worker seconds.
    resting_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One event on its way to one webhook: written with what it tells of, tried until it is delivered or given up."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        # Will be tried again.
        FAILED = "failed"
        GIVEN_UP = "given_up"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    # The same at every try: receivers know by it what they have seen.
    message_id = models.UUIDField(unique=True, default=uuid.uuid4)
    event = models.CharField(max_length=32, choices=Event.choices)
    payload = models.JSONField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    # Begun, the one under way included.
    attempts = models.PositiveIntegerField(default=0)
    # Null where it will not be tried again.
    next_try_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=32, blank=True)
    lease_expires_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    # Of the latest try.
    response_code = models.PositiveSmallIntegerField(null=True)
    response_text = models.CharField(max_length=500, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    seconds = models.FloatField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="delivery_webhook"),
            models.Index(fields=["created_at"], name="delivery_created"),
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="delivery_due"),
            models.Index(
                fields=["lease_expires_at"],
                condition=Q(lease_expires_at__isnull=False),
                name="delivery_leases",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}: {self.state}"
