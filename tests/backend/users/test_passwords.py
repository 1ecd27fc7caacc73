"""Changing a password, and the link for who forgot it."""

import io
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle

from backend.config.env import env
from backend.users.models import ApiToken, User
from backend.users.tokens import token_create

ME = "/api/v1/auth/me/"
CHANGE, RESET, CONFIRM = (
    "/api/v1/auth/password/",
    "/api/v1/auth/password-reset/",
    "/api/v1/auth/password-reset/confirm/",
)
OLD, NEW = "ada-secret", "quite another secret"


@pytest.fixture
def mailing(settings: Any, owner: User) -> None:
    """A server that sends mail, and somebody who gets it."""
    settings.HAS_EMAIL = True
    owner.email = "ada@example.org"
    owner.save()


@pytest.fixture
def throttled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"login": "2/min", "mail": "1/min"})
    cache.clear()
    yield
    cache.clear()


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def knows(password: str) -> bool:
    return User.objects.get(username="ada").check_password(password)


def arrived(count: int = 1) -> list[EmailMessage]:
    """The mails, once there are so many: they are sent beside the request."""
    deadline = time.monotonic() + 5
    while len(mail.outbox) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return mail.outbox


def link_sent(address: str = "ada@example.org") -> dict[str, str]:
    """Asks for a link and reads it from the mail."""
    assert APIClient().post(RESET, {"email": address}).status_code == 204
    found = re.search(r"http://testserver/reset/(?P<uid>[^/\s]+)/(?P<token>\S+)", arrived()[-1].body)
    assert found
    return found.groupdict()


def test_a_change_ends_other_sessions_and_keeps_this_one(
    client_of: Callable[[User], APIClient], owner: User
) -> None:
    here, elsewhere = client_of(owner), client_of(owner)
    answer = here.post(CHANGE, {"old_password": OLD, "new_password": NEW})
    assert answer.status_code == 204
    assert here.get(ME).status_code == 200
    assert elsewhere.get(ME).status_code == 401
    assert knows(NEW)


def test_a_change_needs_the_present_password_and_a_good_new_one(api: APIClient) -> None:
    wrong = api.post(CHANGE, {"old_password": "x", "new_password": NEW})
    assert said(wrong) == (400, "auth.invalid_credentials")
    weak = api.post(CHANGE, {"old_password": OLD, "new_password": "1234"})
    assert said(weak) == (400, "auth.password_weak")
    sentences = weak.json()["extra"]["sentences"]
    assert len(sentences) == 3
    assert "too short" in sentences[0]
    assert knows(OLD)


def test_a_token_does_not_change_the_password(owner: User) -> None:
    _, secret = token_create(user=owner, name="x", scope=ApiToken.Scope.WRITE, days=1)
    answer = APIClient().post(
        CHANGE, {"old_password": OLD, "new_password": NEW}, HTTP_AUTHORIZATION=f"Token {secret}"
    )
    assert said(answer) == (403, "auth.token_forbidden")
    assert knows(OLD)


