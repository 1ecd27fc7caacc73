"""Brush, eraser, polygon, rectangle and refining on a photograph as a person uses them; the server's masks decide."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pycocotools import mask as coco_mask

from tests.e2e.annotator import Annotator, open_demo

pytestmark = pytest.mark.e2e

SIZE = (512, 512)  # of photographer.png, (height, width)


@pytest.fixture
def annotator(page: Page) -> Annotator:
    """The photographer, without masks; other tests count those of other photographs."""
    annotator = open_demo(page, "photographer.png", SIZE)
    while page.get_by_test_id("mask-delete").count() > 0:
        left = page.get_by_test_id("mask-delete").count()
        page.get_by_test_id("mask-delete").first.click()
        expect(page.get_by_test_id("mask-delete")).to_have_count(left - 1)
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    return annotator


def drag(annotator: Annotator, *path: tuple[float, float], modifier: str | None = None) -> None:
    """Presses at the first image pixel, moves through the others, lets go."""
    mouse, keyboard = annotator.page.mouse, annotator.page.keyboard
    if modifier:
        keyboard.down(modifier)
    mouse.move(*annotator.page_point(*path[0]))
    mouse.down()
    for point in path[1:]:
        mouse.move(*annotator.page_point(*point))
    mouse.up()
    if modifier:
        keyboard.up(modifier)


def saved_masks(annotator: Annotator) -> list[dict[str, Any]]:
    """The masks the server holds."""
    expect(annotator.page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    image = annotator.page.url.rpartition("/")[2]
    answer = annotator.page.request.get(f"/api/v1/images/{image}/masks/")
    assert answer.ok
    masks: list[dict[str, Any]] = answer.json()
    return masks


def pixels(mask: dict[str, Any]) -> np.ndarray:
    """Boolean [H, W], decoded by pycocotools."""
    decoded = coco_mask.decode(mask["segmentation"]).astype(bool)
    assert mask["area"] == int(decoded.sum())
    return np.asarray(decoded)


def stroke(radius: float, *path: tuple[float, float]) -> np.ndarray:
    """Boolean [H, W]: pixels whose centre is no further than `radius` from the path."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]] + 0.5
    near = np.zeros(SIZE, bool)
    for a, b in pairwise(path):
        (ax, ay), (bx, by) = a, b
        length2 = (bx - ax) ** 2 + (by - ay) ** 2
        along = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2, 0, 1)
        near |= np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)) <= radius
    return near


def test_brush_eraser_polygon_and_rectangle_save_exactly_what_they_painted(annotator: Annotator) -> None:
    page = annotator.page
    page.keyboard.press("b")
    expect(page.get_by_test_id("brush-size")).to_have_text("20 px")
    page.keyboard.press("]")
    expect(page.get_by_test_id("brush-size")).to_have_text("25 px")
    drag(annotator, (60, 60), (160, 60), (160, 140))
    annotator.save()
    painted = stroke(12.5, (60.5, 60.5), (160.5, 60.5), (160.5, 140.5))
    [first] = saved_masks(annotator)
    assert (pixels(first) == painted).all()
    assert first["model"] is None

    # The selected mask is edited in place: the same id, the next revision per gesture.
    page.get_by_test_id("object-item").locator("button").first.click()
    page.get_by_test_id("tool-eraser").click()
    drag(annotator, (100, 40), (100, 80))
    erased = painted & ~stroke(12.5, (100.5, 40.5), (100.5, 80.5))
    [second] = saved_masks(annotator)
    assert (second["id"], second["revision"]) == (first["id"], first["revision"] + 1)
    assert (pixels(second) == erased).all()

    page.keyboard.press("p")
    for corner in ((200, 100), (300, 100), (300, 200)):
        annotator.click(*corner)
    page.keyboard.press("Enter")
    page.keyboard.press("r")
    drag(annotator, (250, 110), (280, 130), modifier="Alt")
    # Corners lie in the middle of pixels, where the pointer was; of pixels on the outline the upper left belong to it.
    y, x = np.mgrid[: SIZE[0], : SIZE[1]] + 0.5
    triangle = (x >= 200.5) & (x < 300.5) & (y >= 100.5) & (y - 100.5 < x - 200.5)
    expected = erased | triangle
    expected[111:131, 251:281] = False  # a rectangle's corners are rounded to whole pixels
    [third] = saved_masks(annotator)
    now = pixels(third)
    assert (now == expected).all()

    for _ in range(3):
        page.keyboard.press("Control+z")
    [undone] = saved_masks(annotator)
    assert (pixels(undone) == painted).all()
    for _ in range(3):
        page.keyboard.press("Control+Shift+z")
    [redone] = saved_masks(annotator)
    assert (pixels(redone) == now).all()


def test_a_saved_mask_is_cleaned_split_and_refined_by_a_click(annotator: Annotator) -> None:
    page = annotator.page
    page.keyboard.press("r")
    drag(annotator, (60, 60), (260, 200))
    drag(annotator, (100, 100), (120, 120), modifier="Alt")
    annotator.save()
    page.get_by_test_id("object-item").locator("button").first.click()
    [holed] = saved_masks(annotator)
    page.get_by_test_id("mask-menu").click()
    page.get_by_test_id("mask-fillHoles").click()
    [filled] = saved_masks(annotator)
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
    [refined] = saved_masks(annotator)
    assert (refined["id"], refined["revision"]) == (holed["id"], filled["revision"] + 1)
    assert refined["prompts"]["points"] == [[200, 120, 1]]
    assert pixels(refined)[120, 200]
    assert refined["model"] is not None
