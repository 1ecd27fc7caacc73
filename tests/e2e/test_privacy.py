"""An owner has faces blurred, and adds a photograph with one."""

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import Page, expect

from backend.demo.photographs import PHOTOGRAPHS
from tests.e2e.annotator import log_in
from tests.e2e.stored import send

pytestmark = pytest.mark.e2e


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    """The astronaut's head."""
    [astronaut] = [one for one in PHOTOGRAPHS if "astronaut" in one.file_name]
    path = tmp_path / "portrait.png"
    PIL.Image.open(astronaut.path()).convert("RGB").crop((120, 0, 340, 220)).save(path)
    return path


def test_an_owner_has_faces_blurred_and_gets_the_original_alone(page: Page, portrait: Path) -> None:
    log_in(page)
    project = send(page, "POST", "/api/v1/projects/", {"name": "Street"}).json()["id"]
    page.goto(f"/projects/{project}")
    page.get_by_test_id("privacy-open").click()
    expect(page.get_by_test_id("privacy-save")).to_be_disabled()
    page.get_by_test_id("privacy-faces").check()
    page.get_by_test_id("privacy-save").click()
    expect(page.get_by_test_id("privacy-save")).not_to_be_visible()
    page.get_by_test_id("upload-input").set_input_files(portrait)
    expect(page.get_by_test_id("image-blurred-count")).to_have_text("1")

    [image] = send(page, "GET", f"/api/v1/projects/{project}/images/").json()["results"]
    shown = np.asarray(PIL.Image.open(io.BytesIO(page.request.get(image["file_url"]).body())))
    came = np.asarray(PIL.Image.open(portrait))
    assert shown[90:150, 75:135].std(axis=(0, 1)).max() < came[90:150, 75:135].std(axis=(0, 1)).min() / 2
    page.get_by_role("button", name="Actions for portrait.png").click()
    href = page.get_by_test_id("image-original").get_attribute("href")
    assert page.request.get(href or "").body() == portrait.read_bytes()

    page.goto(f"/images/{image['id']}")
    expect(page.get_by_test_id("blurred-count")).to_have_text("1 region blurred")
    send(page, "DELETE", f"/api/v1/projects/{project}/")
