from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """A key that a person's request carried, and what it was answered with: kept for a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    # Of method, address and body: the key belongs to them.
    fingerprint = models.CharField(max_length=64)
    # Who works on it, until when; a process that died is heard of no more.
    claim = models.UUIDField()
    lease_expires_at = models.DateTimeField()
    # Null while nobody has answered.
    status = models.PositiveSmallIntegerField(null=True)
    # JSON as it was sent.
    body = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_unique")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_created")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user}"
