"""An installation from before our own tokens: its scripts go on working, its table goes."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from rest_framework.test import APIClient

from backend.users.models import ApiToken, User

KEY = "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b"
OLD_TABLE = """CREATE TABLE authtoken_token (
    "key" varchar(40) NOT NULL PRIMARY KEY, created timestamp NOT NULL, user_id bigint NOT NULL UNIQUE
    REFERENCES users_user (id) DEFERRABLE INITIALLY DEFERRED)"""


@pytest.fixture(autouse=True)
def migrated_again(transactional_db: None) -> Iterator[None]:
    """Other tests find the database as it should be, also when migrations follow those looked at here."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def migrate(name: str) -> None:
    MigrationExecutor(connection).migrate([("users", name)])


def tables() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def test_an_older_token_goes_on_working_and_its_key_in_clear_is_gone(owner: Any) -> None:
    migrate("0001_initial")
    recorder = MigrationRecorder(connection)
    recorder.record_applied("authtoken", "0001_initial")
    with connection.cursor() as cursor:
        cursor.execute(OLD_TABLE)
        cursor.execute("INSERT INTO authtoken_token VALUES (%s, '2026-01-01', %s)", [KEY, owner.pk])
    migrate("0003_carry_tokens_over")
    answer = APIClient().post("/api/v1/auth/logout/", HTTP_AUTHORIZATION=f"Token {KEY}")
    assert answer.status_code == 204
    token = ApiToken.objects.get()
    assert (token.name, token.scope, token.user, token.expires_at) == ("older token", "write", owner, None)
    assert "authtoken_token" not in tables()
    assert not recorder.migration_qs.filter(app="authtoken").exists()


def test_a_database_without_the_older_table_is_migrated_too() -> None:
    migrate("0001_initial")
    assert "users_apitoken" not in tables()
    migrate("0003_carry_tokens_over")
    assert "users_apitoken" in tables()
    assert User.objects.count() == 0
