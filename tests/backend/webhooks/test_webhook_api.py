"""Webhooks as their managers make, change and try them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backend.projects.models import AuditEntry, Project
from backend.users.models import User
from backend.webhooks.deliveries import deliveries_send, delivery_claim
from backend.webhooks.models import Delivery, Webhook
from backend.webhooks.services import MOST_PER_PROJECT
from tests.backend.webhooks.conftest import EVENTS
from tests.backend.webhooks.receiver import Receiver


def deliver_all() -> None:
    """What a worker does."""
    while True:
        claim, rows = delivery_claim()
        if not rows:
            return
        deliveries_send(claim=claim, deliveries=rows)


def test_the_secret_is_told_once(api: APIClient, project: Project, receiver: Receiver, owner: User) -> None:
    at = f"/api/v1/projects/{project.pk}/webhooks/"
    made = api.post(at, {"url": receiver.url, "events": ["image.accepted"], "description": "Ours"})
    assert made.status_code == 201
    body = made.json()
    secret = body.pop("secret")
    assert secret == Webhook.objects.get().secret
    assert body.pop("created_at")
    assert body == {
        "id": Webhook.objects.get().pk,
        "url": receiver.url,
        "description": "Ours",
        "events": ["image.accepted"],
        "is_active": True,
        "off_code": "",
        "created_by": {"id": owner.pk, "display_name": "ada"},
        "old_secret_until": None,
        "consecutive_failures": 0,
        "failing_since": None,
    }
    for answer in (
        api.get(at),
        api.get(f"/api/v1/webhooks/{body['id']}/"),
        api.patch(f"/api/v1/webhooks/{body['id']}/", {"description": "x"}),
    ):
        assert secret.encode() not in answer.content
        assert b"whsec_" not in answer.content
    assert not AuditEntry.objects.filter(data__icontains="whsec_").exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": "https://8.8.8.8/"},
        {"url": "https://8.8.8.8/", "events": []},
        {"url": "https://8.8.8.8/", "events": ["ping"]},
        {"url": "https://8.8.8.8/", "events": ["image.deleted"]},
        {"url": "https://8.8.8.8/", "events": "image.accepted"},
        {"url": "https://8.8.8.8/", "events": ["image.accepted"], "description": "x" * 201},
    ],
)
def test_what_is_wanted_must_be_said(api: APIClient, project: Project, body: dict[str, Any]) -> None:
    answer = api.post(f"/api/v1/projects/{project.pk}/webhooks/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")


def test_a_project_has_so_many_at_most(api: APIClient, project: Project) -> None:
    at = f"/api/v1/projects/{project.pk}/webhooks/"
    body = {"url": "https://8.8.8.8/", "events": ["image.accepted"]}
    assert {api.post(at, body).status_code for _ in range(MOST_PER_PROJECT)} == {201}
    answer = api.post(at, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "webhook.too_many")


def test_changes_are_kept_and_logged(api: APIClient, project: Project, webhook: Webhook) -> None:
    at = f"/api/v1/webhooks/{webhook.pk}/"
    changed = api.patch(
        at, {"events": ["image.rejected", "export.ready", "image.rejected"], "is_active": False}
    )
    assert changed.json()["events"] == ["export.ready", "image.rejected"]
    assert api.get(at).json()["is_active"] is False
    # What changes nothing is no change.
    assert api.patch(at, {"is_active": False}).status_code == 200
    assert api.delete(at).status_code == 204
    gone = api.get(at)
    assert (gone.status_code, gone.json()["code"]) == (404, "webhook.not_found")
    log = AuditEntry.objects.filter(project=project, action__startswith="webhook.").order_by("pk")
    assert [entry.action for entry in log] == ["webhook.made", "webhook.changed", "webhook.deleted"]
    assert log[1].data["changed"] == {
        "events": [sorted(EVENTS), ["export.ready", "image.rejected"]],
        "is_active": [True, False],
    }


def test_a_ping_arrives_signed_and_is_told_of(
    api: APIClient, webhook: Webhook, receiver: Receiver, owner: User
) -> None:
    sent = api.post(f"/api/v1/webhooks/{webhook.pk}/ping/")
    assert (sent.status_code, sent.json()["state"]) == (201, "waiting")
    deliver_all()
    [request] = receiver.received
    assert request.is_signed_with(webhook.secret)
    assert request.message_id == sent.json()["message_id"]
    assert request.json() == sent.json()["payload"]
    assert request.json()["type"] == "ping"
    assert request.json()["data"] == {
        "project": {"id": webhook.project_id, "name": "Cats"},
        "actor": {"id": owner.pk, "display_name": "ada"},
    }
    [told] = api.get(f"/api/v1/webhooks/{webhook.pk}/deliveries/").json()["results"]
    assert (told["state"], told["attempts"], told["response_code"], told["response_text"]) == (
        "delivered",
        1,
        200,
        "thanks",
    )
    assert (told["next_try_at"], told["error_code"]) == (None, "")
    assert 0 < told["seconds"] < 5


def test_after_a_rotation_both_secrets_sign_for_a_day(
    api: APIClient, webhook: Webhook, receiver: Receiver
) -> None:
    first = webhook.secret
    second = api.post(f"/api/v1/webhooks/{webhook.pk}/rotate/").json()["secret"]
    assert second != first
    ping = f"/api/v1/webhooks/{webhook.pk}/ping/"
    api.post(ping)
    deliver_all()
    assert receiver.received[-1].is_signed_with(first)
    assert receiver.received[-1].is_signed_with(second)
    Webhook.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
    api.post(ping)
    deliver_all()
    assert not receiver.received[-1].is_signed_with(first)
    assert receiver.received[-1].is_signed_with(second)
    assert AuditEntry.objects.filter(action="webhook.rotated").count() == 1


def test_what_is_off_is_neither_tried_nor_pinged(
    api: APIClient, webhook: Webhook, receiver: Receiver
) -> None:
    waiting = api.post(f"/api/v1/webhooks/{webhook.pk}/ping/").json()
    api.patch(f"/api/v1/webhooks/{webhook.pk}/", {"is_active": False})
    deliver_all()
    assert receiver.received == []
    [told] = api.get(f"/api/v1/webhooks/{webhook.pk}/deliveries/").json()["results"]
    assert (told["state"], told["error_code"], told["next_try_at"]) == ("given_up", "webhook.off", None)
    for path in (f"webhooks/{webhook.pk}/ping/", f"deliveries/{waiting['id']}/redeliver/"):
        answer = api.post(f"/api/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (409, "webhook.off")
    api.patch(f"/api/v1/webhooks/{webhook.pk}/", {"is_active": True})
    assert api.post(f"/api/v1/deliveries/{waiting['id']}/redeliver/").json()["state"] == "waiting"
    deliver_all()
    assert [request.message_id for request in receiver.received] == [waiting["message_id"]]


def test_the_log_is_paged_in_few_queries(
    api: APIClient, webhook: Webhook, django_assert_num_queries: Any
) -> None:
    for _ in range(5):
        api.post(f"/api/v1/webhooks/{webhook.pk}/ping/")
    at = f"/api/v1/webhooks/{webhook.pk}/deliveries/?page_size=3"
    with django_assert_num_queries(5):  # session, person, role, webhook, page
        first = api.get(at).json()
    second = api.get(first["next"]).json()
    ids = [row["id"] for page in (first, second) for row in page["results"]]
    assert ids == sorted(Delivery.objects.values_list("pk", flat=True), reverse=True)


def test_the_list_takes_as_many_queries_for_any_number(
    api: APIClient, project: Project, django_assert_num_queries: Any
) -> None:
    at = f"/api/v1/projects/{project.pk}/webhooks/"
    for _ in range(3):
        api.post(at, {"url": "https://8.8.8.8/", "events": ["image.accepted"]})
    with django_assert_num_queries(5):  # session, person, role, project, list
        assert len(api.get(at).json()) == 3
