"""Deliveries: written with what they tell of, tried until they arrive or are given up, never lost."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from backend.images.models import Image
from backend.jobs.states import JobState
from backend.notifications.models import Notification
from backend.projects.members import membership_set
from backend.projects.models import AuditEntry, Membership, Project
from backend.users.models import User
from backend.webhooks import deliveries
from backend.webhooks.deliveries import (
    RETRY_SECONDS,
    deliveries_send,
    deliveries_sweep,
    delivery_claim,
    delivery_note,
    retry_delay,
)
from backend.webhooks.models import Delivery, Event, Webhook
from backend.webhooks.sending import Outcome
from backend.webhooks.services import webhook_create, webhook_delete, webhook_emit
from backend.work.handing import work_submit
from tests.backend.jobs.conftest import do_one, start
from tests.backend.webhooks.receiver import Receiver

State = Delivery.State


@pytest.fixture
def anna(project: Project, make_user: Callable[[str], User]) -> User:
    user = make_user("anna")
    membership_set(project=project, user=user, role=Membership.Role.ANNOTATOR)
    return user


def emit(webhook: Webhook, count: int = 1) -> list[Delivery]:
    for number in range(count):
        webhook_emit(project_id=webhook.project_id, event=Event.IMAGE_ACCEPTED, data={"number": number})
    return list(Delivery.objects.order_by("pk"))


def try_once() -> int:
    """What a worker does at one ring."""
    claim, rows = delivery_claim()
    deliveries_send(claim=claim, deliveries=rows)
    return len(rows)


def make_due() -> None:
    """As if time had passed: whatever will be tried is due."""
    now = timezone.now()
    Delivery.objects.filter(next_try_at__isnull=False).update(next_try_at=now)
    Webhook.objects.update(resting_until=None)


def test_work_is_told_of_as_it_is_done(
    api: APIClient,
    client_of: Callable[[User], APIClient],
    webhook: Webhook,
    image: Image,
    anna: User,
    owner: User,
) -> None:
    at = f"/api/v1/images/{image.pk}/work/"
    assert client_of(anna).post(f"{at}submit/").status_code == 200
    assert api.post(f"{at}reject/", {"reason": "a hole"}).status_code == 200
    assert client_of(anna).post(f"{at}submit/").status_code == 200
    assert api.post(f"{at}accept/").status_code == 200
    rows = Delivery.objects.order_by("pk")
    assert [row.event for row in rows] == [
        "image.submitted",
        "image.rejected",
        "image.submitted",
        "image.accepted",
    ]
    payload = rows[1].payload
    assert payload.pop("timestamp")
    assert payload == {
        "type": "image.rejected",
        "data": {
            "project": {"id": webhook.project_id, "name": "Cats"},
            "image": {"id": image.pk, "file_name": "one.png"},
            "status": "rejected",
            "actor": {"id": owner.pk, "display_name": "ada"},
            "reason": "a hole",
        },
    }
    assert rows[0].payload["data"]["actor"] == {"id": anna.pk, "display_name": "anna"}


def test_an_export_that_is_ready_is_told_with_where_it_lies_and_a_failed_one_is_not(
    api: APIClient, project: Project, owner: User, receiver: Receiver
) -> None:
    webhook = webhook_create(project=project, creator=owner, url=receiver.url, events=["export.ready"])
    job = start(api, project)
    assert do_one().state == JobState.SUCCEEDED
    told = Delivery.objects.get(webhook=webhook).payload
    assert told["type"] == "export.ready"
    assert told["data"]["job"] == {"id": job["id"], "kind": "export.coco"}
    file = told["data"]["file"]
    answer = api.get(file["download_url"])
    assert len(b"".join(answer.streaming_content)) == file["bytes"]
    assert file["file_name"] == "cats-coco.json"
    cancelled = start(api, project)
    assert api.post(f"/api/v1/jobs/{cancelled['id']}/cancel/").status_code == 200
    assert Delivery.objects.count() == 1


def test_only_what_is_wanted_is_told_and_only_of_ones_own_project(
    webhook: Webhook, make_project: Callable[..., Project], owner: User
) -> None:
    other = make_project(owner, "Dogs")
    webhook_create(project=other, creator=owner, url=webhook.url, events=["image.accepted"])
    few = webhook_create(project=webhook.project, creator=owner, url=webhook.url, events=["export.ready"])
    off = webhook_create(project=webhook.project, creator=owner, url=webhook.url, events=["image.accepted"])
    Webhook.objects.filter(pk=off.pk).update(is_active=False)
    emit(webhook)
    assert [row.webhook_id for row in Delivery.objects.all()] == [webhook.pk]
    webhook_emit(project_id=webhook.project_id, event=Event.EXPORT_READY, data={})
    assert Delivery.objects.filter(webhook=few).count() == 1


def test_what_is_undone_is_not_told(webhook: Webhook, image: Image, owner: User) -> None:
    with transaction.atomic():
        work_submit(image=image, user=owner)
        assert Delivery.objects.count() == 1
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_work_in_a_project_without_webhooks_costs_one_query(
    image: Image, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        webhook_emit(project_id=image.project_id, event=Event.IMAGE_ACCEPTED, data={})


def test_the_bell_rings_on_commit_only(
    webhook: Webhook, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rung: list[str] = []
    monkeypatch.setattr("backend.common.jobs.enqueue", lambda name, **_: rung.append(name))
    with django_capture_on_commit_callbacks(execute=True):
        emit(webhook)
        assert rung == []
    assert rung == ["webhooks.deliver"]


def test_failures_are_tried_again_later_each_time_and_given_up_in_the_end(
    webhook: Webhook, receiver: Receiver
) -> None:
    receiver.status, receiver.text = 503, "later"
    [delivery] = emit(webhook)
    for number, seconds in enumerate(RETRY_SECONDS, start=1):
        assert try_once() == 1
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts, delivery.error_code) == (
            "failed",
            number,
            "webhook.status",
        )
        assert (delivery.response_code, delivery.response_text) == (503, "later")
        assert delivery.next_try_at is not None
        wait = (delivery.next_try_at - timezone.now()).total_seconds()
        assert seconds - 5 < wait <= seconds * 1.2
        assert try_once() == 0, "not before it is due"
        make_due()
    assert try_once() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.next_try_at, delivery.attempts) == ("given_up", None, 8)
    make_due()
    assert try_once() == 0
    # One and the same message, each time signed anew.
    assert {request.message_id for request in receiver.received} == {str(delivery.message_id)}
    assert len(receiver.received) == 8
    assert all(request.is_signed_with(webhook.secret) for request in receiver.received)
    assert len({request.body for request in receiver.received}) == 1


def test_what_failed_arrives_once_the_receiver_is_well_again(webhook: Webhook, receiver: Receiver) -> None:
    receiver.status = 500
    [delivery] = emit(webhook)
    try_once()
    webhook.refresh_from_db()
    assert webhook.consecutive_failures == 1
    assert webhook.failing_since is not None
    receiver.status = 200
    make_due()
    try_once()
    delivery.refresh_from_db()
    webhook.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.error_code) == ("delivered", 2, "")
    assert (webhook.consecutive_failures, webhook.failing_since, webhook.resting_until) == (0, None, None)


def test_delays_are_spread() -> None:
    delays = {retry_delay(1) for _ in range(20)}
    assert len(delays) > 1
    assert all(timedelta(seconds=5) <= delay <= timedelta(seconds=6) for delay in delays)


def test_one_that_fails_is_asked_with_one_request_while_the_others_get_theirs(
    webhook: Webhook, receiver: Receiver, owner: User
) -> None:
    """A dead address must not cost a worker its time once for each of a thousand events."""
    dead = webhook_create(
        project=webhook.project, creator=owner, url="http://127.0.0.1:1/", events=["image.accepted"]
    )
    Webhook.objects.filter(pk=dead.pk).update(consecutive_failures=3)
    emit(webhook, 6)
    while try_once():
        pass
    assert dead.deliveries.filter(attempts__gt=0).count() == 1
    assert webhook.deliveries.filter(state=State.DELIVERED).count() == 6
    # By hand at once, though it rests.
    first = dead.deliveries.earliest("pk")
    deliveries.delivery_redeliver(delivery_id=first.pk)
    assert try_once() == 1


def test_gone_switches_it_off_and_tells_its_owners(
    webhook: Webhook, receiver: Receiver, owner: User, anna: User, api: APIClient
) -> None:
    membership_set(project=webhook.project, user=anna, role=Membership.Role.MANAGER)
    Webhook.objects.update(created_by=anna)
    emit(webhook, 10)
    receiver.status = 410
    try_once()
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.off_code) == (False, "webhook.gone")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"given_up"}
    told = Notification.objects.filter(kind="webhook_off")
    assert {entry.user for entry in told} == {owner, anna}
    assert {(entry.actor, entry.text, entry.project) for entry in told} == {
        (None, webhook.url, webhook.project)
    }
    assert AuditEntry.objects.get(action="webhook.switched_off").data == {"reason": "webhook.gone"}
    emit(webhook)
    assert Delivery.objects.count() == 10
    assert api.get("/api/v1/notifications/").json()["results"][0]["kind"] == "webhook_off"
    again = api.patch(f"/api/v1/webhooks/{webhook.pk}/", {"is_active": True}).json()
    assert (again["is_active"], again["off_code"], again["consecutive_failures"]) == (True, "", 0)


def test_its_maker_who_manages_no_longer_hears_nothing(
    webhook: Webhook, receiver: Receiver, owner: User, anna: User
) -> None:
    Webhook.objects.update(created_by=anna)
    emit(webhook)
    receiver.status = 410
    try_once()
    assert [entry.user for entry in Notification.objects.all()] == [owner]


def test_one_that_failed_for_days_is_switched_off(webhook: Webhook, receiver: Receiver) -> None:
    receiver.status = 500
    emit(webhook)
    long_ago = timezone.now() - timedelta(days=5, seconds=1)
    for failures, is_active in ((3, True), (9, False)):
        Webhook.objects.update(consecutive_failures=failures, failing_since=long_ago)
        make_due()
        assert try_once() == 1
        webhook.refresh_from_db()
        assert webhook.is_active == is_active
    assert webhook.off_code == "webhook.failing"


def test_no_two_claims_hold_a_row(webhook: Webhook) -> None:
    emit(webhook, 12)
    (first_claim, first), (second_claim, second) = delivery_claim(), delivery_claim()
    assert (len(first), len(second)) == (8, 4)
    assert first_claim != second_claim
    assert not {row.pk for row in first} & {row.pk for row in second}
    assert delivery_claim()[1] == []


def test_whoever_lost_the_lease_notes_nothing(webhook: Webhook, receiver: Receiver) -> None:
    [delivery] = emit(webhook)
    lost, [held] = delivery_claim()
    Delivery.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert deliveries_sweep()["requeued"] == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_code) == ("failed", "webhook.worker_lost")
    assert try_once() == 1
    assert not delivery_note(delivery=held, claim=lost, outcome=Outcome("webhook.timeout"))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("delivered", 2)
    webhook.refresh_from_db()
    assert webhook.consecutive_failures == 0


def test_one_whose_worker_is_always_lost_comes_to_an_end(webhook: Webhook) -> None:
    [delivery] = emit(webhook)
    for _ in range(len(RETRY_SECONDS) + 1):
        assert len(delivery_claim()[1]) == 1
        Delivery.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        deliveries_sweep()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.next_try_at) == ("given_up", None)
    assert delivery_claim()[1] == []


def test_one_deleted_while_it_is_told_is_no_error(webhook: Webhook, owner: User) -> None:
    emit(webhook)
    claim, rows = delivery_claim()
    webhook_delete(webhook_id=webhook.pk, editor=owner)
    deliveries_send(claim=claim, deliveries=rows)
    assert not Delivery.objects.exists()


def test_what_is_under_way_is_not_redelivered(api: APIClient, webhook: Webhook) -> None:
    [delivery] = emit(webhook)
    delivery_claim()
    answer = api.post(f"/api/v1/deliveries/{delivery.pk}/redeliver/")
    assert (answer.status_code, answer.json()["code"]) == (409, "delivery.under_way")


def test_what_is_older_than_a_month_goes(webhook: Webhook) -> None:
    old, young = emit(webhook, 2)
    now = timezone.now()
    Delivery.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=31))
    Delivery.objects.filter(pk=young.pk).update(created_at=now - timedelta(days=29))
    assert deliveries_sweep()["removed"] == 1
    assert list(Delivery.objects.all()) == [young]


def test_the_sweep_rings_while_something_is_due(webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr("backend.common.jobs.enqueue", lambda name, **_: rung.append(name))
    deliveries_sweep()
    emit(webhook)
    deliveries_sweep()
    assert rung == ["webhooks.deliver"]


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_deliver_everything_once(webhook: Webhook, receiver: Receiver) -> None:
    emit(webhook, 30)

    def work() -> None:
        try:
            while try_once():
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    assert len(receiver.received) == len({request.message_id for request in receiver.received}) == 30
