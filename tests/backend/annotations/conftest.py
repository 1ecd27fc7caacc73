import pytest

from backend.images.models import Image
from backend.projects.models import Label, Project
from tests.builders import make_image


@pytest.fixture
def image(project: Project) -> Image:
    return make_image(project)


@pytest.fixture
def label(project: Project) -> Label:
    return project.labels.get()
