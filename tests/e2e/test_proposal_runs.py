"""Stages 2 and 3 of the data engine: what the model found is decided on the image by keys, or on the contact sheet."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import Annotator, expect_objects, expect_state, log_in
from tests.e2e.stored import make_project, masks_of, send
from tests.e2e.test_accessibility import set_theme, violations

pytestmark = pytest.mark.e2e

# Of the demo's photographs; a grid of 8 by 8 points takes a second on each.
FILES = ("coins.png", "coffee.png")
SIZE = (303, 384)  # of coins.png, (height, width)
RUN_MS = 300_000


@pytest.fixture
def project(page: Page) -> Iterator[int]:
    """Two photographs in a project of their own."""
    log_in(page)
    made = make_project(page, "Proposed", *FILES)
    yield made
    assert send(page, "DELETE", f"/api/v1/projects/{made}/").status == 204


def run_model(page: Page, project: int, stage: int, label: str | None = None) -> None:
    """Starts a run by its dialog and waits for its end."""
    page.goto(f"/projects/{project}/proposals")
    page.get_by_test_id("run-open").click()
    page.get_by_test_id(f"run-stage-{stage}").check()
    if label:
        page.get_by_test_id("run-label").click()
        page.get_by_role("option", name=label).click()
    page.get_by_test_id("run-more").click()
    page.get_by_label("Points along a side").fill("8")
    page.get_by_test_id("run-start").click()
    run = page.get_by_test_id("proposal-run").first
    expect(run).to_have_attribute("data-state", "succeeded", timeout=RUN_MS)
    expect(run).to_contain_text("2 of 2 images looked at")


def proposals_of(page: Page, project: int, **query: Any) -> list[dict[str, Any]]:
    params = {"page_size": 500, **query}
    answer = page.request.get(f"/api/v1/projects/{project}/proposals/", params=params)
    assert answer.ok, answer.text()
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def expect_proposals(page: Page, count: int) -> None:
    expect(page.get_by_test_id("proposal-count")).to_have_attribute("data-count", str(count))


def outcomes(page: Page, project: int, image: str) -> dict[str, tuple[str, str | None]]:
    """State and outcome of an image's proposals that are not open, once everything is saved."""
    expect_state(page, "saved", 0)
    found = proposals_of(page, project, image=image)
    return {one["id"]: (one["state"], one["outcome"]) for one in found if one["state"] != "open"}


