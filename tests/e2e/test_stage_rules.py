"""The paper's rules of the first stage: a mask without a label, a hint when it takes long, prominent things first."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import Annotator, expect_objects, log_in
from tests.e2e.stored import masks_of, send
from tests.e2e.test_accessibility import violations
from tests.e2e.test_fairness import upload

pytestmark = pytest.mark.e2e

SIZE = (303, 384)  # of coins.png, (height, width)
COIN, OTHER = (181, 50), (117, 115)
SHOTS = os.environ.get("SCREENSHOTS")


@pytest.fixture
def project(page: Page) -> Iterator[int]:
    """One photograph in a project of its own."""
    log_in(page)
    made = send(page, "POST", "/api/v1/projects/", {"name": "First stage"}).json()["id"]
    images = page.request.get("/api/v1/projects/1/images/").json()["results"]
    coins = next(image for image in images if image["file_name"] == "coins.png")
    upload(page, made, "coins.png", page.request.get(coins["file_url"]).body())
    yield made
    assert send(page, "DELETE", f"/api/v1/projects/{made}/").status == 204


def look(page: Page, name: str) -> None:
    """A picture of the page for people, where the environment names a folder."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def switch_theme(page: Page, theme: str) -> None:
    """By the switch: a reload would take the mask being made along."""
    root = page.locator("html")
    if root.get_attribute("data-mantine-color-scheme") != theme:
        page.get_by_role("button", name=f"Use the {theme} theme").click()
    expect(root).to_have_attribute("data-mantine-color-scheme", theme)


def stay_at_work(page: Page, annotator: Annotator) -> None:
    """Moves the pointer for more than a second, as somebody does who looks for where to click next."""
    for step in range(8):
        page.mouse.move(*annotator.page_point(40 + 4 * step, 40))
        page.wait_for_timeout(250)


def test_masks_without_labels_with_a_hint_after_a_second(page: Page, project: int) -> None:
    image = str(page.request.get(f"/api/v1/projects/{project}/images/").json()["results"][0]["id"])
    hint = page.get_by_test_id("mask-time-hint")

    # By default nothing is other than ever.
    page.goto(f"/images/{image}")
    annotator = Annotator(page, SIZE)
    annotator.wait_until_usable()
    expect(page.get_by_test_id("label-item")).to_have_count(1)
    expect(page.get_by_test_id("stage-rules")).to_be_hidden()
    expect(page.get_by_test_id("order-hint")).to_be_hidden()
    annotator.click(*COIN)
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    stay_at_work(page, annotator)
    expect(hint).to_be_hidden()
    page.keyboard.press("Escape")
    expect(annotator.root).to_have_attribute("data-has-current", "false")

    # One button sets all three rules; half a minute is made a second.
    page.goto(f"/projects/{project}")
    page.get_by_test_id("rules-open").click()
    page.get_by_test_id("rules-papers").click()
    expect(page.get_by_test_id("rules-class-free")).to_be_checked()
    expect(page.get_by_test_id("rules-order")).to_be_checked()
    expect(page.get_by_test_id("rules-seconds")).to_have_value("30 s")
    look(page, "rules-form")
    assert violations(page) == []
    page.get_by_test_id("rules-seconds").fill("1")
    page.get_by_test_id("rules-save").click()
    expect(page.get_by_test_id("rules-save")).to_be_hidden()
    stored = page.request.get(f"/api/v1/projects/{project}/").json()
    assert (stored["is_class_free"], stored["mask_seconds_hint"], stored["order_hint"]) == (
        True,
        1,
        "prominence",
    )

    # Nobody is asked for a label, and what one works by is said.
    page.goto(f"/images/{image}")
    annotator.wait_until_usable()
    expect(page.get_by_test_id("stage-rules")).to_be_visible()
    expect(page.get_by_test_id("label-item")).to_have_count(0)
    expect(page.get_by_test_id("order-hint")).to_have_text("Label the most prominent things first.")
    annotator.click(*COIN)
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    stay_at_work(page, annotator)
    expect(hint).to_contain_text("1 s at this mask")
    for theme in ("dark", "light"):
        switch_theme(page, theme)
        expect(hint).to_be_visible()
        assert violations(page) == []
        look(page, f"stage-rules-{theme}")
    page.keyboard.press("Enter")
    expect_objects(page, 1)
    expect(hint).to_be_hidden()
    expect(page.get_by_test_id("object-item")).to_contain_text("Mask 1")
    expect(page.get_by_test_id("find-unlabelled")).to_be_hidden()
    (mask,) = annotator.saved_masks()
    assert mask["label"] is None
    assert mask["seconds_spent"] >= 1

    # The next mask is given up by the hint's own button; a label's key does nothing.
    annotator.click(*OTHER)
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    stay_at_work(page, annotator)
    page.get_by_test_id("mask-time-give-up").click()
    expect(annotator.root).to_have_attribute("data-has-current", "false")
    expect(hint).to_be_hidden()
    page.get_by_test_id("object-item").locator("[data-row-button]").click()
    page.keyboard.press("1")
    expect(page.get_by_text("Masks of this project have no labels.")).to_be_visible()
    assert [one["label"] for one in masks_of(page, image)] == [None]

    # What was read stays so as long as the tab, and the image is handed in without a word about labels.
    page.get_by_test_id("order-hint").get_by_role("button").click()
    page.reload()
    expect(page.get_by_test_id("stage-rules")).to_be_visible()
    expect(page.get_by_test_id("order-hint")).to_be_hidden()
    annotator.wait_until_usable()
    page.keyboard.press("Control+Enter")
    expect_status(page, image, "submitted")
    assert [one["label"] for one in masks_of(page, image)] == [None]


def expect_status(page: Page, image: str, status: str) -> None:
    for _ in range(60):
        if page.request.get(f"/api/v1/images/{image}/work/").json()["status"] == status:
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"the image is not {status}")
