"""Fixtures shared by the backend's and the workers' tests. The model is real: `tiny`, with random weights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.builders import make_image
from tests.case_counts import pytest_terminal_summary as pytest_terminal_summary
from tests.models.tiny import write_tiny


@pytest.fixture(scope="session")
def tiny_artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with one exported artifact of the tiny model; tests must not change it."""
    return write_tiny(tmp_path_factory.mktemp("artifacts"))


@pytest.fixture
def tiny_folder(tiny_artifacts: Path) -> Path:
    """The artifact's own folder, <models>/tiny/<version>."""
    return next(tiny_artifacts.glob("tiny/*/manifest.json")).parent


@pytest.fixture
def files(tmp_path: Path, settings: Any) -> Path:
    """The storage's folder: empty at first, this test's alone."""
    from backend.config.storages import storage_entry

    folder = tmp_path / "files"
    settings.STORAGES = settings.STORAGES | {"default": storage_entry(str(folder), tmp_path)}
    return folder


@pytest.fixture
def model_version(db: None, files: Path, tiny_artifacts: Path, settings: Any) -> Any:
    """The tiny model, registered as the default one; workers of this test find its artifact."""
    from backend.embeddings.registration import (
        manifests_find,
        model_version_make_default,
        model_version_register,
    )

    settings.MODELS_DIR = tiny_artifacts
    version, _ = model_version_register(manifest_path=manifests_find(models_dir=tiny_artifacts)[0])
    model_version_make_default(model_version=version)
    return version


@pytest.fixture
def other_model(model_version: Any) -> Any:
    """A second registered model, which is not the default one."""
    from backend.embeddings.models import ModelVersion

    return ModelVersion.objects.create(
        name="vit_b",
        version="fedcba987654",
        manifest=model_version.manifest | {"name": "vit_b", "version": "fedcba987654"},
        prepare_key=model_version.prepare_key,
        prepare_sha256=model_version.prepare_sha256,
        prepare_bytes=model_version.prepare_bytes,
        click_key=model_version.click_key,
        click_sha256=model_version.click_sha256,
        click_bytes=model_version.click_bytes,
    )


@pytest.fixture
def make_user(db: None) -> Callable[[str], Any]:
    from backend.users.services import user_create

    return lambda username: user_create(username=username, password=f"{username}-secret")


@pytest.fixture
def owner(make_user: Callable[[str], Any]) -> Any:
    return make_user("ada")


@pytest.fixture
def make_project(model_version: Any) -> Callable[..., Any]:
    """A project of this owner with the default model: make_project(owner, name)."""
    from backend.projects.services import project_create

    return lambda owner, name="Cats": project_create(owner=owner, name=name)


@pytest.fixture
def project(owner: Any, make_project: Callable[..., Any]) -> Any:
    return make_project(owner)


@pytest.fixture
def image(project: Any) -> Any:
    return make_image(project, name="one.png")