def test_stage_2_proposals_are_accepted_fixed_and_rejected_by_keys_and_taken_back(
    page: Page, project: int
) -> None:
    run_model(page, project, stage=2)
    coins = next(one for one in proposals_of(page, project) if one["file_name"] == "coins.png")
    image = str(coins["image"])
    page.goto(f"/images/{image}")
    annotator = Annotator(page, SIZE)
    annotator.wait_until_usable()
    listed = page.request.get(f"/api/v1/images/{image}/proposals/").json()
    ids = [one["id"] for one in listed]
    count = len(ids)
    assert count >= 5
    expect_proposals(page, count)
    current = page.get_by_test_id("proposal-current")

    # None of them is a mask, and Tab begins with the most confident.
    assert masks_of(page, image) == []
    page.keyboard.press("Tab")
    expect(current).to_contain_text(f"1 of {count}, predicted IoU {listed[0]['predicted_iou']:.2f}")
    page.keyboard.press("Tab")
    expect(current).to_contain_text(f"2 of {count}")
    page.keyboard.press("Shift+Tab")
    expect(current).to_contain_text(f"1 of {count}")
    page.keyboard.press("a")
    expect_objects(page, 1)
    expect(current).to_contain_text(f"1 of {count - 1}")
    page.keyboard.press("Shift+A")
    expect_proposals(page, count - 2)
    assert outcomes(page, project, image) == {
        ids[0]: ("accepted", "untouched"),
        ids[1]: ("rejected", None),
    }
    (accepted,) = masks_of(page, image)
    assert (accepted["id"], accepted["stage"], accepted["model"]) == (
        ids[0],
        "semi_automatic",
        listed[0]["model"],
    )

    # The third is put right by the eraser, and saved under its id with what the model gave beside it.
    page.keyboard.press("Shift+P")
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    x, y, width, height = listed[2]["bbox"]
    page.keyboard.press("e")
    annotator.drag((x, y + height // 2), (x + width - 1, y + height // 2))
    page.keyboard.press("Enter")
    expect_objects(page, 2)
    assert outcomes(page, project, image)[ids[2]] == ("accepted", "fixed")
    fixed = next(mask for mask in masks_of(page, image) if mask["id"] == ids[2])
    assert fixed["stage"] == "semi_automatic"
    assert 0 < fixed["model_iou"] < 1

    # Who comes again finds what is left, and what was done can be taken back, step by step, here and on the server.
    page.keyboard.press("s")
    page.reload()
    expect_proposals(page, count - 3)
    for left in (1, 1, 0):
        page.keyboard.press("Control+z")
        page.wait_for_timeout(50)
        if left:
            expect_objects(page, left)
    expect_proposals(page, count)
    assert outcomes(page, project, image) == {}
    assert masks_of(page, image) == []
    page.keyboard.press("Control+Shift+z")
    expect_objects(page, 1)
    assert outcomes(page, project, image) == {ids[0]: ("accepted", "untouched")}

    # A rejection outlives an outage.
    page.context.set_offline(True)
    page.keyboard.press("Tab")
    page.keyboard.press("Delete")
    expect_proposals(page, count - 2)
    expect_state(page, "offline", 1)
    assert len([one for one in proposals_of(page, project, image=image) if one["state"] == "rejected"]) == 0
    page.context.set_offline(False)
    assert outcomes(page, project, image)[ids[1]] == ("rejected", None)


def test_stage_3_the_contact_sheet_decides_in_bulk_and_takes_it_back(page: Page, project: int) -> None:
    run_model(page, project, stage=3, label="thing")
    found = proposals_of(page, project)
    sheet = page.get_by_test_id("contact-sheet")
    expect(sheet).to_have_attribute("data-loaded", str(min(100, len(found))))
    cards = page.get_by_test_id("sheet-card")

    # By keys: two at once are rejected, and that is taken back.
    sheet.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_test_id("sheet-chosen")).to_have_attribute("data-count", "2")
    page.keyboard.press("r")
    expect(cards.nth(0)).to_have_attribute("data-state", "rejected")
    expect(page.get_by_test_id("run-outcome").first).to_contain_text("2 rejected")
    assert {one["id"] for one in proposals_of(page, project, state="rejected")} == {
        one["id"] for one in found[:2]
    }
    page.keyboard.press("u")
    expect(cards.nth(0)).to_have_attribute("data-state", "open")
    expect(page.get_by_test_id("run-outcome").first).not_to_contain_text("rejected")

    # In bulk: those above the threshold become masks with the run's label, those below are rejected.
    threshold = page.get_by_role("slider", name="Threshold of the predicted IoU")
    at = float(threshold.get_attribute("aria-valuenow") or 0)
    above = [one for one in found if one["predicted_iou"] >= at]
    accept = page.get_by_test_id("bulk-accept")
    expect(accept).to_have_attribute("data-count", str(len(above)))
    assert above
    accept.click()
    page.get_by_role("button", name="Accept them").click()
    job = page.get_by_test_id("bulk-job")
    expect(job).to_have_attribute("data-state", "succeeded", timeout=120_000)
    accepted = proposals_of(page, project, state="accepted")
    # What lies under another one that was accepted before it is refused.
    assert 0 < len(accepted) <= len(above)
    assert {one["id"] for one in accepted} <= {one["id"] for one in above}
    masks = [mask for image in {one["image"] for one in accepted} for mask in masks_of(page, str(image))]
    assert {mask["id"] for mask in masks} == {one["id"] for one in accepted}
    assert {mask["stage"] for mask in masks} == {"fully_automatic"}
    assert all(mask["label"] is not None for mask in masks)

    reject = page.get_by_test_id("bulk-reject")
    below = [one for one in found if one["predicted_iou"] < at]
    expect(reject).to_have_attribute("data-count", str(len(below)))
    reject.click()
    page.get_by_role("button", name="Reject them").click()
    expect(page.get_by_test_id("run-outcome").first).to_contain_text(f"{len(below)} rejected")
    expect(job).to_have_attribute("data-state", "succeeded")
    page.get_by_test_id("bulk-undo").click()
    expect(page.get_by_test_id("run-outcome").first).not_to_contain_text("rejected")
    assert proposals_of(page, project, state="rejected") == []

    # In both schemes, with the sheet, the dialog and the bar over an image.
    for theme in ("dark", "light"):
        set_theme(page, theme)
        expect(sheet).to_be_visible()
        assert violations(page) == []
        page.get_by_test_id("run-open").click()
        page.get_by_test_id("run-more").click()
        expect(page.get_by_test_id("run-start")).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Escape")
    page.get_by_test_id("sheet-open-image").click()
    expect(page.get_by_test_id("proposal-bar")).to_be_visible()
    for theme in ("dark", "light"):
        set_theme(page, theme)
        expect(page.get_by_test_id("proposal-bar")).to_be_visible()
        assert violations(page) == []
