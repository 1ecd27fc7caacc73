"""The clock was set back by an hour while workers and people held things, and they are gone: nobody waits an hour."""

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from backend.common.errors import Conflict
from backend.embeddings.models import Embedding
from backend.embeddings.services import embedding_claim_batch, embedding_sweep
from backend.idempotency.models import IdempotencyKey
from backend.idempotency.services import key_claim
from backend.images.models import Image
from backend.jobs.claims import job_claim, jobs_sweep
from backend.jobs.models import Job, Worker
from backend.jobs.services import job_enqueue
from backend.jobs.workers import worker_seen
from backend.projects.models import Project
from backend.users.models import User
from backend.webhooks.deliveries import deliveries_due, deliveries_sweep
from backend.webhooks.models import Delivery, Webhook
from backend.work.gate import image_hold
from backend.work.leases import leases_sweep
from backend.work.models import WorkItem

AHEAD = timedelta(hours=1)


def test_a_lease_of_before_ends_as_one_that_begins_now(image: Image, project: Project, owner: User) -> None:
    embedding_claim_batch(limit=1, lease_seconds=AHEAD.total_seconds())
    job_enqueue(kind="export.coco", params={}, project=project, creator=owner)
    job_claim(queue="default", worker="w", lease_seconds=AHEAD.total_seconds())
    image_hold(image=image, user=owner)
    WorkItem.objects.update(lease_expires_at=timezone.now() + AHEAD)
    now = timezone.now()
    for sweep in (embedding_sweep, jobs_sweep, leases_sweep):
        sweep()
    held = {
        Embedding: settings.EMBEDDING_LEASE_SECONDS,
        Job: settings.JOB_LEASE_SECONDS,
        WorkItem: settings.WORK_LEASE_SECONDS,
    }
    for kind, seconds in held.items():
        ends = kind.objects.get().lease_expires_at  # type: ignore[attr-defined]
        assert timedelta(0) < ends - now < timedelta(seconds=seconds + 20), kind


def test_a_lease_of_now_is_left_alone(image: Image) -> None:
    embedding_claim_batch(limit=1, lease_seconds=settings.EMBEDDING_LEASE_SECONDS)
    before = Embedding.objects.get().lease_expires_at
    embedding_sweep()
    assert Embedding.objects.get().lease_expires_at == before


def test_a_delivery_that_nobody_tried_yet_is_due(project: Project) -> None:
    webhook = Webhook.objects.create(project=project, url="https://x.example", resting_until=None)
    Delivery.objects.create(webhook=webhook, event="ping", payload={}, next_try_at=timezone.now() + AHEAD)
    again = Delivery.objects.create(
        webhook=webhook,
        event="ping",
        payload={},
        attempts=3,
        next_try_at=timezone.now() + timedelta(minutes=25),
    )
    deliveries_sweep()
    assert deliveries_due(now=timezone.now() + timedelta(seconds=1)).count() == 1
    # One that waits as long as it has to goes on waiting.
    assert Delivery.objects.get(pk=again.pk).next_try_at == again.next_try_at


def test_a_key_whose_process_died_is_free(owner: User) -> None:
    asked = {"user": owner, "key": "k", "fingerprint": "f", "lease_seconds": 60}
    key_claim(**asked)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        key_claim(**asked)  # type: ignore[arg-type]
    IdempotencyKey.objects.update(lease_expires_at=timezone.now() + AHEAD)
    assert key_claim(**asked).status is None  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_worker_of_before_is_not_alive_for_an_hour() -> None:
    now = timezone.now()
    said = {"queues": ["gpu"], "device": "cpu", "model": "", "busy_with": [], "started_at": now}
    worker_seen(name=f"a:{uuid.uuid4().hex}", **said)  # type: ignore[arg-type]
    Worker.objects.update(seen_at=now + AHEAD)
    worker_seen(name="b:1", **said)  # type: ignore[arg-type]
    assert not Worker.objects.filter(seen_at__gt=now + timedelta(minutes=1)).exists()
