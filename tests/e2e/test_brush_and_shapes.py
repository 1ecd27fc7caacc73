"""Brushes of every size, straight lines, polygons mended while they are drawn, rectangles; pixels decide."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import Annotator, opened_without_masks
from tests.e2e.shapes import bounds, polygon, rectangle, stroke
from tests.e2e.stored import pixels

pytestmark = pytest.mark.e2e

SIZE = (512, 512)  # of photographer.png, (height, width)


@pytest.fixture
def annotator(page: Page) -> Iterator[Annotator]:
    """The photographer."""
    with opened_without_masks(page, "photographer.png", SIZE, uses_decoder=False) as annotator:
        yield annotator


def brush_size(annotator: Annotator) -> int:
    """In image pixels, as the tool strip says it."""
    return int(annotator.page.get_by_test_id("brush-size").inner_text().removesuffix(" px"))


def test_keys_and_wheel_size_the_brush_and_its_outline_is_what_a_click_paints(annotator: Annotator) -> None:
    page = annotator.page
    page.keyboard.press("b")
    usual = brush_size(annotator)
    page.keyboard.press("]")
    larger = brush_size(annotator)
    page.keyboard.press("[")
    page.keyboard.press("[")
    smaller = brush_size(annotator)
    assert smaller < usual < larger
    annotator.hover(200, 300)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -600)
    page.keyboard.up("Control")
    expect(page.get_by_test_id("brush-size")).not_to_have_text(f"{smaller} px")
    expect(annotator.stage).to_have_attribute("data-scale", "1")
    diameter = brush_size(annotator)
    assert diameter > larger

    outline = annotator.canvas_opacity("prompt-overlay") > 0
    annotator.click(200, 300)
    annotator.save()
    [dot] = annotator.saved_masks()
    x, y = (200.5, 300.5) if diameter % 2 else (201, 301)
    assert (pixels(dot) == stroke(SIZE, diameter / 2, (x, y), (x, y))).all()
    assert not outline[300, 200], "what is to be painted on is seen"
    # The line is four pixels wide, its middle on the edge of what is painted.
    assert np.abs(np.subtract(bounds(outline), bounds(pixels(dot))) - (-2, -2, 2, 2)).max() <= 1


def test_shift_draws_and_erases_along_a_straight_line_wherever_the_pointer_went(annotator: Annotator) -> None:
    page = annotator.page
    page.keyboard.press("b")
    page.keyboard.press("]")
    radius = brush_size(annotator) / 2
    page.keyboard.down("Shift")
    page.mouse.move(*annotator.page_point(90, 110))
    page.mouse.down()
    page.mouse.move(*annotator.page_point(400, 120))
    page.mouse.move(*annotator.page_point(290, 250))
    preview = annotator.canvas_opacity("prompt-overlay") > 0
    page.mouse.up()
    page.keyboard.up("Shift")
    annotator.save()
    [line] = annotator.saved_masks()
    expected = stroke(SIZE, radius, (90.5, 110.5), (290.5, 250.5))
    assert (pixels(line) == expected).all()
    assert preview[expected].all()
    assert not preview[120, 400]

    annotator.select(0)
    page.keyboard.press("e")
    annotator.drag((190, 90), (60, 300), (190, 260), modifier="Shift")
    [erased] = annotator.saved_masks()
    assert (pixels(erased) == expected & ~stroke(SIZE, radius, (190.5, 90.5), (190.5, 260.5))).all()
    assert erased["revision"] == 2

    # Shift without a drag still selects, and what is given up paints nothing.
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("selection-bar")).to_have_count(0)
    page.keyboard.down("Shift")
    annotator.click(100, 117)
    expect(page.get_by_test_id("selection-count")).to_have_attribute("data-count", "1")
    page.mouse.move(*annotator.page_point(100, 117))
    page.mouse.down()
    page.mouse.move(*annotator.page_point(200, 180))
    page.keyboard.press("Escape")
    page.mouse.up()
    page.keyboard.up("Shift")
    [untouched] = annotator.saved_masks()
    assert untouched["revision"] == 2


def test_a_polygon_is_mended_while_drawn_and_closed_by_its_first_corner_enter_or_a_double_click(
    annotator: Annotator,
) -> None:
    page = annotator.page
    page.keyboard.press("p")
    for corner in ((80, 80), (230, 70), (220, 200), (90, 190), (40, 140), (30, 100)):
        annotator.click(*corner)
    page.keyboard.press("Control+z")  # the corner set last
    annotator.drag((220, 200), (240, 220), (300, 270))
    page.keyboard.down("Control")
    annotator.click(40, 140)
    page.keyboard.up("Control")
    expect(annotator.root).to_have_attribute("data-has-current", "false")
    annotator.click(85, 84)  # near the first corner is on it
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    annotator.save()
    [mask] = annotator.saved_masks()
    expected = polygon(SIZE, (80.5, 80.5), (230.5, 70.5), (300.5, 270.5), (90.5, 190.5))
    assert (pixels(mask) == expected).all()

    annotator.select(0)
    page.keyboard.down("Alt")
    annotator.click(120, 60)
    page.keyboard.up("Alt")
    annotator.click(200, 160)
    page.keyboard.press("Enter")  # of two corners nothing is made
    annotator.click(130, 150)
    page.keyboard.press("Enter")
    [cut] = annotator.saved_masks()
    expected &= ~polygon(SIZE, (120.5, 60.5), (200.5, 160.5), (130.5, 150.5))
    assert (pixels(cut) == expected).all()
    assert cut["revision"] == 2

    annotator.click(320, 100)
    annotator.click(400, 120)
    page.mouse.dblclick(*annotator.page_point(350, 200))
    [joined] = annotator.saved_masks()
    expected |= polygon(SIZE, (320.5, 100.5), (400.5, 120.5), (350.5, 200.5))
    assert (pixels(joined) == expected).all()
    page.keyboard.press("Control+z")
    [undone] = annotator.saved_masks()
    assert (pixels(undone) == pixels(cut)).all()


def test_rectangles_add_and_take_away_from_new_and_saved_masks(annotator: Annotator) -> None:
    page = annotator.page
    page.keyboard.press("r")
    annotator.drag((260, 240), (100, 100))  # from the lower right
    annotator.drag((120, 120), (150, 150), modifier="Alt")
    annotator.drag((200, 200), (300, 220), button="right")
    annotator.drag((240, 180), (320, 190))
    annotator.save()
    [made] = annotator.saved_masks()
    expected = rectangle(SIZE, (100, 100), (260, 240)) & ~rectangle(SIZE, (120, 120), (150, 150))
    expected &= ~rectangle(SIZE, (200, 200), (300, 220))
    expected |= rectangle(SIZE, (240, 180), (320, 190))
    assert (pixels(made) == expected).all()

    annotator.select(0)
    annotator.drag((90, 230), (400, 260))
    annotator.drag((90, 90), (130, 400), modifier="Alt")
    [changed] = annotator.saved_masks()
    expected |= rectangle(SIZE, (90, 230), (400, 260))
    expected &= ~rectangle(SIZE, (90, 90), (130, 400))
    assert (pixels(changed) == expected).all()
    assert (changed["id"], changed["revision"]) == (made["id"], 3)

    # What lies beyond the border is left out, and taking away never empties a saved mask.
    annotator.drag((480, 480), (530, 540))
    annotator.drag((-5, -5), (520, 520), modifier="Alt")
    expect(page.get_by_text("A saved mask cannot be emptied.")).to_be_visible()
    [cornered] = annotator.saved_masks()
    expected[481:, 481:] = True
    assert (pixels(cornered) == expected).all()
