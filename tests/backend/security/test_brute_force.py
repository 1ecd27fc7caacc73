"""Guessing passwords, from one address and from many; and what a stranger learns of who has an account here."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from backend.config.env import LOGIN_RATE
from backend.projects.models import Project
from backend.users.models import User

LOGIN, TOKEN = "/api/v1/auth/login/", "/api/v1/auth/token/"
RESET, CONFIRM = "/api/v1/auth/password-reset/", "/api/v1/auth/password-reset/confirm/"
ACCEPT = "/api/v1/invitations/accept/"
RIGHT, WRONG = "ada-secret", "wrong"


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rates an installation has where nobody set any, and no request counted yet."""
    monkeypatch.setattr(
        SimpleRateThrottle, "THROTTLE_RATES", {"api": None, "login": LOGIN_RATE, "mail": None}
    )
    cache.clear()
    yield
    cache.clear()


def try_at(way: str, username: str, password: str, address: str = "198.51.100.1") -> Any:
    body = {"username": username, "password": password}
    return APIClient().post(way, body, REMOTE_ADDR=address)


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_installation_takes_sixty_log_ins_a_minute() -> None:
    assert LOGIN_RATE == "60/min"


@pytest.mark.parametrize("way", [LOGIN, TOKEN])
def test_the_61st_log_in_of_an_address_is_refused_whichever_account_it_is_for(way: str, owner: User) -> None:
    answers = [try_at(way, f"somebody-{number}", WRONG) for number in range(60)]
    assert {said(answer) for answer in answers} == {(400, "auth.invalid_credentials")}
    refused = try_at(way, "ada", RIGHT)
    assert said(refused) == (429, "throttled")
    assert 0 < int(refused["Retry-After"]) <= 60
    # Others are not kept out by it.
    assert try_at(way, "ada", RIGHT, "198.51.100.2").status_code == 200
    print(f"\n{way}: 60 guesses from one address answered, the 61st refused")


@pytest.mark.parametrize("way", [LOGIN, TOKEN])
def test_the_61st_guess_at_an_account_is_refused_wherever_it_comes_from(way: str, owner: User) -> None:
    answers = [try_at(way, "ada", WRONG, f"198.51.100.{number}") for number in range(60)]
    assert {said(answer) for answer in answers} == {(400, "auth.invalid_credentials")}
    refused = try_at(way, "ada", RIGHT, "203.0.113.9")
    assert said(refused) == (429, "throttled")
    assert 0 < int(refused["Retry-After"]) <= 60
    print(f"\n{way}: 60 guesses at one account from 60 addresses answered, the 61st refused")


def test_both_ways_of_logging_in_are_one_account(owner: User) -> None:
    for number in range(60):
        try_at(LOGIN if number % 2 else TOKEN, "ada", WRONG, f"198.51.100.{number}")
    assert said(try_at(LOGIN, "ada", RIGHT, "203.0.113.9")) == (429, "throttled")
    assert said(try_at(TOKEN, " ada ", RIGHT, "203.0.113.9")) == (429, "throttled")


def test_who_logged_in_from_somewhere_gets_in_there_while_others_guess(owner: User) -> None:
    home = "203.0.113.9"
    assert try_at(LOGIN, "ada", RIGHT, home).status_code == 200
    for number in range(70):
        try_at(LOGIN, "ada", WRONG, f"198.51.100.{number}")
    assert try_at(LOGIN, "ada", RIGHT, home).status_code == 200
    # The address is known for this account, not for others.
    for number in range(60):
        try_at(LOGIN, "bob", WRONG, f"198.51.100.{number + 100}")
    assert said(try_at(LOGIN, "bob", WRONG, home)) == (429, "throttled")


def test_an_account_that_is_not_there_is_shut_by_guesses_like_one_that_is(owner: User) -> None:
    seen: dict[str, list[tuple[int, str]]] = {}
    for name in ("ada", "nobody"):
        seen[name] = [
            said(try_at(LOGIN, name, WRONG, f"198.51.{len(seen)}.{number}")) for number in range(62)
        ]
    assert seen["ada"] == seen["nobody"]
    assert seen["ada"][-2:] == [(429, "throttled")] * 2


@pytest.mark.parametrize("way", [LOGIN, TOKEN])
def test_log_in_answers_alike_for_known_shut_out_and_unknown_accounts(
    way: str, owner: User, make_user: Callable[[str], User]
) -> None:
    gone = make_user("gone")
    gone.is_active = False
    gone.save()
    without = make_user("without")
    without.set_unusable_password()
    without.save()
    tries = [("ada", WRONG), ("nobody", WRONG), ("gone", "gone-secret"), ("gone", WRONG), ("without", WRONG)]
    answers = [try_at(way, name, password) for name, password in tries]
    assert {(answer.status_code, answer.content) for answer in answers} == {(400, answers[0].content)}
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1


def test_a_password_reset_answers_alike_for_known_and_unknown_addresses(settings: Any, owner: User) -> None:
    settings.HAS_EMAIL = True
    owner.email = "ada@example.org"
    owner.save()
    answers = [APIClient().post(RESET, {"email": f"{name}@example.org"}) for name in ("ada", "nobody")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    # MQ is the uid of 1, somebody's; LTE of -1, nobody's.
    guesses = [
        {"uid": uid, "token": "c1-0", "new_password": "Heliotrope-72"} for uid in ("MQ", "LTE", "OTk5")
    ]
    refusals = [APIClient().post(CONFIRM, guess) for guess in guesses]
    assert {(answer.status_code, answer.content) for answer in refusals} == {(400, refusals[0].content)}


def test_an_invitation_answers_alike_for_known_and_unknown_addresses(
    settings: Any, api: APIClient, project: Project, make_user: Callable[[str], User]
) -> None:
    settings.HAS_EMAIL = True
    known = make_user("bob")
    known.email = "bob@example.org"
    known.save()
    made = [
        api.post(f"/api/v1/projects/{project.pk}/invitations/", {"role": "viewer", "email": address})
        for address in ("bob@example.org", "nobody@example.org")
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    of_each = {"id", "email", "secret", "created_at", "expires_at", "mailed_at"}
    told = [{name: value for name, value in answer.json().items() if name not in of_each} for answer in made]
    assert told[0] == told[1]


def test_a_guessed_invitation_tells_a_stranger_nothing_and_changes_nothing(
    stranger: APIClient, project: Project
) -> None:
    before = project.memberships.count()
    answers = [stranger.post(ACCEPT, {"secret": secret}) for secret in ("x" * 43, str(project.pk))]
    assert {said(answer) for answer in answers} == {(404, "invitation.not_found")}
    assert project.memberships.count() == before
