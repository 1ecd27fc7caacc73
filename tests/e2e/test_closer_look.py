"""A box around a small object: the window around it is embedded, and the mask comes from there, in the image's pixels."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import Annotator, opened_without_masks
from tests.e2e.stored import pixels

pytestmark = pytest.mark.e2e

SIZE = (303, 384)  # of coins.png, (height, width)
COIN = (129, 26, 182, 76)  # a box around one of them, XYXY
WINDOW = "88-0-216-128"


@pytest.fixture
def annotator(page: Page) -> Iterator[Annotator]:
    """The coins."""
    with opened_without_masks(page, "coins.png", SIZE) as annotator:
        yield annotator


def test_a_box_around_a_coin_is_decoded_from_its_window(annotator: Annotator) -> None:
    page = annotator.page
    look = page.get_by_test_id("looks-closer")
    expect(look).to_have_attribute("aria-pressed", "true")
    path = f"/crops/{WINDOW}/embedding/"
    with page.expect_response(lambda answer: path in answer.url, timeout=120_000) as embedding:
        annotator.drag(COIN[:2], (150, 50), COIN[2:])
    assert embedding.value.ok
    expect(look).to_have_attribute("data-look", "ready", timeout=60_000)
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    annotator.leave()
    page.keyboard.press("Enter")
    expect(look).to_have_attribute("data-look", "none")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")

    image = page.url.rpartition("/")[2]
    (mask,) = page.request.get(f"/api/v1/images/{image}/masks/").json()
    assert np.abs(np.subtract(mask["prompts"]["box"], COIN)).max() <= 1
    shown = pixels(mask)
    box = np.zeros(SIZE, bool)
    box[COIN[1] : COIN[3], COIN[0] : COIN[2]] = True
    # Where it lies, not how good it is, which is the model's matter: most of it in the box, and most of the box.
    assert (shown & box).sum() / (shown | box).sum() > 0.4


def test_who_does_not_want_it_gets_no_closer_look(annotator: Annotator) -> None:
    page = annotator.page
    look = page.get_by_test_id("looks-closer")
    look.click()
    expect(look).to_have_attribute("aria-pressed", "false")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    annotator.drag((246, 97), (270, 120), (296, 143))
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    page.keyboard.press("Escape")
    expect(annotator.root).to_have_attribute("data-has-current", "false")
    assert not [url for url in asked if "/crops/" in url]
