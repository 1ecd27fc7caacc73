"""Brush, eraser, polygon, rectangle and refining on a photograph as a person uses them; the server's masks decide."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import Annotator, opened_without_masks
from tests.e2e.shapes import polygon, rectangle, stroke
from tests.e2e.stored import pixels

pytestmark = pytest.mark.e2e

SIZE = (512, 512)  # of photographer.png, (height, width)


@pytest.fixture
def annotator(page: Page) -> Iterator[Annotator]:
    """The photographer."""
    with opened_without_masks(page, "photographer.png", SIZE) as annotator:
        yield annotator


def test_brush_eraser_polygon_and_rectangle_save_exactly_what_they_painted(annotator: Annotator) -> None:
    page = annotator.page
    page.keyboard.press("b")
    expect(page.get_by_test_id("brush-size")).to_have_text("20 px")
    page.keyboard.press("]")
    expect(page.get_by_test_id("brush-size")).to_have_text("25 px")
    annotator.drag((60, 60), (160, 60), (160, 140))
    annotator.save()
    painted = stroke(SIZE, 12.5, (60.5, 60.5), (160.5, 60.5), (160.5, 140.5))
    [first] = annotator.saved_masks()
    assert (pixels(first) == painted).all()
    assert first["model"] is None

    # The selected mask is edited in place: the same id, the next revision per gesture.
    annotator.select(0)
    page.get_by_test_id("tool-eraser").click()
    annotator.drag((100, 40), (100, 80))
    erased = painted & ~stroke(SIZE, 12.5, (100.5, 40.5), (100.5, 80.5))
    [second] = annotator.saved_masks()
    assert (second["id"], second["revision"]) == (first["id"], first["revision"] + 1)
    assert (pixels(second) == erased).all()

    page.keyboard.press("p")
    for corner in ((200, 100), (300, 100), (300, 200)):
        annotator.click(*corner)
    page.keyboard.press("Enter")
    page.keyboard.press("r")
    annotator.drag((250, 110), (280, 130), modifier="Alt")
    triangle = polygon(SIZE, (200.5, 100.5), (300.5, 100.5), (300.5, 200.5))
    expected = (erased | triangle) & ~rectangle(SIZE, (250, 110), (280, 130))
    [third] = annotator.saved_masks()
    now = pixels(third)
    assert (now == expected).all()

    for _ in range(3):
        page.keyboard.press("Control+z")
    [undone] = annotator.saved_masks()
    assert (pixels(undone) == painted).all()
    for _ in range(3):
        page.keyboard.press("Control+Shift+z")
    [redone] = annotator.saved_masks()
    assert (pixels(redone) == now).all()


def test_a_saved_mask_is_cleaned_split_and_refined_by_a_click(annotator: Annotator) -> None:
    page = annotator.page
    page.keyboard.press("r")
    annotator.drag((60, 60), (260, 200))
    annotator.drag((100, 100), (120, 120), modifier="Alt")
    annotator.save()
    annotator.select(0)
    [holed] = annotator.saved_masks()
    page.get_by_test_id("mask-menu").click()
    page.get_by_test_id("mask-fillHoles").click()
    [filled] = annotator.saved_masks()
    assert filled["area"] > holed["area"]
    box = pixels(filled)
    ys, xs = np.nonzero(box)
    assert box[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1].all()

    page.get_by_test_id("mask-refine").click()
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    annotator.click(200, 120)
    expect(page.get_by_test_id("candidate-1")).to_be_visible()
    page.keyboard.press("Enter")
    expect(annotator.root).to_have_attribute("data-has-current", "false")
    [refined] = annotator.saved_masks()
    assert (refined["id"], refined["revision"]) == (holed["id"], filled["revision"] + 1)
    assert refined["prompts"]["points"] == [[200, 120, 1]]
    assert pixels(refined)[120, 200]
    assert refined["model"] is not None
