"""Tokens for scripts: what each opens, and who may manage them."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle

from backend.users.models import ApiToken, User
from backend.users.tokens import token_create

ME, TOKENS = "/api/v1/auth/me/", "/api/v1/auth/tokens/"
CREDENTIALS = {"username": "ada", "password": "ada-secret"}
READ, WRITE = ApiToken.Scope.READ, ApiToken.Scope.WRITE


@pytest.fixture
def scripted() -> Callable[[str], APIClient]:
    """A script's client: no cookies, this secret."""

    def make(secret: str) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
        return client

    return make


@pytest.fixture
def throttled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"login": "2/min"})
    cache.clear()
    yield
    cache.clear()


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_made_token_opens_and_its_secret_is_told_once_and_never_stored(
    api: APIClient, owner: User, scripted: Callable[[str], APIClient]
) -> None:
    made = api.post(TOKENS, {"name": "nightly", "scope": "write"})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith(made.json()["prefix"])
    assert scripted(secret).get(ME).json()["id"] == owner.pk
    assert scripted(secret).post("/api/v1/auth/logout/").status_code == 204
    [listed] = api.get(TOKENS).json()
    assert set(made.json()) - set(listed) == {"secret"}
    assert secret not in str(ApiToken.objects.values().get())


def test_a_token_holds_ninety_days_or_as_long_as_is_said(api: APIClient) -> None:
    def days_of(**wanted: Any) -> int | None:
        api.post(TOKENS, {"name": "x", "scope": "read"} | wanted)
        expires = ApiToken.objects.latest("pk").expires_at
        return expires and round((expires - timezone.now()) / timedelta(days=1))

    assert [days_of(), days_of(days=7), days_of(days=None)] == [90, 7, None]


@pytest.mark.parametrize(
    "body",
    [{"scope": "read"}, {"name": "x", "scope": "all"}, {"name": "x", "scope": "read", "days": 0}],
    ids=["no name", "no such scope", "no days"],
)
def test_a_token_that_says_too_little_is_refused(api: APIClient, body: dict[str, Any]) -> None:
    assert said(api.post(TOKENS, body)) == (400, "input.invalid")
    assert not ApiToken.objects.exists()


def test_a_token_that_reads_does_not_write(owner: User, scripted: Callable[[str], APIClient]) -> None:
    _, secret = token_create(user=owner, name="x", scope=READ, days=1)
    script = scripted(secret)
    assert script.get("/api/v1/projects/").status_code == 200
    assert script.head("/api/v1/projects/").status_code == 200
    for method in ("post", "patch", "put", "delete"):
        assert said(getattr(script, method)("/api/v1/projects/", {"name": "x"})) == (403, "auth.token_scope")


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"digest": hashlib.sha256(b"another").hexdigest()},
    ],
    ids=["revoked", "expired", "unknown"],
)
def test_a_token_that_opens_nothing_is_401(
    owner: User, scripted: Callable[[str], APIClient], change: dict[str, Any]
) -> None:
    _, secret = token_create(user=owner, name="x", scope=WRITE, days=1)
    assert scripted(secret).get(ME).status_code == 200
    ApiToken.objects.update(**change)
    answer = scripted(secret).get(ME)
    assert said(answer) == (401, "auth.token_invalid")
    assert answer["WWW-Authenticate"] == "Token"


def test_a_token_of_somebody_shut_out_opens_nothing(
    owner: User, scripted: Callable[[str], APIClient]
) -> None:
    _, secret = token_create(user=owner, name="x", scope=WRITE, days=1)
    User.objects.update(is_active=False)
    assert said(scripted(secret).get(ME)) == (401, "auth.token_invalid")


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token \xff", "Token " + "a" * 5000])
def test_a_malformed_header_is_401(db: None, header: str) -> None:
    assert said(APIClient().get(ME, HTTP_AUTHORIZATION=header)) == (401, "auth.token_invalid")


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("get", TOKENS),
        ("post", TOKENS),
        ("delete", TOKENS + "{id}/"),
    ],
)
def test_a_token_does_not_manage_tokens(
    owner: User, scripted: Callable[[str], APIClient], method: str, url: str
) -> None:
    token, secret = token_create(user=owner, name="x", scope=WRITE, days=1)
    answer = getattr(scripted(secret), method)(url.format(id=token.pk), {"name": "y", "scope": "write"})
    assert said(answer) == (403, "auth.token_forbidden")
    assert ApiToken.objects.filter(revoked_at=None).count() == 1


def test_a_use_is_noted_at_most_once_a_minute(owner: User, scripted: Callable[[str], APIClient]) -> None:
    token, secret = token_create(user=owner, name="x", scope=READ, days=1)

    def use_after(seconds: int) -> Any:
        before = timezone.now() - timedelta(seconds=seconds)
        ApiToken.objects.update(last_used_at=before)
        scripted(secret).get(ME)
        token.refresh_from_db()
        return token.last_used_at != before

    scripted(secret).get(ME)
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert [use_after(30), use_after(61)] == [False, True]


def test_revoking_takes_ones_own_only_and_may_be_done_twice(
    api: APIClient, stranger: APIClient, owner: User, scripted: Callable[[str], APIClient]
) -> None:
    token, secret = token_create(user=owner, name="x", scope=READ, days=1)
    url = f"{TOKENS}{token.pk}/"
    assert said(stranger.delete(url)) == (404, "auth.token_not_found")
    assert stranger.get(TOKENS).json() == []
    assert scripted(secret).get(ME).status_code == 200
    assert [api.delete(url).status_code for _ in range(2)] == [204, 204]
    assert scripted(secret).get(ME).status_code == 401
    assert api.get(TOKENS).json() == []


def test_making_tokens_is_throttled_and_looking_at_them_is_not(api: APIClient, throttled: None) -> None:
    body = {"name": "x", "scope": "read"}
    assert [api.post(TOKENS, body).status_code for _ in range(3)] == [201, 201, 429]
    assert api.get(TOKENS).status_code == 200


def test_a_script_gets_another_token_for_every_log_in_and_old_ones_are_cleared_away(owner: User) -> None:
    secrets = [APIClient().post("/api/v1/auth/token/", CREDENTIALS).json()["token"] for _ in range(2)]
    assert len(set(secrets)) == 2
    token = ApiToken.objects.latest("pk")
    assert (token.name, token.scope) == ("auth/token", "write")
    assert token.expires_at is not None
    assert 89 < (token.expires_at - timezone.now()) / timedelta(days=1) <= 90
    ApiToken.objects.update(expires_at=timezone.now())
    APIClient().post("/api/v1/auth/token/", CREDENTIALS)
    assert ApiToken.objects.count() == 1
