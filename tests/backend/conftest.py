"""API clients."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient


@pytest.fixture
def client_of() -> Callable[[Any], APIClient]:
    """An API client logged in as this user, like a browser with a session."""

    def make(user: Any) -> APIClient:
        client = APIClient()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def api(client_of: Callable[[Any], APIClient], owner: Any) -> APIClient:
    """The owner's client."""
    return client_of(owner)


@pytest.fixture
def stranger(client_of: Callable[[Any], APIClient], make_user: Callable[[str], Any]) -> APIClient:
    """The client of somebody who is a member of nothing."""
    return client_of(make_user("eve"))
