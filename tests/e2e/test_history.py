"""What a mask was comes back, and so does what was deleted; guidelines are read beside the image."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.annotator import Annotator, log_in, open_demo_project, opened_without_masks
from tests.e2e.conftest import RunningSystem
from tests.e2e.people import make_member, make_person
from tests.e2e.stored import pixels

pytestmark = pytest.mark.e2e

SIZE = (512, 512)  # of photographer.png, (height, width)
PASSWORD = "greta-secret-1"


@pytest.fixture
def annotator(page: Page) -> Iterator[Annotator]:
    """The photographer; the model is not needed to draw by hand."""
    with opened_without_masks(page, "photographer.png", SIZE, uses_decoder=False) as annotator:
        yield annotator


def rows(page: Page) -> Locator:
    return page.get_by_test_id("history-row")


def open_history(page: Page) -> None:
    page.get_by_test_id("mask-menu").click()
    page.get_by_test_id("mask-history").click()


def test_every_state_of_a_mask_is_told_and_comes_back(annotator: Annotator) -> None:
    page = annotator.page
    page.keyboard.press("r")
    annotator.drag((100, 100), (200, 180))
    annotator.save()
    [drawn] = annotator.saved_masks()
    assert drawn["tool"] == "rectangle"
    annotator.select(0)
    page.keyboard.press("2")
    annotator.saved_masks()
    page.keyboard.press("b")
    annotator.drag((150, 200), (250, 200))
    [brushed] = annotator.saved_masks()
    assert (brushed["revision"], brushed["tool"]) == (3, "brush")

    open_history(page)
    expect(rows(page)).to_have_count(3)
    expect(rows(page).nth(0)).to_contain_text("Changed: outline")
    expect(rows(page).nth(0).get_by_test_id("history-tool")).to_have_text("Brush")
    expect(rows(page).nth(1)).to_contain_text("Changed: label")
    expect(rows(page).nth(2)).to_contain_text("Made")
    expect(rows(page).nth(2).locator("canvas")).to_have_attribute("data-shown", "true")
    rows(page).nth(2).get_by_test_id("history-restore").click()
    expect(rows(page)).to_have_count(4)
    expect(rows(page).nth(0).get_by_test_id("history-tool")).to_have_text("Restored")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("history")).to_have_count(0)
    [restored] = annotator.saved_masks()
    assert (restored["id"], restored["revision"], restored["tool"]) == (drawn["id"], 4, "restore")
    assert restored["label"] == drawn["label"]
    assert (pixels(restored) == pixels(drawn)).all()
    annotator.leave()
    assert (annotator.shown_mask() == pixels(drawn)).all(), "the image shows it at once"

    page.get_by_test_id("mask-delete").click()
    expect(page.get_by_test_id("object-item")).to_have_count(0)
    assert annotator.saved_masks() == []
    page.get_by_test_id("list-menu").click()
    page.get_by_test_id("deleted-masks-open").click()
    page.get_by_test_id("mask-bring-back").first.click()
    expect(page.get_by_test_id("object-item")).to_have_count(1)
    page.keyboard.press("Escape")
    [back] = annotator.saved_masks()
    assert (back["id"], back["revision"], back["author"]) == (drawn["id"], 5, drawn["author"])
    assert (pixels(back) == pixels(drawn)).all()


def test_guidelines_are_written_by_managers_and_read_beside_the_image(
    page: Page, anymask: RunningSystem, browser: Browser
) -> None:
    make_person(anymask, "greta", PASSWORD)
    make_member(anymask, 1, "greta", "annotator")
    log_in(page)
    open_demo_project(page)
    page.get_by_test_id("guidelines-open").click()
    page.get_by_test_id("guidelines-edit").click()
    page.get_by_test_id("guidelines-text").fill(
        "# Cats\n\n* whiskers **belong**\n\n| yes | no |\n|-|-|\n| fur | lead |\n\n<b id=raw>no tags</b>"
    )
    page.get_by_test_id("guidelines-preview").click()
    expect(page.get_by_test_id("markdown").get_by_role("heading", name="Cats")).to_be_visible()
    page.get_by_test_id("guidelines-save").click()
    expect(page.get_by_test_id("guidelines-edit")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("audit-open").click()
    expect(page.get_by_test_id("audit-entry").first).to_contain_text(
        "changed the project: guidelines rewritten"
    )
    page.get_by_test_id("audit-kind").click()
    page.get_by_role("option", name="Members").click()
    expect(page.get_by_test_id("audit-entry").first).to_contain_text("greta joined as annotator")

    context = browser.new_context(base_url=anymask.url, viewport={"width": 1440, "height": 900})
    theirs = context.new_page()
    log_in(theirs, "greta", PASSWORD)
    open_demo_project(theirs)
    expect(theirs.get_by_test_id("audit-open")).to_have_count(0)
    theirs.get_by_test_id("guidelines-open").click()
    expect(theirs.get_by_test_id("markdown").get_by_role("cell", name="fur")).to_be_visible()
    expect(theirs.get_by_test_id("guidelines-edit")).to_have_count(0)
    theirs.keyboard.press("Escape")
    theirs.get_by_test_id("image-card").first.click()
    expect(theirs.get_by_test_id("image-canvas")).to_be_visible()
    theirs.keyboard.press("u")
    panel = theirs.get_by_test_id("guidelines-panel")
    expect(panel.get_by_role("heading", name="Cats")).to_be_visible()
    expect(panel.locator("#raw")).to_have_count(0)
    theirs.get_by_test_id("guidelines-toggle").click()
    expect(panel).to_have_count(0)
    context.close()
