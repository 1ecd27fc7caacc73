import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from backend.projects.models import Project


def make_person(monkeypatch: pytest.MonkeyPatch, username: str, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("user_create", username, stdout=io.StringIO())


def test_a_new_person_becomes_a_member_and_sees_the_project(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(monkeypatch, "bob", "a long enough secret")
    browser = Client()
    assert browser.login(username="bob", password="a long enough secret")
    url = f"/api/v1/projects/{project.pk}/"
    assert browser.get(url).status_code == 404
    for role in ("annotator", "owner"):
        call_command("member_set", str(project.pk), "bob", "--role", role, stdout=io.StringIO())
        assert browser.get(url).json()["role"] == role


def test_weak_passwords_taken_names_and_strangers_are_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match="too short"):
        make_person(monkeypatch, "bob", "x")
    with pytest.raises(CommandError, match="already"):
        make_person(monkeypatch, "ada", "a long enough secret")
    with pytest.raises(CommandError, match="person"):
        call_command("member_set", str(project.pk), "bob")
