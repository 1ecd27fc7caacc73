import pytest
from django.core.cache import cache
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle

from backend.users.models import User

CREDENTIALS = {"username": "ada", "password": "ada-secret"}


@pytest.fixture
def browser(owner: User) -> APIClient:
    """A browser that is not logged in and whose requests are checked for CSRF like a real one's."""
    return APIClient(enforce_csrf_checks=True)


def csrf_of(browser: APIClient) -> dict[str, str]:
    return {"HTTP_X_CSRFTOKEN": browser.cookies["csrftoken"].value}


def test_me_is_401_for_a_stranger_and_hands_out_the_csrf_cookie(browser: APIClient) -> None:
    answer = browser.get("/api/v1/auth/me/")
    assert answer.status_code == 401
    assert answer.json()["code"] == "auth.not_authenticated"
    assert "csrftoken" in answer.cookies


def test_logging_in_and_out_with_the_csrf_token(browser: APIClient) -> None:
    browser.get("/api/v1/auth/me/")
    answer = browser.post("/api/v1/auth/login/", CREDENTIALS, **csrf_of(browser))
    assert answer.status_code == 200
    assert answer.json()["username"] == "ada"
    assert browser.get("/api/v1/auth/me/").json() == answer.json()
    logged_out = browser.post("/api/v1/auth/logout/", **csrf_of(browser))
    assert (logged_out.status_code, logged_out["Clear-Site-Data"]) == (204, '"cache"')
    assert browser.get("/api/v1/auth/me/").status_code == 401


def test_login_without_the_csrf_token_is_refused(browser: APIClient) -> None:
    answer = browser.post("/api/v1/auth/login/", CREDENTIALS)
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.csrf_failed")


def test_writing_with_a_session_but_no_csrf_token_is_refused(browser: APIClient, owner: User) -> None:
    browser.force_login(owner)
    answer = browser.post("/api/v1/projects/", {"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.csrf_failed")


def test_wrong_password_is_a_400_that_does_not_tell_which_part_was_wrong(browser: APIClient) -> None:
    browser.get("/api/v1/auth/me/")
    wrong = [CREDENTIALS | {"password": "x"}, CREDENTIALS | {"username": "nobody"}]
    answers = [browser.post("/api/v1/auth/login/", body, **csrf_of(browser)) for body in wrong]
    assert {answer.status_code for answer in answers} == {400}
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["code"] == "auth.invalid_credentials"


def test_another_forwarded_address_does_not_give_more_guesses(
    browser: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"login": "3/min"})
    cache.clear()
    guess = {"username": "ada", "password": "wrong"}
    answers = [
        APIClient().post("/api/v1/auth/token/", guess, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")
        for number in range(4)
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert answers[3].json()["code"] == "throttled"
    cache.clear()


def test_a_token_works_without_cookies_and_without_csrf(owner: User) -> None:
    script = APIClient(enforce_csrf_checks=True)
    # A script's first request brings no cookie, so there is no session a foreign page could misuse.
    token = script.post("/api/v1/auth/token/", CREDENTIALS).json()["token"]
    answer = APIClient().get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Token {token}")
    assert answer.json()["id"] == owner.pk


def test_a_wrong_token_is_401(db: None) -> None:
    answer = APIClient().get("/api/v1/auth/me/", HTTP_AUTHORIZATION="Token nonsense")
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.token_invalid")
