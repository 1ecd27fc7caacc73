from collections.abc import Callable

import pytest

from backend.projects.models import Project
from backend.users.models import User
from tests.backend.api.world import World, world_make


@pytest.fixture
def world(project: Project, owner: User, make_user: Callable[[str], User]) -> World:
    """The project that is attacked."""
    return world_make(project, owner, make_user)
