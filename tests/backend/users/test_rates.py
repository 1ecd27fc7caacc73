"""How often somebody may ask, and what they are told of it."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from backend.users import rates
from backend.users.models import User
from backend.users.tokens import token_create_for_script


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates.Rate, "THROTTLE_RATES", {"api": "5/min"})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the time is; tests set it. 600 is the beginning of a window."""
    now = [600.0]
    monkeypatch.setattr(rates.time, "time", lambda: now[0])
    return now


def test_nothing_is_counted_without_a_rate(api: APIClient) -> None:
    answer = api.get("/api/v1/auth/me/")
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers


def test_every_answer_says_what_is_left(five: None, clock: list[float], api: APIClient) -> None:
    for left in (4, 3, 2, 1, 0):
        answer = api.get("/api/v1/auth/me/")
        assert answer.status_code == 200
        assert answer["RateLimit-Policy"] == '"api";q=5;w=60'
        assert answer["RateLimit"] == f'"api";r={left};t=60'
    refused = api.get("/api/v1/auth/me/")
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert refused["RateLimit"] == '"api";r=0;t=60'
    assert refused["RateLimit-Policy"] == '"api";q=5;w=60'


def test_who_waits_as_long_as_told_is_let_in_and_a_second_earlier_not(
    five: None, clock: list[float], api: APIClient
) -> None:
    clock[0] = 630.0
    for _ in range(5):
        assert api.get("/api/v1/auth/me/").status_code == 200
    wait = int(api.get("/api/v1/auth/me/")["Retry-After"])
    # Half a minute until the next window, and a fifth of that for one of five.
    assert wait == 42
    clock[0] = 630.0 + wait - 1
    refused = api.get("/api/v1/auth/me/")
    assert (refused.status_code, refused["Retry-After"]) == (429, "1")
    clock[0] = 630.0 + wait
    assert api.get("/api/v1/auth/me/").status_code == 200
    assert api.get("/api/v1/auth/me/").status_code == 429


def test_no_minute_holds_more_than_the_quota_by_much(five: None, clock: list[float], api: APIClient) -> None:
    """Two windows of a fixed kind would let ten in within a second, at their border."""
    clock[0] = 659.0
    let_in = [api.get("/api/v1/auth/me/").status_code for _ in range(6)]
    clock[0] = 661.0
    let_in += [api.get("/api/v1/auth/me/").status_code for _ in range(6)]
    assert let_in.count(200) == 5


def test_people_and_addresses_are_counted_each_for_itself(
    five: None, clock: list[float], api: APIClient, owner: User, stranger: APIClient, db: None
) -> None:
    script = APIClient(headers={"Authorization": f"Token {token_create_for_script(user=owner)}"})
    for client in (api, script, api, script, api):
        assert client.get("/api/v1/auth/me/").status_code == 200
    # One person, however they log in.
    assert script.get("/api/v1/auth/me/").status_code == 429
    assert stranger.get("/api/v1/auth/me/").status_code == 200
    nobody = APIClient()
    assert [nobody.get("/api/v1/projects/").status_code for _ in range(6)] == [401] * 5 + [429]
    assert APIClient(REMOTE_ADDR="10.0.0.9").get("/api/v1/projects/").status_code == 401


def test_refused_requests_cost_nothing_more(
    five: None, clock: list[float], api: APIClient, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _ in range(5):
        api.get("/api/v1/projects/")
    # Session and person, and nothing of what was asked for.
    with django_assert_max_num_queries(2):  # type: ignore[attr-defined]
        assert api.get("/api/v1/projects/").status_code == 429


def test_a_quota_of_one_makes_sense(
    clock: list[float], monkeypatch: pytest.MonkeyPatch, api: APIClient
) -> None:
    monkeypatch.setattr(rates.Rate, "THROTTLE_RATES", {"api": "1/s"})
    assert api.get("/api/v1/auth/me/").status_code == 200
    refused = api.get("/api/v1/auth/me/")
    assert refused.status_code == 429
    clock[0] += int(refused["Retry-After"])
    assert api.get("/api/v1/auth/me/").status_code == 200
