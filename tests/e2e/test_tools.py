"""Each smart tool on a photograph, as a person uses it with mouse and keyboard; pixels decide."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import Annotator, opened_without_masks
from tests.e2e.stored import pixels

pytestmark = pytest.mark.e2e

SIZE = (512, 512)  # of photographer.png, (height, width)
BODY = (180, 300)


@pytest.fixture
def annotator(page: Page) -> Iterator[Annotator]:
    """The photographer."""
    with opened_without_masks(page, "photographer.png", SIZE) as annotator:
        yield annotator


def wait_for_decode(annotator: Annotator) -> None:
    expect(annotator.root).to_have_attribute("data-is-decoding", "false", timeout=20_000)


def make(annotator: Annotator, x: float, y: float) -> None:
    """Clicks at an image pixel and waits for the answer."""
    annotator.click(x, y)
    expect(annotator.root).to_have_attribute("data-has-current", "true", timeout=20_000)
    wait_for_decode(annotator)


def paint_rectangle(annotator: Annotator, start: tuple[int, int], end: tuple[int, int]) -> None:
    annotator.page.keyboard.press("r")
    annotator.drag(start, end)
    annotator.save()
    annotator.page.keyboard.press("s")


def test_a_click_is_dragged_turned_and_removed_and_each_is_one_step_to_undo(annotator: Annotator) -> None:
    page = annotator.page
    make(annotator, *BODY)
    at_first = annotator.shown_mask()
    assert at_first[BODY[1], BODY[0]]

    annotator.drag(BODY, (430, 60))  # into the sky
    wait_for_decode(annotator)
    in_the_sky = annotator.shown_mask()
    assert in_the_sky[60, 430]
    assert not (in_the_sky == at_first).all()
    page.keyboard.press("Control+z")
    assert (annotator.shown_mask() == at_first).all()

    page.keyboard.press("Escape")

    make(annotator, *BODY)
    annotator.click(430, 60)
    wait_for_decode(annotator)
    page.mouse.click(*annotator.page_point(430, 60), button="right")
    page.get_by_test_id("prompt-turn").click()
    wait_for_decode(annotator)
    annotator.hover(430, 60)
    page.keyboard.press("Delete")
    wait_for_decode(annotator)
    annotator.save()
    [mask] = annotator.saved_masks()
    assert mask["prompts"]["points"] == [[*BODY, 1]]


def test_the_box_is_resized_by_its_handles_and_its_prompts_come_back_after_saving(
    annotator: Annotator,
) -> None:
    page = annotator.page
    annotator.drag((60, 60), (240, 400))
    wait_for_decode(annotator)
    annotator.drag((240, 400), (280, 480))
    wait_for_decode(annotator)
    annotator.save()
    [first] = annotator.saved_masks()
    [x0, y0, x1, y1] = first["prompts"]["box"]
    assert np.allclose([x0, y0, x1, y1], [60.5, 60.5, 280.5, 480.5], atol=1)

    annotator.select(0)
    page.keyboard.press("m")
    wait_for_decode(annotator)
    annotator.leave()
    assert (annotator.shown_mask() == pixels(first)).all()
    annotator.click(*BODY)
    wait_for_decode(annotator)
    page.keyboard.press("Enter")
    expect(annotator.root).to_have_attribute("data-has-current", "false")
    [second] = annotator.saved_masks()
    assert (second["id"], second["revision"]) == (first["id"], first["revision"] + 1)
    assert second["prompts"]["box"] == first["prompts"]["box"]
    assert second["prompts"]["points"] == [[*BODY, 1]]


def test_the_picker_lies_beside_the_mask_previews_and_chooses(annotator: Annotator) -> None:
    page = annotator.page
    make(annotator, *BODY)
    picker = page.get_by_test_id("candidate-picker").bounding_box()
    assert picker
    x, y = annotator.page_point(*BODY)
    is_beside = not (
        picker["x"] <= x <= picker["x"] + picker["width"]
        and picker["y"] <= y <= picker["y"] + picker["height"]
    )
    assert is_beside
    chosen = annotator.shown_mask()
    page.get_by_test_id("pick-1").hover()
    previewed = annotator.shown_mask()
    assert not (previewed == chosen).all()
    annotator.hover(*BODY)
    assert (annotator.shown_mask() == chosen).all()
    page.keyboard.press("Shift+Digit2")
    expect(page.get_by_test_id("pick-1")).to_have_attribute("data-selected", "true")
    assert (annotator.shown_mask() == previewed).all()
    annotator.save()
    [mask] = annotator.saved_masks()
    assert (pixels(mask) == previewed).all()


def test_an_imported_mask_is_refined_with_one_click(annotator: Annotator) -> None:
    page = annotator.page
    imported = np.zeros(SIZE, bool)
    imported[100:400, 100:240] = True
    [stored] = annotator.add_masks(imported)
    annotator.wait_until_usable()
    annotator.select(0)
    page.keyboard.press("m")
    expect(annotator.root).to_have_attribute("data-has-current", "true")
    annotator.click(*BODY)
    expect(page.get_by_test_id("candidate-1")).to_be_visible(timeout=20_000)
    page.keyboard.press("Enter")
    expect(annotator.root).to_have_attribute("data-has-current", "false")
    [refined] = annotator.saved_masks()
    assert refined["id"] == stored["id"]
    assert refined["prompts"]["points"] == [[*BODY, 1]]
    now = pixels(refined)
    assert now[BODY[1], BODY[0]]
    assert not (now == imported).all()
    # The mask is what the click corrects: the answer still has to do with it.
    assert (now & imported).sum() / (now | imported).sum() > 0.2


def test_a_new_mask_yields_to_what_is_there_and_looks_so_before_it_is_saved(annotator: Annotator) -> None:
    page = annotator.page
    paint_rectangle(annotator, (100, 100), (200, 300))
    page.keyboard.press("y")
    expect(page.get_by_test_id("yields")).to_have_attribute("data-on", "true")
    page.keyboard.press("h")
    page.keyboard.press("r")
    annotator.drag((150, 150), (260, 260))
    shown = annotator.shown_mask()
    assert not shown[200, 180]
    assert shown[200, 230]
    annotator.save()
    first, second = annotator.saved_masks()
    assert not (pixels(first) & pixels(second)).any()
    assert (pixels(second) == shown).all()
    page.keyboard.press("y")
    expect(page.get_by_test_id("yields")).to_have_attribute("data-on", "false")


def test_masks_are_copied_on_the_image_and_to_the_next_one(annotator: Annotator) -> None:
    page = annotator.page
    paint_rectangle(annotator, (100, 100), (140, 130))
    [original] = annotator.saved_masks()
    annotator.select(0)
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    expect(page.get_by_test_id("object-item")).to_have_count(2)
    _, copy = annotator.saved_masks()
    assert copy["id"] != original["id"]
    assert (pixels(copy)[12:, 12:] == pixels(original)[:-12, :-12]).all()
    page.keyboard.press("Control+z")
    expect(page.get_by_test_id("object-item")).to_have_count(1)

    # The coins are of another shape: they are refused with a word, and one stays.
    annotator.select(0)
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("the shapes differ too much")).to_be_visible()
    expect(page.get_by_test_id("file-name")).to_contain_text("photographer.png")


def test_everything_under_a_box_is_proposed_and_accepted(annotator: Annotator) -> None:
    page = annotator.page
    annotator.drag((100, 60), (280, 240))
    wait_for_decode(annotator)
    page.keyboard.press("g")
    bar = page.get_by_test_id("proposal-bar")
    expect(bar).to_have_attribute("data-running", "true")
    expect(bar).to_have_attribute("data-running", "false", timeout=300_000)
    count = int(page.get_by_test_id("proposal-count").get_attribute("data-count") or 0)
    assert count > 1
    shown = annotator.shown_mask()
    page.keyboard.press("Enter")
    # Of many rows only those in sight are there.
    rows = page.get_by_role("grid", name="Saved masks")
    expect(rows).to_have_attribute("aria-rowcount", str(count))
    masks = annotator.saved_masks()
    found = [pixels(mask) for mask in masks]
    assert (np.any(found, axis=0) == shown).all()
    for index, one in enumerate(found):
        assert one[60:241, 100:281].sum() >= 0.8 * one.sum()
        for other in found[index + 1 :]:
            assert (one & other).sum() / (one | other).sum() <= 0.7
    page.keyboard.press("Control+z")
    expect(page.get_by_test_id("object-item")).to_have_count(0)
    expect(page.get_by_test_id("proposal-count")).to_have_attribute("data-count", str(count))
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
