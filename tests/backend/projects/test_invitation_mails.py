"""Invitations sent by mail."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from backend.projects.invitation_mails import MAILS_PER_HOUR
from backend.projects.models import AuditEntry, Invitation, Membership, Project
from backend.users.models import User

BODY = {"role": "annotator", "email": "carla@example.org"}


@pytest.fixture
def at(settings: Any, project: Project) -> str:
    settings.HAS_EMAIL = True
    return f"/api/v1/projects/{project.pk}/invitations/"


def test_the_link_in_the_mail_lets_in_whoever_got_it(
    api: APIClient, at: str, client_of: Callable[[User], APIClient], make_user: Callable[[str], User]
) -> None:
    made = api.post(at, BODY)
    assert made.status_code == 201
    assert made.json()["mailed_at"]
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["carla@example.org"], "Anymask: you are invited to Cats")
    assert sent.content_subtype == "plain"
    assert not getattr(sent, "alternatives", [])
    link = f"http://testserver/invitations/{made.json()['secret']}"
    assert f"\n{link}\n" in sent.body
    assert "ada invites you" in sent.body
    carla = make_user("carla")
    secret = link.rpartition("/")[2]
    assert client_of(carla).post("/api/v1/invitations/accept/", {"secret": secret}).status_code == 200
    assert Membership.objects.get(user=carla).role == "annotator"
    [listed] = api.get(at).json()
    assert (listed["email"], listed["mailed_at"]) == (BODY["email"], made.json()["mailed_at"])
    assert AuditEntry.objects.get(action="invitation.made").subject == "carla@example.org"


def test_without_an_address_nothing_is_sent(api: APIClient, at: str) -> None:
    made = api.post(at, {"role": "annotator", "note": "Carla"}).json()
    assert (made["email"], made["mailed_at"]) == ("", None)
    assert mail.outbox == []


def test_what_people_wrote_adds_neither_headers_nor_markup(api: APIClient, at: str, project: Project) -> None:
    Project.objects.update(name="Cats\r\nBcc: all@example.org\n\n<b>x</b>" + "y" * 150)
    assert api.post(at, BODY).json()["mailed_at"]
    [sent] = mail.outbox
    raw = sent.message()
    assert raw.get_content_type() == "text/plain"
    assert "Bcc" not in raw
    assert "\n" not in sent.subject
    assert len(sent.subject) < 140
    assert "\nBcc" not in sent.body


@pytest.mark.parametrize(
    "email",
    [
        "nonsense",
        "a@b",
        "carla@example.org\nBcc: all@example.org",
        "a@example.org,b@example.org",
        "x" * 260 + "@a.org",
    ],
)
def test_only_an_address_is_one(api: APIClient, at: str, email: str) -> None:
    answer = api.post(at, BODY | {"email": email})
    assert (answer.status_code, answer.json()["code"]) == (400, "input.invalid")
    assert not Invitation.objects.exists()
    assert mail.outbox == []


def test_a_mail_server_that_fails_is_told_and_the_link_is_good(
    api: APIClient, at: str, settings: Any, stranger: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    made = api.post(at, BODY)
    assert (made.status_code, made.json()["mailed_at"]) == (201, None)
    assert "invitation_mail_failed" in caplog.text
    assert stranger.post("/api/v1/invitations/accept/", {"secret": made.json()["secret"]}).status_code == 200


def test_a_server_without_mail_says_so(api: APIClient, at: str, settings: Any) -> None:
    settings.HAS_EMAIL = False
    answer = api.post(at, BODY)
    assert (answer.status_code, answer.json()["code"]) == (409, "invitation.no_email")
    assert not Invitation.objects.exists()


def test_a_project_sends_so_many_an_hour(api: APIClient, at: str, project: Project, owner: User) -> None:
    Invitation.objects.bulk_create(
        Invitation(
            project=project,
            role="viewer",
            digest=str(number),
            email="a@example.org",
            expires_at=timezone.now(),
        )
        for number in range(MAILS_PER_HOUR)
    )
    answer = api.post(at, BODY)
    assert (answer.status_code, answer.json()["code"]) == (429, "invitation.mail_limit")
    # Links without a mail are no matter of this limit.
    assert api.post(at, {"role": "annotator"}).status_code == 201
    Invitation.objects.filter(digest="0").update(created_at=timezone.now() - timedelta(hours=1, seconds=1))
    assert api.post(at, BODY).status_code == 201
    assert len(mail.outbox) == 1


def test_nothing_is_mailed_before_it_is_committed(
    api: APIClient, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that leads nowhere cannot be called back."""
    monkeypatch.setattr(
        "backend.projects.invitations.audit", lambda **_: (_ for _ in ()).throw(RuntimeError("full"))
    )
    with pytest.raises(RuntimeError):
        api.post(at, BODY)
    assert mail.outbox == []
    assert not Invitation.objects.exists()
