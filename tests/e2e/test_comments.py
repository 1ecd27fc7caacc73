"""A comment pinned to a photograph by one person, answered and resolved by another, who hears of it by the bell."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.annotator import Annotator, log_in, open_demo_project, without_decoder
from tests.e2e.conftest import RunningSystem
from tests.e2e.people import make_member, make_person
from tests.e2e.test_accessibility import violations

pytestmark = pytest.mark.e2e

PASSWORD = "dora-secret-1"
SECONDS = 1000
COINS = (303, 384)


def open_coins(page: Page) -> Annotator:
    open_demo_project(page)
    card = page.locator('[data-testid="image-card"][data-file-name="coins.png"]')
    expect(card).to_have_attribute("data-state", "ready", timeout=120_000)
    card.click()
    annotator = Annotator(page, COINS)
    annotator.show_pixel_by_pixel()
    return annotator


def expect_pin_at(annotator: Annotator, x: float, y: float) -> None:
    """The lower left corner of the only pin is at the image's pixel (x, y), as it is shown now."""
    box = annotator.page.get_by_test_id("pin").bounding_box()
    assert box
    assert (box["x"], box["y"] + box["height"]) == pytest.approx(annotator.page_point(x, y), abs=1.5)


def test_a_reviewer_asks_an_annotator_hears_answers_and_resolves(
    anymask: RunningSystem, browser: Browser, colleague: Page
) -> None:
    make_person(anymask, "dora", PASSWORD)
    make_member(anymask, 1, "dora", "annotator")
    context = browser.new_context(base_url=anymask.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    without_decoder(context)
    dora = context.new_page()
    log_in(dora, "dora", PASSWORD)
    expect(dora.get_by_test_id("bell")).to_have_attribute("data-unread", "0")

    # The reviewer changes their mind, and what they wrote is still there when they come back to it.
    log_in(colleague, "bob", "bob-secret-1")
    theirs = open_coins(colleague)
    colleague.keyboard.press("k")
    colleague.keyboard.press("Escape")
    theirs.click(100, 60)
    expect(colleague.get_by_test_id("thread-box")).to_have_count(0)
    colleague.keyboard.press("Escape")
    colleague.keyboard.press("k")
    theirs.click(120, 80)
    text = colleague.get_by_test_id("comment-text")
    expect(text).to_be_focused()
    text.press_sequentially("This rim, @do")
    expect(colleague.get_by_test_id("mention-list")).to_contain_text("dora")
    colleague.keyboard.press("Enter")
    expect(text).to_have_value("This rim, @dora ")
    found = {"writing": violations(colleague)}
    colleague.keyboard.press("Escape")
    expect(colleague.get_by_test_id("thread-box")).to_have_count(0)
    colleague.keyboard.press("k")
    theirs.click(150, 100)
    expect(text).to_have_value("This rim, @dora ")

    # A send that fails keeps the text and says why.
    colleague.route(
        "**/threads/", lambda route: route.abort() if route.request.method == "POST" else route.fallback()
    )
    colleague.get_by_test_id("comment-send").click()
    expect(colleague.get_by_test_id("comment-problem")).to_contain_text("cannot be reached")
    expect(text).to_have_value("This rim, @dora ")
    colleague.unroute("**/threads/")
    colleague.get_by_test_id("comment-send").click()
    expect(colleague.get_by_test_id("comment")).to_contain_text("This rim, @dora")
    expect(colleague.get_by_test_id("pin")).to_have_text("1")
    expect_pin_at(theirs, 150, 100)
    colleague.mouse.move(*theirs.page_point(300, 200))
    colleague.mouse.wheel(0, -500)
    expect(theirs.stage).not_to_have_attribute("data-scale", "1")
    expect_pin_at(theirs, 150, 100)

    # The annotator hears of it, and is led there.
    bell = dora.get_by_test_id("bell")
    expect(bell).to_have_attribute("data-unread", "1")
    bell.click()
    entry = dora.get_by_test_id("notification")
    expect(entry).to_contain_text("bob mentioned you")
    found["notifications"] = violations(dora)
    entry.click()
    box = dora.get_by_test_id("thread-box")
    expect(box.get_by_test_id("comment")).to_contain_text("This rim, @dora")
    expect(dora.get_by_test_id("bell")).to_have_attribute("data-unread", "0")
    expect(box.get_by_test_id("comment-edit")).to_have_count(0)
    found["thread"] = violations(dora)
    box.get_by_test_id("comment-text").fill("Mended")
    dora.keyboard.press("Control+Enter")
    expect(box.get_by_test_id("comment")).to_have_count(2)
    box.get_by_test_id("thread-resolve").click()
    expect(dora.get_by_test_id("pin")).to_have_attribute("data-state", "resolved")

    # The reviewer's open page shows both within seconds.
    expect(colleague.get_by_test_id("comment")).to_have_count(2, timeout=15 * SECONDS)
    expect(colleague.get_by_test_id("pin")).to_have_attribute("data-state", "resolved", timeout=15 * SECONDS)
    expect(colleague.get_by_test_id("bell")).to_have_attribute("data-unread", "1")
    colleague.get_by_test_id("thread-close").click()
    expect(colleague.get_by_test_id("pin")).to_have_count(0)
    colleague.keyboard.press("Shift+I")
    threads = colleague.get_by_test_id("thread-list")
    threads.get_by_text("All (1)").click()
    expect(threads.get_by_test_id("thread-item")).to_have_attribute("data-state", "resolved")
    found["list"] = violations(colleague)
    threads.get_by_test_id("thread-item").click()

    # Taken away again, comment by comment by whose it is, so that other tests find the image as it was.
    for page in (colleague, dora):
        page.get_by_test_id("comment-delete").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.get_by_test_id("comment-delete")).to_have_count(0)
    expect(colleague.get_by_test_id("pin")).to_have_count(0, timeout=15 * SECONDS)
    context.close()
    assert all(not entries for entries in found.values()), found
