"""Masks that look alike, found from the annotator and labelled together; and which image people are given next."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.builders import rectangle
from tests.e2e.annotator import Annotator, expect_objects, log_in, without_decoder
from tests.e2e.stored import create_masks, make_project, masks_of, send
from tests.e2e.test_accessibility import set_theme, violations

pytestmark = pytest.mark.e2e

FILES = ("coins.png", "coffee.png", "rocket.jpg")
JOB_MS = 180_000


@pytest.fixture
def project(page: Page) -> Iterator[int]:
    """Three photographs in a project of their own, embedded."""
    without_decoder(page.context)
    log_in(page)
    made = make_project(page, "Alike", *FILES)
    page.goto(f"/projects/{made}")
    for file_name in FILES:
        card = page.locator(f'[data-testid="image-card"][data-file-name="{file_name}"]')
        expect(card).to_have_attribute("data-state", "ready", timeout=JOB_MS)
    yield made
    assert send(page, "DELETE", f"/api/v1/projects/{made}/").status == 204


def images_of(page: Page, project: int, **query: Any) -> list[dict[str, Any]]:
    answer = page.request.get(f"/api/v1/projects/{project}/images/", params=query)
    assert answer.ok, answer.text()
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_similar_masks_are_found_labelled_together_and_gone_to(page: Page, project: int) -> None:
    images = {one["file_name"]: one for one in images_of(page, project)}
    label = send(page, "POST", f"/api/v1/projects/{project}/labels/", {"name": "other"}).json()["id"]
    drawn: dict[str, list[dict[str, Any]]] = {}
    for file_name, image in images.items():
        size = image["height"], image["width"]
        shapes = [rectangle(*size, 20, 20 + step, 90, 90 + step) for step in (0, 60, 120)]
        drawn[file_name] = create_masks(page, str(image["id"]), *shapes)
    coins = images["coins.png"]
    page.goto(f"/images/{coins['id']}")
    expect_objects(page, 3)
    annotator = Annotator(page, (coins["height"], coins["width"]))
    annotator.show_pixel_by_pixel()
    # With nothing selected a hint says what to do.
    page.keyboard.press("Control+Shift+F")
    expect(page.get_by_text("Select a mask first.")).to_be_visible()
    annotator.select(0)
    page.get_by_test_id("find-similar").click()
    similar = page.get_by_test_id("similar")
    # The masks were not looked at before; a job does it, and the sheet fills by itself.
    expect(similar).to_have_attribute("data-ready", "true", timeout=JOB_MS)
    cards = page.get_by_test_id("sheet-card")
    expect(cards).to_have_count(8, timeout=JOB_MS)
    expect(page.get_by_test_id("similar-compared")).to_have_text("8 masks compared")
    asked = masks_of(page, str(coins["id"]))[0]["id"]
    told = page.request.get(f"/api/v1/masks/{asked}/similar/").json()
    assert (told["missing"], told["job"]) == (0, None)
    ids = [one["mask"] for one in told["results"]]
    assert [card.get_attribute("data-id") for card in cards.all()] == ids
    values = [one["similarity"] for one in told["results"]]
    assert values == sorted(values, reverse=True)
    for theme in ("dark", "light"):
        # Which loads the page anew.
        set_theme(page, theme)
        expect_objects(page, 3)
        annotator.select(0)
        page.keyboard.press("Control+Shift+F")
        expect(cards).to_have_count(8)
        assert violations(page) == []

    # By keys: three are selected and get the third label; that is taken back, and done again from the menu.
    sheet = page.get_by_test_id("contact-sheet")
    sheet.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_test_id("similar-chosen")).to_have_attribute("data-count", "3")

    def labelled() -> set[str]:
        masks = [mask for image in images.values() for mask in masks_of(page, str(image["id"]))]
        return {mask["id"] for mask in masks if mask["label"] == label}

    page.keyboard.press("3")
    expect(cards.nth(2)).to_contain_text("other")
    assert labelled() == set(ids[:3])
    page.keyboard.press("u")
    expect(cards.nth(2)).to_contain_text("object")
    assert labelled() == set()
    page.get_by_test_id("similar-label").click()
    page.get_by_role("option", name="other", exact=True).click()
    expect(cards.nth(0)).to_contain_text("other")
    assert labelled() == set(ids[:3])
    # Only those with a label.
    page.get_by_test_id("similar-filter").click()
    page.get_by_role("option", name="other", exact=True).click()
    expect(cards).to_have_count(3)
    page.get_by_test_id("similar-filter").click()
    page.get_by_role("option", name="All masks", exact=True).click()
    expect(cards).to_have_count(8)

    # To one on another image, which opens with the mask selected.
    index, there = next(
        (place, one) for place, one in enumerate(told["results"]) if one["image"] != coins["id"]
    )
    cards.nth(index).dblclick()
    page.wait_for_url(f"**/images/{there['image']}")
    expect_objects(page, 3)
    expect(page.get_by_test_id("selection-count")).to_have_attribute("data-count", "1")
    place = [mask["id"] for mask in masks_of(page, str(there["image"]))].index(there["mask"])
    row = page.get_by_test_id("object-item").nth(place)
    expect(row).to_have_attribute("aria-selected", "true")


def test_the_most_uncertain_image_is_given_out_next(page: Page, project: int) -> None:
    opener = page.get_by_test_id("order-open")
    expect(opener).to_have_attribute("data-order", "upload")
    opener.click()
    page.get_by_test_id("order-uncertainty").check()
    expect(opener).to_have_attribute("data-order", "uncertainty")
    ranked = page.get_by_test_id("order-ranked")
    expect(ranked).to_have_attribute("data-ranked", "3", timeout=JOB_MS)
    expect(page.get_by_test_id("score-chart")).to_be_visible()
    for theme in ("dark", "light"):
        set_theme(page, theme)
        opener.click()
        expect(page.get_by_test_id("score-chart")).to_be_visible()
        assert violations(page) == []
    page.keyboard.press("Escape")
    expect(ranked).to_be_hidden()
    found = images_of(page, project, ordering="rank")
    scores = [one["work"]["score"] for one in found]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    # The grid in this order, with the scores.
    page.get_by_test_id("image-sorting").click()
    page.get_by_role("option", name="As given out").click()
    cards = page.get_by_test_id("image-card")
    expect(cards.first).to_have_attribute("data-image-id", str(found[0]["id"]))
    expect(cards.first.get_by_test_id("image-score")).to_have_text(f"{scores[0]:.2f}")
    page.get_by_test_id("label-next").click()
    page.wait_for_url(f"**/images/{found[0]['id']}")
