import io

import PIL.Image
import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from backend.demo.photographs import PHOTOGRAPHS
from backend.embeddings.models import Embedding, ModelVersion
from backend.images.models import Image
from backend.projects.models import Project
from backend.users.models import User


@pytest.fixture
def made(model_version: ModelVersion, settings: Settings) -> Project:
    settings.DEMO = True
    call_command("demo_create", stdout=io.StringIO())
    return Project.objects.get()


def test_every_photograph_is_in_the_wheel_and_has_a_licence() -> None:
    for photograph in PHOTOGRAPHS:
        with PIL.Image.open(photograph.path()) as image:
            assert min(image.size) >= 300
        assert photograph.licence_note


def test_the_demo_can_be_logged_into_and_its_images_are_queued(made: Project) -> None:
    browser = Client()
    assert browser.login(username="demo", password="demo")
    page = browser.get(f"/api/v1/projects/{made.pk}/images/").json()["results"]
    assert [row["file_name"] for row in page] == [photograph.file_name for photograph in PHOTOGRAPHS]
    assert all(row["licence_note"] for row in page)
    assert {row["embedding"]["state"] for row in page} == {"queued"}
    labels = {label["name"] for label in browser.get(f"/api/v1/projects/{made.pk}/labels/").json()}
    assert {"cat", "cup", "coin", "person"} <= labels


def test_making_it_again_duplicates_nothing_and_restores_nothing(made: Project) -> None:
    made.images.filter(file_name="coins.png").delete()
    before = [model.objects.count() for model in (User, Project, Image, Embedding)]
    call_command("demo_create", stdout=io.StringIO())
    assert [model.objects.count() for model in (User, Project, Image, Embedding)] == before


def test_a_known_password_is_not_made_on_a_real_server(db: None, settings: Settings) -> None:
    settings.DEMO = False
    said = io.StringIO()
    call_command("demo_create", stdout=said)
    assert "DEMO is off" in said.getvalue()
    assert not User.objects.exists()
