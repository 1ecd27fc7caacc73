"""A COCO export in the background: started, watched to its end, told of by the bell, downloaded and read."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pycocotools.coco import COCO

from tests.e2e.annotator import log_in, open_demo_project

pytestmark = pytest.mark.e2e


def test_an_export_runs_in_the_background_and_is_downloaded(page: Page, tmp_path: Path) -> None:
    log_in(page)
    open_demo_project(page)
    page.get_by_test_id("jobs-open").click()
    expect(page.get_by_test_id("worker").first).to_have_attribute("data-alive", "true")
    expect(page.locator('[data-testid="job"][data-kind="embeddings"]')).to_be_visible()
    page.get_by_test_id("job-export").click()
    in_background = page.get_by_test_id("export-background")
    export = page.locator('[data-testid="job"][data-kind="export.coco"]').first
    # Masks that other tests left without a label are decided about first.
    expect(in_background.or_(export)).to_be_visible()
    if in_background.is_visible():
        in_background.click()
    expect(export).to_have_attribute("data-state", "succeeded")
    export.get_by_test_id("job-log-toggle").click()
    expect(export.get_by_test_id("job-log")).to_contain_text("8 images")
    with page.expect_download() as download:
        export.get_by_test_id("job-download").click()
    path = tmp_path / "coco.json"
    download.value.save_as(path)
    assert len(COCO(str(path)).imgs) == 8
    page.get_by_test_id("bell").click()
    told = page.locator('[data-testid="notification"][data-kind="job_finished"]').first
    expect(told).to_contain_text("demo-photographs-coco.json")
