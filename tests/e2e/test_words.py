"""A word is typed; what the model takes for it is shown, fixed by clicks, and saved with the word as its label."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import Annotator, expect_objects, expect_state, opened_without_masks

pytestmark = pytest.mark.e2e

CAT = ("cat.png", (300, 451))


def ask(page: Page, word: str) -> None:
    """By the keyboard alone."""
    expect(page.get_by_test_id("word-open")).to_be_visible()  # what the model knows has come
    page.keyboard.press("Alt+w")
    expect(page.get_by_test_id("word-input")).to_be_focused()
    page.keyboard.type(word)
    page.keyboard.press("Enter")


def shown_when(annotator: Annotator, condition: Callable[[np.ndarray], Any]) -> np.ndarray:
    """The mask on the stage, once it is as it should be: answers are drawn when they have come."""
    deadline = time.monotonic() + 30
    while not condition(mask := annotator.shown_mask()):
        assert time.monotonic() < deadline, f"{mask.sum()} pixels are shown"
        annotator.page.wait_for_timeout(100)
    return mask


def test_a_word_finds_masks_and_brings_its_label(page: Page) -> None:
    with opened_without_masks(page, *CAT) as annotator:
        ask(page, "cat")
        expect(page.get_by_test_id("word-field")).to_be_hidden()
        expect(annotator.root).to_have_attribute("data-has-current", "true")
        found = shown_when(annotator, np.any)
        # A click into the middle of the cat goes on from there, and an undo takes it back.
        annotator.click(200, 120)
        annotator.leave()
        shown_when(annotator, lambda mask: mask[120, 200] and (mask != found).any())
        page.keyboard.press("Control+z")
        annotator.leave()
        shown_when(annotator, lambda mask: (mask == found).all())
        page.keyboard.press("Enter")
        expect_objects(page, 1)
        expect(page.get_by_test_id("object-item")).to_have_attribute("data-label", "cat")
        expect_state(page, "saved", 0)
        page.reload()
        annotator.wait_until_usable()
        expect_objects(page, 1)


def test_a_word_that_nobody_taught_says_which_one_was_taken_for_it(page: Page) -> None:
    with opened_without_masks(page, *CAT) as annotator:
        ask(page, "xylophone")
        answer = page.get_by_test_id("word-note").or_(page.get_by_test_id("word-failure"))
        expect(answer).to_contain_text("microwave")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(annotator.root).to_have_attribute("data-has-current", "false")


def test_a_word_is_given_up_and_the_field_leaves_nothing_behind(page: Page) -> None:
    with opened_without_masks(page, *CAT) as annotator:
        page.get_by_test_id("word-open").click()
        expect(page.get_by_test_id("word-find")).to_be_disabled()
        page.keyboard.type("ca")
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("word-field")).to_be_hidden()
        annotator.hover(200, 120)
        expect(annotator.root).to_have_attribute("data-has-preview", "true")
