"""Fingers: a tap clicks, a long press takes away, one finger drags with the tool, two move and zoom the image."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.annotator import Annotator, expect_objects, opened_without_masks
from tests.e2e.conftest import RunningSystem
from tests.e2e.shapes import stroke
from tests.e2e.stored import pixels

pytestmark = pytest.mark.e2e

SIZE = (400, 600)  # of coffee.png, (height, width)
CUP, TABLE = (300, 110), (520, 350)


@pytest.fixture
def context(browser: Browser, anymask: RunningSystem) -> Iterator[BrowserContext]:
    """A tablet's browser."""
    context = browser.new_context(
        base_url=anymask.url, viewport={"width": 1180, "height": 820}, has_touch=True
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


class Fingers:
    """Fingers on the screen, each at a place of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.devtools = page.context.new_cdp_session(page)

    def down(self, *places: tuple[float, float]) -> None:
        self.send("touchStart", places)

    def move(self, *places: tuple[float, float]) -> None:
        self.send("touchMove", places)

    def up(self) -> None:
        """After a rest: to Chromium fingers lifted in full flight fling, and the next tap would only end that."""
        self.page.wait_for_timeout(150)
        self.send("touchEnd", ())

    def send(self, kind: str, places: tuple[tuple[float, float], ...]) -> None:
        points = [{"id": number, "x": x, "y": y} for number, (x, y) in enumerate(places)]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def pinch(fingers: Fingers, middle: np.ndarray, apart: float, then_apart: float, shift: np.ndarray) -> None:
    """Two fingers left and right of a place, moved to the sides and together by `shift`."""

    def places(share: float) -> list[tuple[float, float]]:
        x, y = middle + share * shift
        reach = apart + share * (then_apart - apart)
        return [(x - reach, y), (x + reach, y)]

    fingers.down(*places(0))
    for share in (0.25, 0.5, 0.75, 1):
        fingers.move(*places(share))
    fingers.up()


def expect_decoded(annotator: Annotator) -> None:
    expect(annotator.root).to_have_attribute("data-has-current", "true", timeout=20_000)
    expect(annotator.root).to_have_attribute("data-is-decoding", "false", timeout=20_000)


def test_fingers_click_take_away_drag_paint_and_move_and_zoom_the_image(page: Page) -> None:
    with opened_without_masks(page, "coffee.png", SIZE) as annotator:
        fingers = Fingers(page)
        page.touchscreen.tap(*annotator.page_point(*CUP))
        expect_decoded(annotator)
        tapped = annotator.shown_mask()
        assert tapped[CUP[1], CUP[0]]
        fingers.down(annotator.page_point(*TABLE))
        page.wait_for_timeout(700)  # a long press
        fingers.up()
        expect_decoded(annotator)
        page.get_by_test_id("mask-save").tap()
        expect_objects(page, 1)
        [clicked] = annotator.saved_masks()
        assert clicked["prompts"]["points"] == [[*CUP, 1], [*TABLE, 0]]
        assert (annotator.shown_mask() == pixels(clicked)).all()

        # One finger asks with a box.
        corners = (200, 60), (400, 220)
        fingers.down(annotator.page_point(*corners[0]))
        for share in (0.3, 0.7, 1):
            x, y = np.array(corners[0]) + share * np.subtract(corners[1], corners[0])
            fingers.move(annotator.page_point(x, y))
        fingers.up()
        expect_decoded(annotator)
        page.get_by_test_id("mask-save").tap()
        expect_objects(page, 2)
        _, boxed = annotator.saved_masks()
        assert np.allclose(boxed["prompts"]["box"], [200.5, 60.5, 400.5, 220.5], atol=1)
        assert boxed["prompts"]["points"] == []

        # Two fingers move apart, then together to the side: the image follows, nothing is asked for.
        there = np.array(annotator.page_point(320, 160))
        # How far each finger is from their middle, before and after, and how far they move together.
        for apart, then_apart, shift, percent in ((60, 120, (0, 0), 200), (120, 90, (70, 40), 150)):
            pinch(fingers, there, apart, then_apart, np.array(shift))
            expect(page.get_by_test_id("zoom")).to_have_text(f"{percent} %")
            there += shift
            assert np.abs(annotator.page_point(320, 160) - there).max() <= 2, (
                "what was between the fingers is"
            )
        expect(annotator.root).to_have_attribute("data-has-current", "false")

        # A finger paints, however large the image is shown.
        page.get_by_test_id("tool-brush").tap()
        line = (280, 140), (340, 180)
        fingers.down(annotator.page_point(*line[0]))
        fingers.move(annotator.page_point(310, 160))
        fingers.move(annotator.page_point(*line[1]))
        fingers.up()
        page.get_by_test_id("mask-save").tap()
        expect_objects(page, 3)
        painted = pixels(annotator.saved_masks()[2])
        expected = stroke(SIZE, 10, (280.5, 140.5), (340.5, 180.5))
        assert (painted & expected).sum() / (painted | expected).sum() > 0.95
