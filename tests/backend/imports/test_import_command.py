"""`manage.py import_dataset`: a zip or a folder, its pictures beside it or elsewhere."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.projects.models import Project
from backend.users.models import User
from tests.backend.imports.test_imports import content_of, exported, masks

__all__ = ["masks"]


def test_a_zip_becomes_a_project(
    api: APIClient, project: Project, masks: list[Mask], owner: User, tmp_path: Path
) -> None:
    path = tmp_path / "set.zip"
    path.write_bytes(exported(project, "cvat"))
    call_command("import_dataset", "New", "--create", "--user", owner.username, "--path", str(path))
    made = Project.objects.get(name="New")
    assert content_of(made) == content_of(project)


def test_a_folder_with_its_pictures_elsewhere(
    api: APIClient, project: Project, masks: list[Mask], owner: User, tmp_path: Path
) -> None:
    archive = zipfile.ZipFile(io.BytesIO(exported(project)))
    for name in archive.namelist():
        archive.extract(name, tmp_path / ("pictures" if name.startswith("images/") else "set"))
    wanted = content_of(project)
    arguments = ["--format", "coco", "--path", str(tmp_path / "set")]
    with pytest.raises(CommandError):
        call_command("import_dataset", "New", "--create", *arguments)
    call_command(
        "import_dataset",
        "New",
        "--create",
        "--user",
        owner.username,
        *arguments,
        "--images",
        str(tmp_path / "pictures"),
    )
    made = Project.objects.get(name="New")
    assert content_of(made) == wanted
    call_command("import_dataset", str(made.pk), *arguments)
    assert content_of(made) == wanted
