"""What is said where a part we stand on is away or full."""

import sqlite3

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from backend.api.errors import exception_handler
from backend.common.failures import is_storage_full
from backend.projects.models import Project
from backend.users.models import User

NOWHERE = "redis://127.0.0.1:1/0"


def full_database() -> OperationalError:
    """What Django raises of an SQLite that may not grow."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE kept (text TEXT)")
    database.execute("PRAGMA max_page_count = 2")
    try:
        database.execute("INSERT INTO kept VALUES (?)", ["x" * 100_000])
    except sqlite3.OperationalError as error:
        told = OperationalError(*error.args)
        told.__cause__ = error
        return told
    raise AssertionError("there was room")


def test_a_full_disk_below_the_database_is_a_full_disk() -> None:
    error = full_database()
    assert is_storage_full(error)
    assert not is_storage_full(OperationalError("database is locked"))
    answer = exception_handler(error, {})
    assert answer is not None
    assert (answer.status_code, answer.data["code"]) == (507, "storage.full")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OperationalError("server closed the connection unexpectedly"), 500, "database.failed"),
        (InterfaceError("connection already closed"), 500, "database.failed"),
        (ClientError({"Error": {"Code": "SlowDown"}}, "GetObject"), 503, "storage.unavailable"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), 503, "storage.unavailable"),
    ],
)
def test_a_part_that_is_away_has_a_code_of_its_own(error: Exception, status: int, code: str) -> None:
    answer = exception_handler(error, {})
    assert answer is not None
    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_others_stay_what_they_are() -> None:
    assert exception_handler(ValueError("x"), {}) is None


def test_without_a_database_nothing_is_begun(
    api: APIClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    answer = api.post("/api/v1/projects/", {"name": "two"})
    assert (answer.status_code, answer.json()["code"]) == (503, "database.unavailable")
    assert answer.headers["Retry-After"] == "2"
    monkeypatch.undo()
    assert Project.objects.count() == 1


def test_work_goes_on_uncounted_without_a_cache_and_log_ins_do_not(
    api: APIClient, owner: User, settings: Settings
) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": NOWHERE}
    }
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates | {"api": "60/min"}}
    with pytest.raises(Exception, match="refused"):
        cache.get("anything")
    assert api.get("/api/v1/projects/").status_code == 200
    body = {"username": owner.username, "password": f"{owner.username}-secret"}
    answer = Client().post("/api/v1/auth/token/", body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (503, "cache.unavailable")
