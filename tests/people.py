"""Fixtures of the backend and worker tests: people with browsers, and a file storage that starts empty."""

from pathlib import Path

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from backend.config.storages import storage_entry
from backend.projects.models import Project
from backend.users.models import User
from tests.builders import make_project, make_user


@pytest.fixture
def ada(db: None) -> User:
    return make_user("ada")


@pytest.fixture
def client(ada: User) -> APIClient:
    """Ada's browser."""
    browser = APIClient()
    browser.force_login(ada)
    return browser


@pytest.fixture
def strange_client(db: None) -> APIClient:
    """The browser of somebody who is a member of nothing."""
    browser = APIClient()
    browser.force_login(make_user("eve"))
    return browser


@pytest.fixture
def project(ada: User) -> Project:
    return make_project(ada)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Settings) -> Path:
    """The storage's folder: empty at first, this test's alone."""
    folder = tmp_path / "files"
    settings.STORAGES = settings.STORAGES | {"default": storage_entry(str(folder), tmp_path)}
    return folder
