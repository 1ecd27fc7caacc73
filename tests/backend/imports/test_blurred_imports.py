"""Data sets brought into projects that want faces blurred: by the job and by the command, the same way as uploads."""

import io
import uuid
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.images.services import image_create
from backend.imports.jobs import IMPORT
from backend.jobs.claims import job_succeed
from backend.jobs.running import job_run
from backend.privacy.services import privacy_set
from backend.projects.models import Project
from backend.users.models import User
from tests.backend.imports.test_imports import exported, imported, job_of, masks, target, uploaded
from tests.backend.privacy.detectors import CORNER
from tests.builders import make_file, make_pixels, stored_files

__all__ = ["masks", "target"]


@pytest.fixture(autouse=True)
def corner(settings: Settings) -> None:
    settings.PRIVACY_DETECTOR = CORNER


def blurring(project: Project, originals: str = "destroy") -> Project:
    privacy_set(project=project, actor=None, changes={"faces": True, "originals": originals})
    return project


def test_pictures_of_a_data_set_are_blurred_and_its_archive_goes_with_the_import(
    api: APIClient,
    project: Project,
    masks: list[Mask],
    target: Project,
    owner: User,
    files: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    upload = uploaded(api, blurring(target), exported(project)).json()["id"]
    archive = files / "imports" / uuid.UUID(upload).hex
    assert archive.exists()
    context = job_of(target, owner, IMPORT, upload=upload, format="coco")
    with django_capture_on_commit_callbacks(execute=True):
        assert job_run(context)()
    made = Image.objects.filter(project=target)
    assert [image.blurred_count for image in made] == [1, 1, 1]
    assert Mask.objects.filter(image__project=target).count() == 3
    assert not archive.exists()
    came = set(Image.objects.filter(project=project).values_list("sha256", flat=True))
    assert set(made.values_list("source_sha256", flat=True)) == came
    assert not came & set(made.values_list("sha256", flat=True))


def test_the_archive_stays_where_originals_do(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User, files: Path
) -> None:
    upload = uploaded(api, blurring(target, "keep"), exported(project)).json()["id"]
    context = job_of(target, owner, IMPORT, upload=upload, format="coco")
    assert job_succeed(context, result={})
    assert (files / "imports" / uuid.UUID(upload).hex).exists()


def test_a_picture_is_recognised_as_it_came_and_as_it_is_exported(
    api: APIClient, project: Project, masks: list[Mask], target: Project, owner: User
) -> None:
    """Its data set holds the file as it came, an export of the project the blurred one."""
    as_it_came = exported(project)
    imported(api, blurring(target), owner, as_it_came)
    again = imported(api, target, owner, as_it_came, policy="replace")
    assert again["pictures"] == {"new": 0, "matched": 3, "missing": 0}
    again = imported(api, target, owner, exported(target), policy="replace")
    assert again["pictures"] == {"new": 0, "matched": 3, "missing": 0}
    assert Image.objects.filter(project=target).count() == 3


def test_the_command_blurs_too(
    project: Project, masks: list[Mask], target: Project, files: Path, tmp_path: Path
) -> None:
    archive = zipfile.ZipFile(io.BytesIO(exported(project)))
    for name in archive.namelist():
        archive.extract(name, tmp_path / ("pictures" if name.startswith("images/") else "set"))
    arguments = ["--path", str(tmp_path / "set"), "--images", str(tmp_path / "pictures")]
    call_command("import_dataset", str(blurring(target).pk), "--format", "coco", *arguments)
    assert [image.blurred_count for image in Image.objects.filter(project=target)] == [1, 1, 1]


def test_other_files_of_the_project_stay_as_they_are(project: Project, files: Path) -> None:
    """What is there when the setting changes is not touched."""
    content = make_file(make_pixels(seed=7))
    image_create(project=project, user=None, file=io.BytesIO(content), file_name="a.png")
    before = {path: path.read_bytes() for path in stored_files(files)}
    blurring(project)
    assert {path: path.read_bytes() for path in stored_files(files)} == before
