"""Evaluations in the browser: asked for, watched, opened, compared; a page inside ours that can do nothing."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.builders import make_file
from tests.e2e.annotator import log_in
from tests.e2e.stored import send
from tests.e2e.test_accessibility import set_theme, violations
from tests.e2e.test_fairness import accept, discs, upload

pytestmark = pytest.mark.e2e

JOB_MS = 300_000
IMAGES = 3
SHOTS = os.environ.get("SCREENSHOTS")


@pytest.fixture
def project(page: Page) -> Iterator[int]:
    """Three pictures of six discs each, accepted."""
    log_in(page)
    made = send(page, "POST", "/api/v1/projects/", {"name": "Measured"}).json()["id"]
    label = page.request.get(f"/api/v1/projects/{made}/labels/").json()[0]["id"]
    for seed in range(IMAGES):
        picture, masks = discs(seed)
        image = upload(page, made, f"discs-{seed}.png", make_file(picture))
        accept(page, image["id"], masks, label)
    yield made
    assert send(page, "DELETE", f"/api/v1/projects/{made}/").status == 204


def look(page: Page, name: str) -> None:
    """A picture of the page for people, where the environment names a folder."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def start(page: Page, images: int) -> None:
    page.get_by_test_id("evaluation-new").click()
    page.get_by_test_id("evaluation-task-instances").check()
    # What belongs to another task is not asked for.
    expect(page.get_by_test_id("evaluation-points_per_side")).to_have_count(0)
    page.get_by_test_id("evaluation-max_images").fill(str(images))
    look(page, "evaluation-form")
    page.get_by_test_id("evaluation-start").click()
    row = page.get_by_test_id("evaluation").first
    expect(row).to_have_attribute("data-state", "succeeded", timeout=JOB_MS)
    expect(row).to_contain_text(f"{images} images measured")


def test_a_model_is_evaluated_and_two_reports_are_compared(page: Page, project: int) -> None:
    page.goto(f"/projects/{project}")
    page.get_by_test_id("evaluations-open").click()
    expect(page.get_by_test_id("empty-state")).to_contain_text("No evaluation yet")
    assert violations(page) == []
    start(page, IMAGES)

    # What is shown is what the API tells.
    answer = page.request.get(f"/api/v1/projects/{project}/evaluations/").json()["results"][0]
    first = answer["figures"][0]
    assert first["name"] == "AP, true boxes"
    assert 0 < first["value"] <= 1
    expect(page.get_by_test_id("evaluation-key-figure")).to_contain_text(f"{first['value']:.3f}")
    expect(page.get_by_test_id("evaluation-figure")).to_have_count(len(answer["figures"]))

    # The page with its pictures, in a frame that runs nothing and belongs to nobody.
    frame = page.get_by_test_id("report-frame")
    assert frame.get_attribute("sandbox") == ""
    inside = page.frame_locator("[data-testid=report-frame]")
    expect(inside.get_by_role("heading", level=1)).to_have_text("Instance segmentation")
    expect(inside.locator(".pictures img").first).to_be_visible()
    assert inside.locator(".pictures img").first.evaluate("image => image.naturalWidth") > 0
    assert inside.locator("body").evaluate("() => window.origin") == "null"

    with page.expect_download() as saved:
        page.get_by_test_id("evaluation-html").click()
    assert saved.value.suggested_filename.startswith("instances-")
    assert "Instance segmentation" in saved.value.path().read_text()
    with page.expect_download() as saved:
        page.get_by_test_id("evaluation-json").click()
    assert json.loads(saved.value.path().read_text())["images"] == IMAGES
    # Opened by its address it is a download as well, and no page of ours where it is shown all the same.
    headers = page.request.get(answer["file_url"]).headers
    assert headers["content-disposition"].startswith("attachment")
    assert headers["content-security-policy"].startswith("sandbox;")
    assert headers["x-content-type-options"] == "nosniff"

    start(page, IMAGES - 1)
    page.get_by_test_id("evaluation-compare").click()
    expect(page.get_by_test_id("evaluation-compare")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("evaluation-figures")).to_contain_text("Difference")
    expect(page.get_by_test_id("evaluation-unlike")).to_contain_text("They were set differently: max images.")
    for theme in ("dark", "light"):
        set_theme(page, theme)
        expect(page.get_by_test_id("evaluation-figures")).to_be_visible()
        assert violations(page) == []
        look(page, f"evaluations-{theme}")
    # The address says what is shown.
    page.reload()
    expect(page.get_by_test_id("evaluation-figures")).to_contain_text("Difference")
    page.get_by_test_id("evaluation-show").last.press("Enter")
    expect(page.get_by_test_id("evaluation-show").last).to_have_text("Shown below")
