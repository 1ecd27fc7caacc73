"""Who decides a conflict, what is saved in a tab nobody looks at, and when leaving is asked about."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.e2e.annotator import Annotator, expect_objects, expect_state, log_in, opened_without_masks
from tests.e2e.plain_tab import PlainTab
from tests.e2e.shapes import rectangle
from tests.e2e.stored import masks_of, pixels

pytestmark = pytest.mark.e2e

SIZE = (512, 512)  # of photographer.png, (height, width)
FIRST, SECOND = ((100, 100), (200, 200)), ((260, 100), (360, 180))
MINE = ((180, 120), (240, 160)), ((340, 120), (420, 160))
THEIRS = ((120, 180), (160, 300)), ((280, 160), (320, 260))


@pytest.fixture
def annotator(page: Page) -> Iterator[Annotator]:
    """The photographer, with the rectangle tool."""
    with opened_without_masks(page, "photographer.png", SIZE, uses_decoder=False) as annotator:
        page.keyboard.press("r")
        yield annotator


def test_a_conflict_is_decided_for_mine_or_theirs_mask_by_mask(annotator: Annotator, colleague: Page) -> None:
    page = annotator.page
    for corners in (FIRST, SECOND):
        annotator.drag(*corners)
        annotator.save()
    first, second = (mask["id"] for mask in annotator.saved_masks())
    log_in(colleague, "bob", "bob-secret-1")
    colleague.goto(f"/images/{annotator.image_id}")
    expect_objects(colleague, 2)
    theirs = Annotator(colleague, SIZE)
    theirs.show_pixel_by_pixel()
    colleague.keyboard.press("r")

    page.context.set_offline(True)
    for person, changes in ((annotator, MINE), (theirs, THEIRS)):
        for row, corners in enumerate(changes):
            person.select(row)
            person.drag(*corners)
    expect_state(page, "offline", 2)
    expect_state(colleague, "saved", 0)
    page.context.set_offline(False)
    conflicts = page.get_by_test_id("conflict-item")
    expect(conflicts).to_have_count(2)

    page.locator(f'[data-testid="conflict-item"][data-mask-id="{first}"]').get_by_test_id(
        "conflict-mine"
    ).click()
    expect(conflicts).to_have_count(1)
    page.keyboard.press("Shift+T")
    expect(conflicts).to_have_count(0)
    expect_state(page, "saved", 0)
    stored = {mask["id"]: mask for mask in annotator.saved_masks()}
    assert len(stored) == 2
    mine = rectangle(SIZE, *FIRST) | rectangle(SIZE, *MINE[0])
    assert (pixels(stored[first]) == mine).all()
    assert (stored[first]["revision"], stored[first]["updated_by"]) == (3, "Demo")
    kept = rectangle(SIZE, *SECOND) | rectangle(SIZE, *THEIRS[1])
    assert (pixels(stored[second]) == kept).all()
    assert (stored[second]["revision"], stored[second]["updated_by"]) == (2, "bob")
    annotator.leave()
    assert (annotator.shown_mask() == (mine | kept)).all()

    # The colleague sees what was decided, and whoever decided can think again.
    theirs.leave()
    expect(colleague.locator(f'[data-mask-id="{first}"]')).to_contain_text(f"{round(mine.sum() / 1000)} k px")
    assert (theirs.shown_mask() == (mine | kept)).all()
    page.keyboard.press("Control+z")
    expect_state(page, "saved", 0)
    [taken_back] = [mask for mask in annotator.saved_masks() if mask["id"] == first]
    assert (pixels(taken_back) == (rectangle(SIZE, *FIRST) | rectangle(SIZE, *THEIRS[0]))).all()


def test_a_tab_in_the_background_saves_what_could_not_be_sent_before(
    annotator: Annotator, browser: Browser
) -> None:
    page = annotator.page
    tab = PlainTab(browser, page)
    try:
        tab.send("Page.navigate", url=page.url)
        tab.wait_for("Number(document.querySelector('[data-testid=image-canvas]')?.dataset.scale) > 0")
        tab.block("*/masks/*")
        tab.press("r")
        left, top = annotator.page_point(100, 100)
        for step in (0, 60):
            tab.drag((left + step, top), (left + step + 40, top + 40))
            tab.press("Enter")
        tab.wait_for("document.querySelector('[data-testid=save-state]').dataset.state === 'offline'")
        tab.hide()
        is_drawn = (
            "new Promise(done => { requestAnimationFrame(() => done(true)); setTimeout(done, 500, false) })"
        )
        assert tab.evaluate(is_drawn) is False, "nothing is drawn in the background"
        assert masks_of(page, annotator.image_id) == []

        tab.block()
        deadline = time.monotonic() + 60
        while len(masks_of(page, annotator.image_id)) < 2 and time.monotonic() < deadline:
            page.wait_for_timeout(250)
        tab.wait_for("document.querySelector('[data-testid=save-state]').dataset.state === 'saved'")
        assert tab.evaluate("document.visibilityState") == "hidden"
    finally:
        tab.close()
    # Seen by the other tab, too, once each.
    expect_objects(page, 2)
    assert [mask["revision"] for mask in annotator.saved_masks()] == [1, 1]


def test_leaving_is_asked_about_only_while_a_mask_would_be_lost_with_the_tab(annotator: Annotator) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    address = annotator.page.url
    page = annotator.page.context.new_page()
    # As in a private window of some browsers.
    page.add_init_script("indexedDB.open = () => { throw new DOMException('not here', 'InvalidStateError') }")
    page.on("dialog", stay)
    page.goto(address)
    private = Annotator(page, SIZE)
    private.show_pixel_by_pixel()
    page.keyboard.press("r")
    page.context.set_offline(True)
    private.drag(*FIRST)
    page.keyboard.press("Enter")
    expect_state(page, "offline", 1)
    expect(page.get_by_test_id("save-not-kept")).to_be_visible()
    page.close(run_before_unload=True)
    private.leave()
    assert asked == ["beforeunload"]
    assert (private.shown_mask() == rectangle(SIZE, *FIRST)).all(), "still there"
    page.context.set_offline(False)
    expect_state(page, "saved", 0)
    expect(page.get_by_test_id("save-not-kept")).to_have_count(0)
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    [saved] = annotator.saved_masks()
    assert (pixels(saved) == rectangle(SIZE, *FIRST)).all()

    # Where the browser keeps it, nothing is lost and nothing asked.
    kept = annotator.page
    kept.on("dialog", stay)
    expect_objects(kept, 1)
    kept.context.set_offline(True)
    annotator.drag(*SECOND)
    kept.keyboard.press("Enter")
    expect_state(kept, "offline", 1)
    again = kept.context.new_page()
    with kept.expect_event("close"):
        kept.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    kept.context.set_offline(False)
    again.goto(address)
    expect_objects(again, 2)
    expect_state(again, "saved", 0)
    assert len(masks_of(again, annotator.image_id)) == 2
