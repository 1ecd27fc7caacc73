"""Webhooks themselves: made, changed, deleted; and what they are told, written down with what it tells of."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from backend.common import jobs
from backend.common.errors import Conflict, NotFound
from backend.projects.audit import audit, fields_changed
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.users.models import User
from backend.webhooks.models import Delivery, Event, Webhook
from backend.webhooks.signing import secret_make
from backend.webhooks.targets import target_parse, target_resolve

MOST_PER_PROJECT: Final = 20
OLD_SECRET_HOURS: Final = 24
_LOOKUP_SECONDS: Final = 5.0

State = Delivery.State


def webhook_create(
    *, project: Project, creator: User, url: str, events: Sequence[str], description: str = ""
) -> Webhook:
    """A new one with a secret, which is told to its maker and to nobody again.

    Raises InvalidInput as `target_parse` and `target_resolve`, Conflict `webhook.too_many`.
    """
    _check(url)
    with transaction.atomic():
        project_locked(project_id=project.pk)
        if project.webhooks.count() >= MOST_PER_PROJECT:
            raise Conflict(f"A project has {MOST_PER_PROJECT} webhooks at most.", "webhook.too_many")
        webhook = Webhook.objects.create(
            project=project,
            created_by=creator,
            url=url,
            events=sorted(set(events)),
            description=description,
            secret=secret_make(),
        )
        audit(project=project, actor=creator, action="webhook.made", subject=url, events=webhook.events)
    return webhook


def webhook_change(*, webhook_id: int, editor: User, changes: dict[str, Any]) -> Webhook:
    """Sets `url`, `description`, `events`, `is_active`, those that are given. Switched off, it is told nothing, and what
    waits for it is given up; switched on, it begins anew.

    Raises NotFound `webhook.not_found`, InvalidInput as `webhook_create`.
    """
    if "url" in changes:
        _check(changes["url"])
    if "events" in changes:
        changes = changes | {"events": sorted(set(changes["events"]))}
    with transaction.atomic():
        webhook = webhook_locked(webhook_id=webhook_id)
        changed = fields_changed(webhook, changes, ("url", "description", "events", "is_active"))
        if not changed:
            return webhook
        for name, (_, after) in changed.items():
            setattr(webhook, name, after)
        if "is_active" in changed:
            webhook.off_code = ""
        if "is_active" in changed or "url" in changed:
            webhook.consecutive_failures, webhook.failing_since, webhook.resting_until = 0, None, None
        webhook.save()
        if not webhook.is_active:
            deliveries_give_up(webhook)
        audit(
            project=webhook.project,
            actor=editor,
            action="webhook.changed",
            subject=webhook.url,
            changed=changed,
        )
    return webhook


@transaction.atomic
def webhook_delete(*, webhook_id: int, editor: User) -> None:
    """With all that was or would have been delivered. Raises NotFound `webhook.not_found`."""
    webhook = webhook_locked(webhook_id=webhook_id)
    audit(project=webhook.project, actor=editor, action="webhook.deleted", subject=webhook.url)
    webhook.delete()


@transaction.atomic
def webhook_rotate(*, webhook_id: int, editor: User) -> Webhook:
    """A new secret; the present one signs as well for OLD_SECRET_HOURS, one from before it no longer. Raises NotFound
    `webhook.not_found`."""
    webhook = webhook_locked(webhook_id=webhook_id)
    webhook.old_secret, webhook.secret = webhook.secret, secret_make()
    webhook.old_secret_until = timezone.now() + timedelta(hours=OLD_SECRET_HOURS)
    webhook.save(update_fields=["secret", "old_secret", "old_secret_until"])
    audit(project=webhook.project, actor=editor, action="webhook.rotated", subject=webhook.url)
    return webhook


@transaction.atomic
def webhook_ping(*, webhook_id: int, actor: User) -> Delivery:
    """Something harmless on its way at once, also to one that fails. Raises NotFound `webhook.not_found`, Conflict
    `webhook.off`."""
    webhook = webhook_locked(webhook_id=webhook_id)
    wake(webhook)
    data = {"project": project_data(webhook.project), "actor": person_data(actor)}
    [delivery] = _write([webhook], Event.PING, data, timezone.now())
    return delivery


@transaction.atomic(savepoint=False)
def webhook_emit(*, project_id: int, event: Event, data: dict[str, Any]) -> None:
    """Tells every webhook of the project that wants this event. Call it inside the transaction that does what it tells
    of: a delivery is there if and only if that was committed."""
    # Held, so that none is deleted or switched off between this and what is written for it.
    active = Webhook.objects.select_for_update(no_key=True).filter(project=project_id, is_active=True)
    # Which events is asked here: databases differ in how they look into lists.
    wanting = [webhook for webhook in active.order_by("pk") if event in webhook.events]
    if wanting:
        _write(wanting, event, data, timezone.now())


def webhook_locked(*, webhook_id: int) -> Webhook:
    """The webhook as it is now, its row held until the transaction ends. Raises NotFound `webhook.not_found`."""
    rows = Webhook.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    webhook = rows.filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound("There is no such webhook.", "webhook.not_found")
    return webhook


def wake(webhook: Webhook) -> None:
    """Whatever failed before, the next try of this webhook, whose row is held, is at once. Raises Conflict
    `webhook.off`."""
    if not webhook.is_active:
        raise Conflict("This webhook is switched off: switch it on first.", "webhook.off")
    webhook.resting_until = None
    webhook.save(update_fields=["resting_until"])


def deliveries_give_up(webhook: Webhook) -> None:
    """Nothing that waits for a webhook that was switched off is tried again; what is under way ends as it ends."""
    waiting = webhook.deliveries.filter(next_try_at__isnull=False, lease_expires_at__isnull=True)
    waiting.update(state=State.GIVEN_UP, next_try_at=None, error_code="webhook.off")


def project_data(project: Project) -> dict[str, Any]:
    return {"id": project.pk, "name": project.name}


def person_data(user: User) -> dict[str, Any]:
    return {"id": user.pk, "display_name": str(user)}


def _check(url: str) -> None:
    # Before any transaction: names are looked up for seconds, and SQLite lets nobody else write meanwhile.
    target_resolve(target_parse(url), seconds=_LOOKUP_SECONDS)


def _write(
    webhooks: Sequence[Webhook], event: Event, data: dict[str, Any], now: datetime
) -> Sequence[Delivery]:
    payload = {"type": str(event), "timestamp": now.isoformat(), "data": data}
    rows = Delivery.objects.bulk_create(
        Delivery(webhook=webhook, message_id=uuid.uuid4(), event=event, payload=payload, next_try_at=now)
        for webhook in webhooks
    )
    jobs.enqueue_on_commit(jobs.WEBHOOKS_DELIVER)
    return rows
