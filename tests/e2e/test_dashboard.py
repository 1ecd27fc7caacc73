"""A mask saved in the annotator appears in the project's figures."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import expect_objects, opened_without_masks
from tests.e2e.stored import masks_of
from tests.e2e.test_accessibility import violations

pytestmark = pytest.mark.e2e

SIZE = (400, 600)


def figure(page: Page, name: str) -> float:
    text = page.get_by_test_id(f"figure-{name}").locator(".key-figure-value").inner_text()
    return float(text.removesuffix(" s").replace(",", "").replace("–", "0"))


def test_a_mask_appears_with_its_seconds_and_clicks(page: Page) -> None:
    with opened_without_masks(page, "coffee.png", SIZE) as annotator:
        project = page.request.get(f"/api/v1/images/{annotator.image_id}/").json()["project"]
        table = f"/api/v1/projects/{project}/dashboard/activity/?by=stage"
        before = page.request.get(table).json()["total"]
        annotator.click(300, 200)
        page.keyboard.press("Enter")
        expect_objects(page, 1)
        expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
        [mask] = masks_of(page, annotator.image_id)
        assert mask["model_iou"] == 1
        page.goto(f"/projects/{project}")
        page.get_by_test_id("dashboard-open").click()
        # Days without masks have bars without a height; today's is the last.
        expect(page.get_by_test_id("chart-days").locator(".recharts-bar-rectangle").last).to_be_visible()
        masks = before["masks"] + 1
        assert figure(page, "Masks") == masks
        seconds = (before["seconds"] + mask["seconds_spent"]) / masks
        assert figure(page, "Seconds per mask") == pytest.approx(seconds, abs=0.051)
        clicks = (before["clicks"] + 1) / masks
        assert figure(page, "Clicks per mask") == pytest.approx(clicks, abs=0.051)
        assert violations(page) == []
