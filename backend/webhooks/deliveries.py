"""Deliveries on their way: claimed, tried, noted, tried again, given up.

A worker claims rows with a lease and a claim id, as with embeddings; whoever lost the lease notes nothing any more.
Rows are delivered at least once: a worker that dies between the answer and its note leads to a second request, with the
same message id.
"""

import json
import logging
import random
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.common import jobs
from backend.common.errors import Conflict, NotFound
from backend.common.leases import CLOCKS_DIFFER, leases_shorten
from backend.webhooks.models import Delivery, Webhook
from backend.webhooks.sending import Outcome, send
from backend.webhooks.services import deliveries_give_up, wake, webhook_locked
from backend.webhooks.signing import signature_headers
from backend.webhooks.switching import owners_told

logger = logging.getLogger("anymask.webhooks")

State = Delivery.State

# Seconds after the first, second, ... failure; after the last one it is given up. As the specification suggests.
RETRY_SECONDS: Final = (5, 300, 1800, 7200, 18_000, 36_000, 50_400)
JITTER: Final = 0.2  # up to this share later, so that what failed together does not come back together
AT_ONCE: Final = 8
_REST_SECONDS: Final = (5, 300)  # after the first failure in a row, doubled by each up to the second number
_SWITCH_OFF_AFTER: Final = timedelta(days=5)
_SWITCH_OFF_FAILURES: Final = 10
_KEPT: Final = timedelta(days=30)
_PRUNED_AT_ONCE: Final = 1000


def deliveries_due(*, now: datetime) -> QuerySet[Delivery]:
    """What may be tried now, the longest due first."""
    rested = Q(webhook__resting_until__isnull=True) | Q(webhook__resting_until__lte=now)
    due = Delivery.objects.filter(
        rested, next_try_at__lte=now, lease_expires_at__isnull=True, webhook__is_active=True
    )
    return due.order_by("next_try_at", "pk")


@transaction.atomic
def delivery_claim(*, limit: int = AT_ONCE) -> tuple[str, list[Delivery]]:
    """Takes up to `limit` due rows for a lease: (claim id, the rows). Of a webhook that fails it takes one only, to see
    whether it does still.

    No two claims ever hold the same row: PostgreSQL passes over rows another transaction has locked; elsewhere the
    update asks again, and the rows it did not win are not returned.
    """
    now = timezone.now()
    claim = uuid.uuid4().hex
    due = deliveries_due(now=now)
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(of=("self",), skip_locked=True)
    taken: list[int] = []
    probed: set[int] = set()
    for row in due.select_related("webhook")[: limit * 8]:
        if row.webhook.consecutive_failures:
            if row.webhook_id in probed:
                continue
            probed.add(row.webhook_id)
        taken.append(row.pk)
        if len(taken) == limit:
            break
    if taken:
        free = Delivery.objects.filter(pk__in=taken, lease_expires_at__isnull=True, next_try_at__isnull=False)
        free.update(
            claimed_by=claim, lease_expires_at=now + timedelta(seconds=settings.WEBHOOK_LEASE_SECONDS)
        )
    claimed = list(
        Delivery.objects.filter(pk__in=taken, claimed_by=claim).select_related("webhook").order_by("pk")
    )
    for row in claimed:
        row.attempts, row.tried_at = row.attempts + 1, now
    # Counted when it begins, so that one that takes its worker along comes to an end, too.
    Delivery.objects.bulk_update(claimed, ["attempts", "tried_at"])
    return claim, claimed


def deliveries_send(*, claim: str, deliveries: Sequence[Delivery]) -> None:
    """Tries all rows of a claim side by side and notes what came of each."""
    if not deliveries:
        return
    with ThreadPoolExecutor(len(deliveries), thread_name_prefix="webhook") as pool:
        # The threads only wait for the network; rows are this thread's business.
        outcomes = pool.map(_send, deliveries)
        for delivery, outcome in zip(deliveries, outcomes, strict=True):
            delivery_note(delivery=delivery, claim=claim, outcome=outcome)


@transaction.atomic
def delivery_note(*, delivery: Delivery, claim: str, outcome: Outcome) -> bool:
    """Writes down what a try came to, when the next one is, and how the webhook does. False, and nothing, when the claim
    no longer holds the row."""
    webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=delivery.webhook_id).first()
    if webhook is None:
        return False
    now = timezone.now()
    is_final = outcome.is_gone or not webhook.is_active or delivery.attempts > len(RETRY_SECONDS)
    again = None if outcome.is_delivered or is_final else now + retry_delay(delivery.attempts)
    changed = Delivery.objects.filter(pk=delivery.pk, claimed_by=claim).update(
        state=State.DELIVERED if outcome.is_delivered else State.FAILED if again else State.GIVEN_UP,
        next_try_at=again,
        claimed_by="",
        lease_expires_at=None,
        response_code=outcome.response_code,
        response_text=outcome.response_text,
        error_code=outcome.error_code,
        seconds=outcome.seconds,
    )
    if not changed:
        return False
    _webhook_note(webhook, outcome, now)
    logger.info(
        "webhook_tried id=%s event=%s attempt=%s code=%s error=%s seconds=%.2f",
        delivery.message_id,
        delivery.event,
        delivery.attempts,
        outcome.response_code,
        outcome.error_code,
        outcome.seconds,
    )
    return True


