"""The whole path as a person walks it: log in, wait for the worker, click, save, reload, export."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pycocotools.coco import COCO

from tests.e2e.annotator import Annotator, log_in, open_demo_project

pytestmark = pytest.mark.e2e

# photograph, (height, width), a pixel on the object, its label's key
CAT = ("cat.png", (300, 451), (200, 120), "cat")
CUP = ("coffee.png", (400, 600), (300, 110), "cup")


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())


def label_one(
    page: Page, photograph: str, size: tuple[int, int], at: tuple[int, int], label: str
) -> np.ndarray:
    """Opens the photograph from the project page, makes one mask with one click, saves it; what was shown."""
    page.locator(f'[data-testid="image-card"][data-file-name="{photograph}"]').click()
    annotator = Annotator(page, size)
    annotator.wait_until_usable()

    annotator.hover(*at)
    expect(annotator.root).to_have_attribute("data-has-preview", "true")
    annotator.click(*at)
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    for index in range(3):
        expect(page.get_by_test_id(f"candidate-{index}")).to_be_visible()
    ious = [float(page.get_by_test_id(f"candidate-{i}").get_attribute("data-iou") or 0) for i in range(3)]
    assert ious == sorted(ious, reverse=True)

    page.get_by_test_id("label-item").filter(has_text=label).click()
    annotator.leave()
    drawn = annotator.shown_mask()
    assert drawn[at[1], at[0]], "the mask does not cover the pixel that was clicked"
    annotator.save()
    annotator.leave()
    saved = annotator.shown_mask()
    assert iou(drawn, saved) == 1.0

    page.reload()
    annotator.wait_until_usable()
    expect(page.get_by_test_id("object-item")).to_have_count(1)
    expect(page.get_by_test_id("object-item")).to_have_attribute("data-label", label)
    reloaded = annotator.shown_mask()
    assert iou(saved, reloaded) == 1.0
    return reloaded


def test_a_person_labels_the_cat_and_the_cup_and_exports_them(page: Page, tmp_path: Path) -> None:
    log_in(page)
    open_demo_project(page)
    ready = page.locator('[data-testid="image-card"][data-state="ready"]')
    expect(ready).to_have_count(8, timeout=120_000)
    project = page.url

    shown = {}
    for photograph, size, at, label in (CAT, CUP):
        page.goto(project)
        shown[photograph] = label_one(page, photograph, size, at, label)

    page.goto(project)
    page.get_by_test_id("export-open").click()
    with page.expect_download() as download:
        page.get_by_test_id("export-now").click()
    file = tmp_path / "coco.json"
    download.value.save_as(file)
    coco = COCO(file)
    images = {row["file_name"]: row["id"] for row in coco.loadImgs(coco.getImgIds())}
    for photograph, mask in shown.items():
        [annotation] = coco.loadAnns(coco.getAnnIds(imgIds=[images[photograph]]))
        assert annotation["iscrowd"] == 0
        exported = coco.annToMask(annotation).astype(bool)
        assert iou(exported, mask) == 1.0
        assert annotation["area"] == int(mask.sum())


def test_candidates_cycle_undo_takes_back_and_delete_removes(page: Page) -> None:
    log_in(page)
    open_demo_project(page)
    expect(page.locator('[data-testid="image-card"][data-state="ready"]')).to_have_count(8, timeout=120_000)
    page.locator('[data-testid="image-card"][data-file-name="astronaut.png"]').click()
    annotator = Annotator(page, (512, 512))
    annotator.wait_until_usable()
    annotator.click(220, 130)
    expect(page.get_by_test_id("candidate-0")).to_have_attribute("data-selected", "true")
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("candidate-1")).to_have_attribute("data-selected", "true")
    annotator.click(200, 300)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(annotator.root).to_have_attribute("data-has-current", "false")

    annotator.click(220, 130)
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    annotator.save()
    page.get_by_test_id("object-item").first.click()
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("object-item")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.get_by_test_id("object-item")).to_have_count(1)
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.get_by_test_id("object-item")).to_have_count(1)
    page.get_by_test_id("next-image").click()
    expect(page.get_by_test_id("file-name")).to_contain_text("rocket.jpg")


def test_the_page_is_isolated_and_says_which_rung_decodes(page: Page) -> None:
    log_in(page)
    page.goto("/self-test")
    assert page.evaluate("crossOriginIsolated") is True
    expect(page.get_by_test_id("self-test")).to_be_visible()
    expect(page.locator('[data-testid^="rung-"][data-chosen="true"]')).to_have_count(1)
