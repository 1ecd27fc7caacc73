"""Seconds per mask are those somebody was at work: a scripted person with known pauses."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import expect_objects, opened_without_masks
from tests.e2e.stored import masks_of

pytestmark = pytest.mark.e2e

SIZE = (400, 600)
SHORT, IDLE = 4.0, 20.0


def test_what_counts_is_work_and_short_pauses_not_absence(page: Page) -> None:
    """Strokes for some seconds each, a pause one thinks in, another one away from the desk, then a stroke and Enter."""
    with opened_without_masks(page, "coffee.png", SIZE, uses_decoder=False) as annotator:
        page.keyboard.press("b")

        def stroke(top: float, seconds: float) -> None:
            page.mouse.move(*annotator.page_point(100, top))
            page.mouse.down()
            until, x = time.monotonic() + seconds, 100.0
            while time.monotonic() < until:
                x += 2
                page.mouse.move(*annotator.page_point(x, top))
                time.sleep(0.05)
            page.mouse.up()

        page.mouse.move(*annotator.page_point(100, 100))
        started = time.monotonic()
        stroke(100, 5)
        time.sleep(SHORT)
        stroke(140, 5)
        time.sleep(IDLE)
        away = time.monotonic()
        stroke(180, 5)
        page.keyboard.press("Enter")
        at_work = time.monotonic() - started - IDLE
        expect_objects(page, 1)
        expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
        [mask] = masks_of(page, annotator.image_id)
        measured = mask["seconds_spent"]
        print(
            f"\n{measured:.2f} s measured, {at_work:.2f} s at work, off by {abs(measured / at_work - 1):.1%}; "
            f"{time.monotonic() - started:.0f} s passed, the last stroke began {away - started:.0f} s after the first"
        )
        assert abs(measured / at_work - 1) < 0.05