@transaction.atomic
def delivery_redeliver(*, delivery_id: int) -> Delivery:
    """On its way once more, at once and with all its tries, under the same message id.

    Raises NotFound `delivery.not_found`, Conflict `delivery.under_way`, `webhook.off`.
    """
    delivery = Delivery.objects.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("There is no such delivery.", "delivery.not_found")
    wake(webhook_locked(webhook_id=delivery.webhook_id))
    now = timezone.now()
    free = Delivery.objects.filter(pk=delivery_id, lease_expires_at__isnull=True)
    if not free.update(state=State.WAITING, attempts=0, next_try_at=now):
        raise Conflict("It is being delivered at this moment.", "delivery.under_way")
    jobs.enqueue_on_commit(jobs.WEBHOOKS_DELIVER)
    delivery.refresh_from_db()
    return delivery


def deliveries_sweep() -> dict[str, int]:
    """Puts right what messages and workers lost; run every few seconds. How many rows were requeued, removed.

    Expired leases are due again; what is older than a month goes; while rows are due, the doorbell is rung.
    """
    leases_shorten(Delivery.objects.all(), settings.WEBHOOK_LEASE_SECONDS)
    _waits_shorten()
    now = timezone.now()
    requeued = 0
    for row in Delivery.objects.filter(lease_expires_at__lt=now)[:_PRUNED_AT_ONCE]:
        is_final = row.attempts > len(RETRY_SECONDS)
        # Asks for the claim it saw: the worker may note its outcome in this very moment.
        requeued += Delivery.objects.filter(pk=row.pk, claimed_by=row.claimed_by).update(
            state=State.GIVEN_UP if is_final else State.FAILED,
            next_try_at=None if is_final else now,
            claimed_by="",
            lease_expires_at=None,
            error_code="webhook.worker_lost",
        )
    old = Delivery.objects.filter(created_at__lt=now - _KEPT).order_by("created_at")
    removed, _ = Delivery.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:_PRUNED_AT_ONCE])
    ).delete()
    if deliveries_due(now=now).exists():
        jobs.enqueue(jobs.WEBHOOKS_DELIVER, expires=settings.SWEEP_SECONDS)
    if requeued or removed:
        logger.info("webhook_sweep requeued=%s removed=%s", requeued, removed)
    return {"requeued": requeued, "removed": removed}


def _waits_shorten() -> None:
    """What waits longer than anything has to was put off by a clock that was ahead: it waits from now on."""
    now = timezone.now()
    for attempts, seconds in enumerate((0, *RETRY_SECONDS)):
        latest = now + timedelta(seconds=seconds * (1 + JITTER))
        ahead = Delivery.objects.filter(attempts=attempts, next_try_at__gt=latest + CLOCKS_DIFFER)
        ahead.update(next_try_at=latest)
    rested = now + timedelta(seconds=_REST_SECONDS[1])
    Webhook.objects.filter(resting_until__gt=rested + CLOCKS_DIFFER).update(resting_until=rested)


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after so many failed tries, of which there is at least one and one is left."""
    return timedelta(seconds=RETRY_SECONDS[attempts - 1] * random.uniform(1, 1 + JITTER))  # nosec B311 # no secret


def _webhook_note(webhook: Webhook, outcome: Outcome, now: datetime) -> None:
    if outcome.is_delivered:
        webhook.consecutive_failures, webhook.failing_since, webhook.resting_until = 0, None, None
    else:
        first, longest = _REST_SECONDS
        rest = min(longest, first * 2 ** min(webhook.consecutive_failures, 10))
        webhook.consecutive_failures += 1
        webhook.failing_since = webhook.failing_since or now
        webhook.resting_until = now + timedelta(seconds=rest)
    webhook.save(update_fields=["consecutive_failures", "failing_since", "resting_until"])
    has_failed_long = (
        webhook.failing_since is not None
        and webhook.failing_since < now - _SWITCH_OFF_AFTER
        and webhook.consecutive_failures >= _SWITCH_OFF_FAILURES
    )
    if webhook.is_active and (outcome.is_gone or has_failed_long):
        _switch_off(webhook, "webhook.gone" if outcome.is_gone else "webhook.failing")


def _switch_off(webhook: Webhook, code: str) -> None:
    webhook.is_active, webhook.off_code = False, code
    webhook.save(update_fields=["is_active", "off_code"])
    deliveries_give_up(webhook)
    owners_told(webhook)
    logger.warning("webhook_switched_off id=%s code=%s", webhook.pk, code)


def _send(delivery: Delivery) -> Outcome:
    body = json.dumps(delivery.payload, separators=(",", ":")).encode()
    now = timezone.now()
    webhook = delivery.webhook
    is_old_valid = webhook.old_secret_until is not None and webhook.old_secret_until > now
    headers = signature_headers(
        secrets=[webhook.secret, *([webhook.old_secret] if is_old_valid else [])],
        message_id=str(delivery.message_id),
        timestamp=int(now.timestamp()),
        body=body,
    )
    return send(url=webhook.url, headers=headers, body=body)
