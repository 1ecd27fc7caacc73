"""Builders shared by the backend's and the workers' tests. The model is real: `tiny`, with random weights."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from django.conf import settings

Image = Any
Project = Any
User = Any


@pytest.fixture(scope="session")
def tiny_artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with one exported artifact of the tiny model."""
    import torch
    from safetensors.torch import save_file

    from models.sam.artifact import write_artifact
    from models.sam.build import build_sam

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("artifacts")
    weights = folder / "tiny.safetensors"
    save_file(build_sam("tiny").state_dict(), weights)
    write_artifact("tiny", weights, folder / "models")
    return folder / "models"


@pytest.fixture
def model_version(db: None, tiny_artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The tiny model, registered as the default one; workers of this test find its artifact."""
    from backend.embeddings.registration import (
        manifests_find,
        model_version_make_default,
        model_version_register,
    )

    monkeypatch.setattr(settings, "MODELS_DIR", tiny_artifacts)
    version, _ = model_version_register(manifest_path=manifests_find(models_dir=tiny_artifacts)[0])
    model_version_make_default(model_version=version)
    return version


@pytest.fixture
def make_user(db: None) -> Callable[[str], User]:
    from backend.users.services import user_create

    return lambda username: user_create(username=username, password=f"{username}-secret")


@pytest.fixture
def owner(make_user: Callable[[str], User]) -> User:
    return make_user("ada")


@pytest.fixture
def project(owner: User, model_version: Any) -> Project:
    from backend.projects.services import project_create

    return project_create(owner=owner, name="Cats")


@pytest.fixture
def image(project: Project, owner: User) -> Image:
    from backend.images.services import image_create

    stored, _ = image_create(
        project=project, user=owner, file=io.BytesIO(picture_bytes()), file_name="one.png"
    )
    return stored


def picture(width: int = 64, height: int = 48, seed: int = 0) -> PIL.Image.Image:
    """A small picture that differs by seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return PIL.Image.fromarray(noise)


def picture_bytes(kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of `picture(...)` as a file of this kind."""
    buffer = io.BytesIO()
    picture(**options).save(buffer, kind)
    return buffer.getvalue()
