"""Of what was found under a box one proposal is accepted, one dropped, the weak ones left out, the rest dismissed."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import Annotator, expect_objects, opened_without_masks
from tests.e2e.shapes import rectangle
from tests.e2e.stored import pixels

pytestmark = pytest.mark.e2e

SIZE = (512, 512)  # of photographer.png, (height, width)
CORNERS = (100, 60), (280, 240)
TAKEN = (100, 60), (280, 90)


@pytest.fixture
def annotator(page: Page) -> Iterator[Annotator]:
    """The photographer."""
    with opened_without_masks(page, "photographer.png", SIZE) as annotator:
        yield annotator


def count_proposals(annotator: Annotator) -> int:
    return int(annotator.page.get_by_test_id("proposal-count").get_attribute("data-count") or 0)


def expect_proposals(annotator: Annotator, count: int) -> None:
    expect(annotator.page.get_by_test_id("proposal-count")).to_have_attribute("data-count", str(count))


def pixel_of(shown: np.ndarray) -> tuple[int, int]:
    """Column and row in the middle of what is shown, so to say: as many of its pixels before as after it."""
    ys, xs = np.nonzero(shown)
    return int(xs[len(xs) // 2]), int(ys[len(ys) // 2])


def test_single_proposals_are_accepted_or_dropped_and_the_rest_left(annotator: Annotator) -> None:
    page = annotator.page
    page.keyboard.press("r")
    annotator.drag(*TAKEN)
    annotator.save()
    page.keyboard.press("y")
    page.keyboard.press("h")  # only proposals are to be seen
    page.keyboard.press("s")
    annotator.drag(*CORNERS)
    expect(annotator.root).to_have_attribute("data-is-decoding", "false", timeout=20_000)
    page.keyboard.press("g")
    bar = page.get_by_test_id("proposal-bar")
    expect(bar).to_be_visible()
    while bar.get_attribute("data-running") == "true" and count_proposals(annotator) < 6:
        page.wait_for_timeout(100)
    if bar.get_attribute("data-running") == "true":
        page.keyboard.press("Escape")  # ends the search and keeps what was found
    expect(bar).to_have_attribute("data-running", "false")
    annotator.leave()
    found = count_proposals(annotator)
    assert found >= 4

    # A click accepts the one pointed at: it yields to what is saved, and the others stay proposals.
    shown = annotator.shown_mask()
    x, y = pixel_of(shown & ~rectangle(SIZE, *TAKEN))
    annotator.click(x, y)
    expect_proposals(annotator, found - 1)
    taken, accepted = annotator.saved_masks()
    assert pixels(accepted)[y, x]
    assert not (pixels(accepted) & pixels(taken)).any()
    assert (pixels(accepted) <= shown).all()
    [[px, py, label]] = accepted["prompts"]["points"]
    assert CORNERS[0][0] <= px <= CORNERS[1][0]
    assert CORNERS[0][1] <= py <= CORNERS[1][1]
    assert label == 1
    assert accepted["model"] is not None

    # The right button drops one; it is not saved and does not come back.
    annotator.leave()
    before = annotator.shown_mask()
    page.mouse.click(*annotator.page_point(*pixel_of(before)), button="right")
    expect_proposals(annotator, found - 2)
    annotator.leave()
    assert (annotator.shown_mask() <= before).all()
    assert len(annotator.saved_masks()) == 2

    # Undone, the accepted one is a proposal again; redone, a mask.
    page.keyboard.press("Control+z")
    expect_proposals(annotator, found - 1)
    expect_objects(page, 1)
    page.keyboard.press("Control+Shift+z")
    expect_proposals(annotator, found - 2)
    expect_objects(page, 2)

    # The slider leaves out those the model thinks less of.
    floor = page.get_by_role("slider", name="Least predicted IoU of the proposals shown")
    floor.focus()
    page.keyboard.press("End")
    expect_proposals(annotator, 0)
    annotator.leave()
    assert not annotator.shown_mask().any()
    page.keyboard.press("Home")
    assert count_proposals(annotator) >= found - 2
    annotator.stage.focus()
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    assert not annotator.shown_mask().any()
    assert [mask["id"] for mask in annotator.saved_masks()] == [taken["id"], accepted["id"]]
