"""How photograph and masks are looked at: what is seen changes pixel by pixel as it should, what is saved never does."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import Annotator, opened_without_masks
from tests.e2e.photographs import photograph
from tests.e2e.shapes import bounds
from tests.e2e.stored import pixels

pytestmark = pytest.mark.e2e

COFFEE = (400, 600)  # of coffee.png, (height, width); a PNG, so that every value is exact
DEEP_FIELD = (872, 1000)  # of deep-field.jpg
CUP = (300, 110)


@pytest.fixture
def coffee(page: Page) -> Iterator[Annotator]:
    """A coffee cup, and a tool that draws nothing while the pointer only moves."""
    with opened_without_masks(page, "coffee.png", COFFEE, uses_decoder=False) as annotator:
        page.keyboard.press("r")
        yield annotator


def image_seen(annotator: Annotator) -> np.ndarray:
    """[H, W, 3] of the image's part of the stage, shown pixel by pixel."""
    expect(annotator.stage).to_have_attribute("data-scale", "1")
    annotator.leave()
    expect(annotator.page.get_by_test_id("mask-overlay")).to_have_attribute("data-complete", "true")
    left, top = annotator.corner
    height, width = annotator.size
    return annotator.seen()[top : top + height, left : left + width].astype(int)


def seen_at(annotator: Annotator, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """[n, 3]: the colours in the middle of where these image pixels lie on the stage."""
    left, top = annotator.corner
    columns = (left + (xs + 0.5) * annotator.scale).astype(int)
    rows = (top + (ys + 0.5) * annotator.scale).astype(int)
    return annotator.seen()[rows, columns].astype(int)


def around(x: int, y: int, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns and rows of the pixels about one."""
    ys, xs = np.mgrid[y - reach : y + reach + 1, x - reach : x + reach + 1]
    return xs.ravel(), ys.ravel()


def zoom(annotator: Annotator, at: tuple[int, int], wheel: int) -> None:
    """Turns the wheel with the pointer on an image pixel; what was under the pointer is there afterwards."""
    page = annotator.page
    pointer = np.floor(annotator.page_point(*at))  # the wheel is told in whole pixels
    page.mouse.move(*pointer)
    scale, pixel = annotator.scale, np.array(annotator.page_point(*at))
    page.mouse.wheel(0, wheel)
    expect(annotator.stage).not_to_have_attribute("data-scale", str(scale).removesuffix(".0"))
    factor = annotator.scale / scale
    assert np.isclose(factor, np.exp(-0.0015 * wheel), rtol=0.001)
    # Each time the image is drawn on whole pixels of the screen, up to half a pixel away.
    off = annotator.page_point(*at) - pointer - factor * (pixel - pointer)
    assert np.abs(off).max() <= 0.5 + 0.5 * factor


def test_the_wheel_zooms_at_the_pointer_down_to_single_pixels_between_lines(coffee: Annotator) -> None:
    page = coffee.page
    photo = photograph("coffee.png").astype(int)
    assert (image_seen(coffee) == photo).all(), "at 1:1 every pixel is the photograph's"
    expect(page.get_by_test_id("zoom")).to_have_text("100 %")
    for at, wheel in (((420, 130), -924), ((400, 150), 240), ((430, 160), -1200)):
        zoom(coffee, at, wheel)
        xs, ys = around(*at, reach=6)
        assert (seen_at(coffee, xs, ys) == photo[ys, xs]).all()

    expect(page.get_by_test_id("pixel-grid")).to_be_visible()
    assert coffee.scale > 8
    with_lines = coffee.seen().astype(int)
    page.keyboard.press("Shift+G")
    expect(page.get_by_test_id("pixel-grid")).to_have_count(0)
    lines = np.abs(with_lines - coffee.seen()).max(axis=-1) > 0
    for axis, start in enumerate(reversed(coffee.corner)):
        share = lines.mean(axis=1 - axis)
        places = np.arange(len(share))
        # How far each row or column of the screen is from the border between two of the image's pixels.
        past = (places - start) % coffee.scale
        near = np.minimum(past, coffee.scale - past) < 2
        borders = (places - start) // coffee.scale
        assert all(share[near & (borders == border)].max() > 0.5 for border in np.unique(borders)[1:-1])
        assert share[~near].max() < 3 / coffee.scale, "only the lines that cross it"
    page.keyboard.press("0")
    assert (image_seen(coffee) == photo).all()


def test_the_selected_mask_fills_the_stage_and_is_drawn_as_strongly_as_wished(coffee: Annotator) -> None:
    page = coffee.page
    photo = photograph("coffee.png").astype(int)
    coffee.drag((300, 200), (360, 240))
    coffee.save()
    [saved] = coffee.saved_masks()
    mask = pixels(saved)
    left, top, right, bottom = bounds(mask)
    inside = np.zeros(COFFEE, bool)
    inside[top + 4 : bottom - 4, left + 4 : right - 4] = True

    for way in ("key", "list"):
        if way == "key":
            coffee.select(0)
            page.keyboard.press("z")
        else:
            page.keyboard.press("Escape")
            page.get_by_test_id("object-item").locator("[data-row-button]").dblclick()
        expect(page.get_by_test_id("selection-count")).to_have_attribute("data-count", "1")
        expect(coffee.stage).not_to_have_attribute("data-scale", "1")
        coffee.leave()
        expect(page.get_by_test_id("mask-overlay")).to_have_attribute("data-complete", "true")
        shown = coffee.seen().astype(int)
        page.keyboard.press("h")
        expect(page.get_by_test_id("mask-overlay")).to_have_attribute("data-complete", "true")
        drawn = bounds(np.abs(shown - coffee.seen()).max(axis=-1) > 0)
        page.keyboard.press("h")
        room = (shown.shape[1] - drawn[2] - drawn[0], shown.shape[0] - drawn[3] - drawn[1])
        assert np.abs(room).max() <= 2, "in the middle"
        assert np.isclose((drawn[2] - drawn[0]) / (right - left), coffee.scale, rtol=0.02)
        assert coffee.scale == 12 or min(drawn[0], drawn[1]) == pytest.approx(60, abs=2)
        page.keyboard.press("0")
        expect(coffee.stage).to_have_attribute("data-scale", "1")

    page.keyboard.press("Escape")
    coffee.leave()
    strengths = []
    for presses in (0, 5):
        for _ in range(presses):
            page.keyboard.press("Control+ArrowUp")
        strengths.append(np.abs(image_seen(coffee) - photo)[inside].mean())
    for _ in range(10):
        page.keyboard.press("Control+ArrowDown")
    strengths.insert(0, np.abs(image_seen(coffee) - photo)[inside].mean())
    assert strengths[0] <= 1, "at 0 % the photograph alone"
    assert strengths[0] + 5 < strengths[1] < strengths[2] - 5
    opacity = coffee.mask_opacity()
    assert (opacity[mask & ~inside].max(), (opacity > 0).sum()) == (210, mask.sum())

    page.keyboard.press("Shift+V")
    page.keyboard.press("o")
    seen = image_seen(coffee)
    assert np.abs(seen - photo)[inside].max() <= 1
    outline = np.abs(seen - photo).max(axis=-1) > 30
    assert bounds(outline) == (left, top, right, bottom)
    page.keyboard.press("o")
    assert np.isclose(np.abs(image_seen(coffee) - photo)[inside].mean(), strengths[1])
    assert coffee.saved_masks() == [saved]


def looked_at(photo: np.ndarray, **options: Any) -> np.ndarray:
    """What the view options say a photograph should look like."""
    value = photo[..., options["channels"]] @ np.array(options["weights"]) if "channels" in options else photo
    value = value / 255 * options.get("brightness", 1)
    value = np.clip(options.get("contrast", 1) * (value - 0.5) + 0.5, 0, 1)
    value = 255 * value ** (1 / options.get("gamma", 1))
    return np.repeat(value[..., None], 3, axis=-1) if "channels" in options else value


def test_brightness_contrast_gamma_and_channels_are_for_the_eye_only(page: Page) -> None:
    photo = photograph("coffee.png").astype(int)
    with opened_without_masks(page, "coffee.png", COFFEE) as annotator:
        annotator.click(*CUP)
        expect(annotator.root).to_have_attribute("data-is-decoding", "false", timeout=20_000)
        expect(annotator.root).to_have_attribute("data-has-current", "true")
        annotator.leave()
        found = annotator.shown_mask()
        page.keyboard.press("Escape")

        grey = {"channels": [0, 1, 2], "weights": [0.2126, 0.7152, 0.0722]}
        looks: list[tuple[list[str], dict[str, Any]]] = [
            (["Shift+ArrowUp"] * 3 + [">"] * 2, {"brightness": 1.3, "contrast": 1.2}),
            (["Shift+ArrowDown"] * 4 + ["<"] * 3, {"brightness": 0.6, "contrast": 0.7}),
            (["Shift+PageUp"] * 5, {"gamma": 1.5}),
            (["Shift+PageDown"] * 3 + ["Shift+C"], {"gamma": 0.7, "channels": [0], "weights": [1]}),
            (["Shift+C"] * 4 + ["Shift+ArrowUp"], {**grey, "brightness": 1.1}),
        ]
        for keys, options in looks:
            page.keyboard.press("Shift+V")
            for key in keys:
                page.keyboard.press(key)
            off = np.abs(image_seen(annotator) - looked_at(photo, **options))
            assert off.max() <= 3, options

        # The model sees the photograph as it is, and so does who comes back: only the look stays.
        annotator.click(*CUP)
        expect(annotator.root).to_have_attribute("data-is-decoding", "false", timeout=20_000)
        expect(annotator.root).to_have_attribute("data-has-current", "true")
        annotator.leave()
        assert (annotator.shown_mask() == found).all()
        annotator.save()
        [saved] = annotator.saved_masks()
        assert (pixels(saved) == found).all()
        page.reload()
        annotator.show_pixel_by_pixel()
        page.keyboard.press("h")
        assert np.abs(image_seen(annotator) - looked_at(photo, **options)).max() <= 3
        page.keyboard.press("v")
        page.get_by_test_id("view-reset").click()
        page.keyboard.press("Escape")
        assert (image_seen(annotator) == photo).all()
        assert annotator.saved_masks() == [saved]


def test_crosshair_and_minimap_lead_over_a_large_photograph(page: Page) -> None:
    photo = photograph("deep-field.jpg").astype(int)
    with opened_without_masks(page, "deep-field.jpg", DEEP_FIELD, uses_decoder=False) as annotator:
        page.keyboard.press("r")
        page.keyboard.press("f")
        box = annotator.stage.bounding_box()
        assert box
        expect(page.get_by_test_id("minimap")).to_have_count(0)
        plain = annotator.seen().astype(int)
        page.keyboard.press("x")
        page.mouse.move(box["x"] + 400, box["y"] + 300, steps=3)
        crossed = np.abs(annotator.seen() - plain).max(axis=-1) > 60
        rows, columns = crossed.sum(axis=1), crossed.sum(axis=0)
        assert (rows.argmax(), columns.argmax()) == (300, 400)
        assert rows[300] > 0.9 * crossed.shape[1]
        assert columns[400] > 0.9 * crossed.shape[0]
        assert crossed.sum() < 1.1 * (rows[300] + columns[400])
        page.keyboard.press("x")
        assert np.abs(annotator.seen() - plain).max() < 10

        for _ in range(6):
            page.keyboard.press("+")
        minimap = page.get_by_test_id("minimap")
        expect(minimap).to_be_visible()
        area = minimap.bounding_box()
        assert area
        for share in ((0.75, 0.7), (0.3, 0.4)):
            left = annotator.stage.get_attribute("data-left") or ""
            page.mouse.click(area["x"] + share[0] * area["width"], area["y"] + share[1] * area["height"])
            expect(annotator.stage).not_to_have_attribute("data-left", left)
            expect_in_the_middle(annotator, share, photo)
            part = page.locator(".minimap-part").bounding_box()
            assert part
            shown = (part["width"] / area["width"], part["height"] / area["height"])
            seen = (
                box["width"] / annotator.scale / DEEP_FIELD[1],
                box["height"] / annotator.scale / DEEP_FIELD[0],
            )
            assert shown == pytest.approx(seen, abs=0.03)
        page.keyboard.press("w")
        expect(minimap).to_have_count(0)


def expect_in_the_middle(annotator: Annotator, share: tuple[float, float], photo: np.ndarray) -> None:
    """The stage's middle shows that place of the photograph, given as shares of its sides."""
    height, width = annotator.size
    x, y = round(share[0] * width), round(share[1] * height)
    box = annotator.stage.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    # A pixel of the map is six of the photograph.
    assert np.abs(np.subtract(annotator.page_point(x, y), middle)).max() <= 3 * annotator.scale
    xs, ys = around(x, y, reach=20)
    assert np.abs(seen_at(annotator, xs, ys) - photo[ys, xs]).mean() < 3
