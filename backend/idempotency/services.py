"""Keys of requests: claimed before the work, answered with it, forgotten after a day."""

import logging
import math
import uuid
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from backend.common.errors import ApplicationError, Conflict
from backend.common.leases import CLOCKS_DIFFER
from backend.idempotency.models import IdempotencyKey
from backend.users.models import User

logger = logging.getLogger("anymask.idempotency")

KEPT: Final = timedelta(hours=24)
_AT_ONCE: Final = 1000


class KeyReused(ApplicationError):
    """The key was sent with another request before."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key belongs to another request: make a new one for each.", "idempotency.reused"
        )


class KeyInFlight(Conflict):
    """The request that this one repeats is not done yet."""

    def __init__(self, seconds: float) -> None:
        super().__init__("The same request is being worked on. Ask again.", "idempotency.in_flight")
        self.headers = {"Retry-After": str(max(1, math.ceil(seconds)))}


@transaction.atomic
def key_claim(*, user: User, key: str, fingerprint: str, lease_seconds: float) -> IdempotencyKey:
    """The key's row: with `status` it was answered before; without, the work is the caller's, under the row's `claim`.

    Raises KeyReused `idempotency.reused`, KeyInFlight `idempotency.in_flight`.
    """
    now = timezone.now()
    lease = now + timedelta(seconds=lease_seconds)
    IdempotencyKey.objects.filter(user=user, key=key, created_at__lt=now - KEPT).delete()
    mine = IdempotencyKey(
        user=user, key=key, fingerprint=fingerprint, claim=uuid.uuid4(), lease_expires_at=lease
    )
    # One statement decides between two who send the key for the first time.
    IdempotencyKey.objects.bulk_create([mine], ignore_conflicts=True)
    row = IdempotencyKey.objects.select_for_update().filter(user=user, key=key).first()
    if row is None:
        # Freed between the two statements, by whoever had it.
        raise KeyInFlight(1)
    if row.claim == mine.claim or (row.fingerprint == fingerprint and row.status is not None):
        return row
    if row.fingerprint != fingerprint:
        raise KeyReused
    # One that ends later than it can was given by a clock that was ahead.
    if now < row.lease_expires_at <= lease + CLOCKS_DIFFER:
        raise KeyInFlight((row.lease_expires_at - now).total_seconds())
    # Whoever had it died before it could answer.
    row.claim, row.lease_expires_at = uuid.uuid4(), lease
    row.save(update_fields=["claim", "lease_expires_at"])
    logger.warning("idempotency_key_taken_over id=%s", row.pk)
    return row


def key_answer(*, row: IdempotencyKey, status: int, body: str) -> None:
    """Keeps the answer. Call it in the transaction that does the work, where there is one: what is raised undoes it.

    Raises KeyInFlight where the lease was over and somebody else took the key.
    """
    claimed = IdempotencyKey.objects.filter(pk=row.pk, claim=row.claim, status__isnull=True)
    if not claimed.update(status=status, body=body):
        raise KeyInFlight(1)


def key_free(*, row: IdempotencyKey) -> None:
    """Nothing was made: the same key may be tried again."""
    IdempotencyKey.objects.filter(pk=row.pk, claim=row.claim, status__isnull=True).delete()


def keys_sweep() -> int:
    """Forgets keys that are older than a day; how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).order_by("pk")
    count = 0
    while keys := list(old.values_list("pk", flat=True)[:_AT_ONCE]):
        count += IdempotencyKey.objects.filter(pk__in=keys).delete()[0]
    return count
