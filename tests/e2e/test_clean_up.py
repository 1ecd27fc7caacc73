"""Masks cleaned, split, merged and cut as wholes: SciPy says what should become of a ragged one of the photograph."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy import ndimage

from tests.e2e.annotator import Annotator, expect_objects, opened_without_masks
from tests.e2e.photographs import photograph
from tests.e2e.stored import pixels

pytestmark = pytest.mark.e2e

SIZE = (512, 512)  # of photographer.png, (height, width)
CROSS = ndimage.generate_binary_structure(2, 1)
SQUARE = ndimage.generate_binary_structure(2, 2)


@pytest.fixture
def annotator(page: Page) -> Iterator[Annotator]:
    """The photographer."""
    with opened_without_masks(page, "photographer.png", SIZE, uses_decoder=False) as annotator:
        yield annotator


@pytest.fixture(scope="module")
def ragged() -> np.ndarray:
    """All that is black in the photograph: the coat, and 204 other parts, most of a few pixels; with holes."""
    return photograph("photographer.png")[..., 0] < 30


def parts(mask: np.ndarray) -> list[np.ndarray]:
    """The connected parts, the largest first; corners connect."""
    numbers, count = ndimage.label(mask, SQUARE)
    return sorted((numbers == number for number in range(1, count + 1)), key=lambda part: -part.sum())


def without_specks(mask: np.ndarray, area: int) -> np.ndarray:
    return np.any([part for part in parts(mask) if part.sum() >= area], axis=0)


def smoothed(mask: np.ndarray) -> np.ndarray:
    """What most pixels of the 5 x 5 around are, within the image; where they are even it stays."""
    square = np.ones((5, 5), int)
    inside = ndimage.convolve(mask.astype(int), square, mode="constant")
    all_pixels = ndimage.convolve(np.ones(SIZE, int), square, mode="constant")
    return np.where(2 * inside == all_pixels, mask, 2 * inside > all_pixels)


def grown(mask: np.ndarray) -> np.ndarray:
    return np.asarray(ndimage.binary_dilation(mask, CROSS))


def shrunk(mask: np.ndarray) -> np.ndarray:
    """The image's border takes nothing away."""
    return np.asarray(ndimage.binary_erosion(mask, CROSS, border_value=1))


CLEANINGS: list[tuple[str, str, Callable[[np.ndarray], np.ndarray]]] = [
    ("fillHoles", "Shift+F", ndimage.binary_fill_holes),
    ("dropSpecks10", "Shift+Q", lambda mask: without_specks(mask, 10)),
    ("dropSpecks100", "Shift+W", lambda mask: without_specks(mask, 100)),
    ("dropSpecks1000", "Shift+E", lambda mask: without_specks(mask, 1000)),
    ("keepLargest", "Shift+L", lambda mask: parts(mask)[0]),
    ("smooth", "Shift+O", smoothed),
    ("grow", ".", grown),
    ("shrink", ",", shrunk),
]


def test_every_cleaning_does_what_it_says_and_is_one_step_to_undo(
    annotator: Annotator, ragged: np.ndarray
) -> None:
    page = annotator.page
    [before] = annotator.add_masks(ragged)
    annotator.select(0)
    annotator.leave()
    revision = before["revision"]
    for name, key, rule in CLEANINGS:
        page.keyboard.press(key)
        [cleaned] = annotator.saved_masks()
        expected = rule(ragged)
        assert expected.sum() != ragged.sum(), f"{name} is not shown by this mask"
        assert (pixels(cleaned) == expected).all(), name
        assert (annotator.shown_mask() == expected).all(), name
        page.keyboard.press("Control+z")
        [back] = annotator.saved_masks()
        assert (pixels(back) == ragged).all(), name
        assert (back["id"], back["revision"]) == (before["id"], revision + 2)
        revision += 2

    # One after the other, from the menu; the last changes nothing any more, and says so.
    for name in ("smooth", "fillHoles", "keepLargest", "dropSpecks10"):
        page.get_by_test_id("mask-menu").click()
        page.get_by_test_id(f"mask-{name}").click()
    expect(page.get_by_text("That changes nothing here.")).to_be_visible()
    [clean] = annotator.saved_masks()
    assert (pixels(clean) == parts(ndimage.binary_fill_holes(smoothed(ragged)))[0]).all()
    assert clean["revision"] == revision + 3


def test_a_mask_being_made_is_cleaned_before_it_is_saved(annotator: Annotator) -> None:
    page = annotator.page
    page.keyboard.press("r")
    annotator.drag((100, 100), (200, 180))
    annotator.drag((300, 100), (308, 108))
    annotator.drag((140, 130), (150, 140), modifier="Alt")
    for key in ("Shift+W", ".", "Shift+F"):
        page.keyboard.press(key)
    annotator.save()
    [mask] = annotator.saved_masks()
    rectangle = np.zeros(SIZE, bool)
    # Corners are rounded to whole pixels, as the pointer is in the middle of one.
    rectangle[101:181, 101:201] = True
    assert mask["revision"] == 1
    assert (pixels(mask) == grown(rectangle)).all()


def test_a_mask_is_split_its_parts_merged_and_one_cut_out_of_another(
    annotator: Annotator, ragged: np.ndarray
) -> None:
    page = annotator.page
    whole = without_specks(ragged, 100)
    pieces = parts(whole)
    [before] = annotator.add_masks(whole)
    annotator.select(0)
    page.keyboard.press("Shift+X")
    expect_objects(page, len(pieces))
    split = annotator.saved_masks()
    assert len(split) == len(pieces) == 7
    for mask, piece in zip(sorted(split, key=lambda one: -one["area"]), pieces, strict=True):
        assert (pixels(mask) == piece).all()
        assert mask["label"] == before["label"]
    assert max(split, key=lambda one: one["area"])["id"] == before["id"]

    # Two of the parts become one: the first selected stays, the other goes.
    annotator.select(1, 2)
    first, second = (
        page.get_by_test_id("object-item").nth(row).get_attribute("data-mask-id") for row in (1, 2)
    )
    page.get_by_test_id("mask-menu").click()
    page.get_by_test_id("mask-merge").click()
    expect_objects(page, len(pieces) - 1)
    merged = {mask["id"]: pixels(mask) for mask in annotator.saved_masks()}
    apart = {mask["id"]: pixels(mask) for mask in split}
    assert second not in merged
    assert (merged[first] == (apart[first] | apart[second])).all()
    page.keyboard.press("Control+z")
    expect_objects(page, len(pieces))
    assert {mask["id"] for mask in annotator.saved_masks()} == set(apart)
    page.keyboard.press("Control+z")
    expect_objects(page, 1)
    [together] = annotator.saved_masks()
    assert (pixels(together) == whole).all()

    page.keyboard.press("Escape")
    page.keyboard.press("r")
    annotator.drag((150, 200), (250, 300))
    annotator.save()
    annotator.select(0, 1)
    page.get_by_test_id("mask-menu").click()
    page.get_by_test_id("mask-subtract").click()
    cut, knife = annotator.saved_masks()
    assert 0 < pixels(cut).sum() < whole.sum()
    assert (pixels(cut) == (whole & ~pixels(knife))).all()
    assert knife["revision"] == 1
