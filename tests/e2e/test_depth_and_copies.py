"""What lies over what, one mask at a time; and copies that go along to the next image."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import Annotator, expect_objects, opened_without_masks
from tests.e2e.shapes import polygon
from tests.e2e.stored import masks_of, pixels

pytestmark = pytest.mark.e2e

PHOTOGRAPHER = (512, 512)  # (height, width)
CAT, COFFEE = (300, 451), (400, 600)


def test_masks_go_to_the_back_and_come_forward_over_one_other_at_a_time(page: Page) -> None:
    with opened_without_masks(page, "photographer.png", PHOTOGRAPHER, uses_decoder=False) as annotator:
        page.keyboard.press("r")
        # The small one overlaps both others, and outside of the middle one the large one alone.
        for label, corners in enumerate(
            (((100, 100), (300, 300)), ((150, 150), (280, 280)), ((200, 200), (340, 260)))
        ):
            page.keyboard.press(str(label + 2))
            annotator.drag(*corners)
            annotator.save()
        made = annotator.saved_masks()
        everywhere, beside = (240, 230), (290, 230)
        colors = label_colors(annotator)
        for _ in range(5):
            page.keyboard.press("Control+ArrowUp")

        assert topmost(annotator, colors, everywhere, beside) == ["person", "person"]
        moves = (
            (1, "Home", ["cup", "person"]),
            (2, "PageUp", ["person", "person"]),
            (2, "PageDown", ["cup", "person"]),
            (2, "PageDown", ["cup", "cat"]),
            (2, "depth-bringForward", ["cup", "person"]),
            (2, "depth-bringToFront", ["person", "person"]),
            (2, "depth-sendToBack", ["cup", "cat"]),
            (2, "PageUp", ["cup", "person"]),
            (2, "End", ["cup", "cat"]),
        )
        for row, way, expected in moves:
            annotator.select(row)
            if way.startswith("depth"):
                page.get_by_test_id("depth-menu").click()
                page.get_by_test_id(way).click()
            else:
                page.keyboard.press(way)
            assert topmost(annotator, colors, everywhere, beside) == expected, way

        stored = annotator.saved_masks()
        lowest_first = sorted(stored, key=lambda mask: (mask["z"], -mask["area"]))
        assert [mask["id"] for mask in lowest_first] == [made[index]["id"] for index in (2, 0, 1)]
        assert [mask["revision"] for mask in stored] == [1, 2, len(moves)], "only what was moved"

        # What is on top is what a click takes; every move is a step to undo.
        for _ in moves:
            page.keyboard.press("Control+z")
        assert topmost(annotator, colors, everywhere, beside) == ["person", "person"]
        assert [mask["z"] for mask in annotator.saved_masks()] == [0, 0, 0]
        for index, on_top in ((0, "cat"), (1, "cup")):
            annotator.select(index)
            page.keyboard.press("Home")
            page.keyboard.down("Shift")
            annotator.click(*everywhere)
            page.keyboard.up("Shift")
            expect(page.locator('[data-testid="object-item"][aria-selected="true"]')).to_have_attribute(
                "data-label", on_top
            )


def label_colors(annotator: Annotator) -> dict[str, np.ndarray]:
    """Red, green, blue of the project's labels by name."""
    request = annotator.page.request
    detail = request.get(f"/api/v1/images/{annotator.image_id}/").json()
    labels = request.get(f"/api/v1/projects/{detail['project']}/labels/").json()
    return {label["name"]: np.array(list(bytes.fromhex(label["color"][1:]))) for label in labels}


def topmost(annotator: Annotator, colors: dict[str, np.ndarray], *places: tuple[int, int]) -> list[str]:
    """The labels whose colours are strongest at these pixels."""
    annotator.leave()
    expect(annotator.page.get_by_test_id("mask-overlay")).to_have_attribute("data-complete", "true")
    seen = [np.array(annotator.overlay_rgba(*place)[:3]) for place in places]
    return [min(colors, key=lambda name: np.abs(one - colors[name]).sum()) for one in seen]


def test_a_copy_goes_along_to_the_next_image_and_back_in_each_ones_size(page: Page) -> None:
    with opened_without_masks(page, "cat.png", CAT, uses_decoder=False) as annotator:
        page.keyboard.press("2")
        page.keyboard.press("p")
        corners = (90, 60), (300, 100), (250, 220), (120, 180)
        for corner in corners:
            annotator.click(*corner)
        page.keyboard.press("Enter")
        annotator.save()
        [original] = annotator.saved_masks()
        annotator.select(0)
        page.keyboard.press("Shift+ArrowRight")
        expect(page.get_by_test_id("file-name")).to_contain_text("coffee.png")
        expect(page.get_by_test_id("selection-count")).to_have_attribute("data-count", "1")
        there = Annotator(page, COFFEE)
        there.show_pixel_by_pixel()
        there.leave()
        copy = there.saved_masks()[-1]
        scale = np.array(COFFEE[::-1]) / CAT[::-1]
        expected = polygon(COFFEE, *(tuple((np.array(corner) + 0.5) * scale) for corner in corners))
        assert (pixels(copy) & expected).sum() / (pixels(copy) | expected).sum() > 0.97
        assert (copy["label"], copy["model"]) == (original["label"], None)
        assert there.shown_mask()[pixels(copy)].all()
        coffee = there.image_id

        page.keyboard.press("Shift+ArrowLeft")
        expect(page.get_by_test_id("file-name")).to_contain_text("cat.png")
        expect_objects(page, 2)
        first, back = annotator.saved_masks()
        assert first == original
        assert (pixels(back) & pixels(first)).sum() / (pixels(back) | pixels(first)).sum() > 0.97

        # Each image has its own steps to undo: the one here, then the one there.
        page.keyboard.press("Control+z")
        expect_objects(page, 1)
        assert [mask["id"] for mask in annotator.saved_masks()] == [original["id"]]
        page.keyboard.press("n")
        expect(page.get_by_test_id("file-name")).to_contain_text("coffee.png")
        page.keyboard.press("Control+z")
        expect(page.locator(f'[data-mask-id="{copy["id"]}"]')).to_have_count(0)
        expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
        assert copy["id"] not in {mask["id"] for mask in masks_of(page, coffee)}
