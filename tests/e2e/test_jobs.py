"""A COCO export in the background: watched to its end, told of by the bell, downloaded, read, and imported again."""

import re
import zipfile
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect
from pycocotools.coco import COCO

from tests.e2e.annotator import log_in, open_demo_project

pytestmark = pytest.mark.e2e

# Other tests leave masks, or none.
KEPT: Final = re.compile("kept, pixel by pixel|there is none in the file")


def told_again(page: Page, path: Path) -> None:
    """The export is brought into the project it came from: everything in it is known, and nothing changes."""
    page.get_by_role("link", name="Demo photographs").first.click()
    page.get_by_test_id("import-open").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("import-pick").click()
    chooser.value.set_files(path)
    preview = page.get_by_test_id("import-preview")
    expect(preview).to_have_attribute("data-format", "coco")
    expect(preview).to_contain_text("8 pictures the project has already")
    page.get_by_test_id("import-start").click()
    done = page.locator('[data-testid="import-job"][data-kind="import"]')
    expect(done).to_have_attribute("data-state", "succeeded")
    expect(done).to_contain_text("0 masks came in")
    page.get_by_test_id("import-close").click()


def test_an_export_runs_in_the_background_and_is_downloaded(page: Page, tmp_path: Path) -> None:
    log_in(page)
    open_demo_project(page)
    page.get_by_test_id("jobs-open").click()
    expect(page.get_by_test_id("worker").first).to_have_attribute("data-alive", "true")
    expect(page.locator('[data-testid="job"][data-kind="embeddings"]')).to_be_visible()
    page.get_by_test_id("export-open").click()
    page.get_by_test_id("export-format").fill("pycocotools")
    page.get_by_role("option", name="COCO instances (RLE)").click()
    page.get_by_test_id("export-start").click()
    # What came of it is told in the dialog, by the bell, and on the page under it.
    in_dialog = page.get_by_test_id("export-job")
    expect(in_dialog).to_have_attribute("data-state", "succeeded")
    expect(in_dialog.get_by_test_id("export-losses")).to_contain_text(KEPT)
    with page.expect_download() as download:
        in_dialog.get_by_test_id("export-download").click()
    path = tmp_path / "coco.zip"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        coco = archive.extract("annotations/instances_train.json", tmp_path)
    assert len(COCO(coco).imgs) == 8
    page.keyboard.press("Escape")
    export = page.locator('[data-testid="job"][data-kind="export"]').first
    expect(export).to_have_attribute("data-state", "succeeded")
    expect(export).to_contain_text("Export: COCO instances (RLE)")
    export.get_by_test_id("job-log-toggle").click()
    expect(export.get_by_test_id("job-log")).to_contain_text("8 images")
    expect(export.get_by_test_id("job-download")).to_be_visible()
    told_again(page, path)
    page.get_by_test_id("bell").click()
    told = page.locator('[data-testid="notification"][data-kind="job_finished"]')
    expect(told.filter(has_text="demo-photographs-coco.zip").first).to_be_visible()