def test_a_change_needs_the_csrf_token(owner: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(owner)
    answer = browser.post(CHANGE, {"old_password": OLD, "new_password": NEW})
    assert said(answer) == (403, "auth.csrf_failed")


def test_guessing_the_present_password_is_throttled(api: APIClient, throttled: None) -> None:
    guess = {"old_password": "x", "new_password": NEW}
    assert [api.post(CHANGE, guess).status_code for _ in range(3)] == [400, 400, 429]


def test_a_link_by_mail_sets_a_new_password_once_and_ends_every_session(
    mailing: None, api: APIClient
) -> None:
    body = link_sent("Ada@Example.ORG") | {"new_password": NEW}
    [sent] = arrived()
    assert sent.to == ["ada@example.org"]
    assert api.get(ME).status_code == 200
    assert APIClient().post(CONFIRM, body).status_code == 204
    assert knows(NEW)
    assert api.get(ME).status_code == 401
    again = APIClient().post(CONFIRM, body | {"new_password": "a third secret"})
    assert said(again) == (400, "auth.reset_invalid")
    assert knows(NEW)


def test_a_weak_password_leaves_the_link_usable(mailing: None) -> None:
    link = link_sent()
    assert said(APIClient().post(CONFIRM, link | {"new_password": "1"})) == (400, "auth.password_weak")
    assert APIClient().post(CONFIRM, link | {"new_password": NEW}).status_code == 204


@pytest.mark.parametrize("part", ["uid", "token"])
@pytest.mark.parametrize("value", ["MTIzNDU", "!!", "é", "LTE", "x" * 60, "OTk5" * 15])
def test_a_link_that_is_not_whole_opens_nothing(mailing: None, part: str, value: str) -> None:
    body = link_sent() | {part: value, "new_password": NEW}
    assert APIClient().post(CONFIRM, body).status_code == 400
    assert knows(OLD)


def test_a_link_is_good_for_a_day(mailing: None, monkeypatch: pytest.MonkeyPatch) -> None:
    body = link_sent() | {"new_password": NEW}
    later = timezone.now().replace(tzinfo=None) + timedelta(hours=25)
    monkeypatch.setattr("django.contrib.auth.tokens.PasswordResetTokenGenerator._now", lambda self: later)
    assert said(APIClient().post(CONFIRM, body)) == (400, "auth.reset_invalid")


def test_nobody_learns_who_has_an_address(mailing: None, make_user: Callable[[str], User]) -> None:
    """Strangers, people shut out and people without a password get the same answer and no mail."""
    for name in ("gone", "outside"):
        person = make_user(name)
        person.email, person.is_active = f"{name}@example.org", name != "gone"
        if name == "outside":
            person.set_unusable_password()
        person.save()
    make_user("without-address")
    for address in ("nobody@example.org", "gone@example.org", "outside@example.org"):
        answer = APIClient().post(RESET, {"email": address})
        assert (answer.status_code, answer.content) == (204, b"")
    link_sent()
    assert len(arrived(2)) == 1


def test_a_mail_system_that_fails_is_a_line_in_the_log(
    mailing: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert APIClient().post(RESET, {"email": "ada@example.org"}).status_code == 204
    deadline = time.monotonic() + 5
    while "password_reset_mail_failed" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "password_reset_mail_failed" in caplog.text


def test_asking_for_links_is_throttled(mailing: None, throttled: None) -> None:
    answers = [APIClient().post(RESET, {"email": "nobody@example.org"}).status_code for _ in range(2)]
    assert answers == [204, 429]


def test_a_server_without_mail_says_so(owner: User) -> None:
    assert said(APIClient().post(RESET, {"email": "ada@example.org"})) == (409, "auth.no_email")


@pytest.mark.parametrize("has_email", [True, False])
def test_the_log_in_page_is_told_whether_mail_is_sent(db: None, settings: Any, has_email: bool) -> None:
    settings.HAS_EMAIL = has_email
    assert APIClient().get("/api/v1/auth/options/").json()["has_email"] is has_email


def test_the_url_of_a_mail_system_is_read() -> None:
    entry = env.email_url_config("smtp+tls://me%40x:secret@mail.example.org:587")
    assert (entry["EMAIL_HOST"], entry["EMAIL_PORT"], entry["EMAIL_USE_TLS"]) == (
        "mail.example.org",
        587,
        True,
    )
    assert (entry["EMAIL_HOST_USER"], entry["EMAIL_HOST_PASSWORD"]) == ("me@x", "secret")


def test_an_administrator_gives_a_new_password(
    api: APIClient, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def command(name: str, typed: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        call_command("user_password", name, stdout=io.StringIO())

    with pytest.raises(CommandError, match="too short"):
        command("ada", "x")
    with pytest.raises(CommandError, match="person"):
        command("nobody", NEW)
    assert knows(OLD)
    command("ada", NEW)
    assert knows(NEW)
    assert api.get(ME).status_code == 401


def test_an_administrator_sets_an_address(owner: User) -> None:
    call_command("user_email", "ada", "ada@example.org", stdout=io.StringIO())
    assert User.objects.get().email == "ada@example.org"
    with pytest.raises(CommandError, match="valid"):
        call_command("user_email", "ada", "nonsense")
    with pytest.raises(CommandError, match="person"):
        call_command("user_email", "nobody", "ada@example.org")
