"""300 masks on one image: found, selected, relabelled, stacked, hidden, locked, and all of it taken back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, expect

from tests.builders import encode_mask, make_file, make_pixels, rectangle
from tests.e2e.annotator import Annotator, log_in
from tests.e2e.conftest import RunningSystem

pytestmark = pytest.mark.e2e

HEIGHT, WIDTH = 400, 600
CELL = 20
COLUMNS = WIDTH // CELL
CARS = range(0, 298, 12)
# The last two overlap: the smaller one lies over the larger one until told otherwise.
LARGE, SMALL = 298, 299


@dataclass(frozen=True)
class Crowded:
    """A project with one image of 300 masks, seen through the API."""

    request: APIRequestContext
    project: int
    image: int
    labels: dict[str, int]

    def masks(self) -> list[dict[str, Any]]:
        """In the order they were made."""
        answer = self.request.get(f"/api/v1/images/{self.image}/masks/")
        assert answer.ok
        masks: list[dict[str, Any]] = answer.json()
        return masks


def post(request: APIRequestContext, url: str, **options: Any) -> Any:
    answer = request.post(url, **options)
    assert answer.ok, answer.text()
    return answer.json()


def cell(number: int) -> tuple[int, int, int, int]:
    """(top, left, bottom, right) of a mask; the two that overlap lie below the others."""
    if number == LARGE:
        return 320, 100, 380, 200
    if number == SMALL:
        return 330, 110, 350, 140
    top, left = number // COLUMNS * CELL, number % COLUMNS * CELL
    return top + 2, left + 2, top + CELL - 2, left + CELL - 2


@pytest.fixture(scope="module")
def crowded(browser: Browser, anymask: RunningSystem) -> Iterator[Crowded]:
    """Made through the API; gone afterwards, since other tests count projects."""
    context = browser.new_context(base_url=anymask.url)
    token = post(context.request, "/api/v1/auth/token/", data={"username": "demo", "password": "demo"})[
        "token"
    ]
    context.close()
    scripted = browser.new_context(
        base_url=anymask.url, extra_http_headers={"Authorization": f"Token {token}"}
    )
    request = scripted.request
    project = post(request, "/api/v1/projects/", data={"name": "Crowded"})["id"]
    labels = {}
    for name in ("car", "tree"):
        data: dict[str, Any] = {"name": name}
        if name == "car":
            choice = {"name": "colour", "kind": "select", "choices": ["red", "blue"], "default": "red"}
            data["attributes"] = [choice]
        labels[name] = post(request, f"/api/v1/projects/{project}/labels/", data=data)["id"]
    content = make_file(make_pixels(WIDTH, HEIGHT))
    upload = {"files": {"name": "crowd.png", "mimeType": "image/png", "buffer": content}}
    created = post(request, f"/api/v1/projects/{project}/images/", multipart=upload)["created"]
    image = created[0]["id"]
    for number in range(300):
        body = {
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "label": labels["car" if number in CARS or number == LARGE else "tree"],
            "segmentation": encode_mask(rectangle(HEIGHT, WIDTH, *cell(number))),
            "prompts": {"points": [], "box": None, "candidate": 0},
            "stage": "assisted_manual",
        }
        post(request, f"/api/v1/images/{image}/masks/", data=body)
    yield Crowded(request, project, image, labels)
    assert request.delete(f"/api/v1/projects/{project}/").ok
    scripted.close()


@pytest.fixture
def annotator(page: Page, crowded: Crowded) -> Annotator:
    log_in(page)
    page.goto(f"/images/{crowded.image}")
    expect(page.get_by_test_id("object-item").first).to_be_visible()
    page.keyboard.press("0")
    annotator = Annotator(page, (HEIGHT, WIDTH))
    expect(annotator.stage).to_have_attribute("data-scale", "1")
    return annotator


def row(page: Page, number: int) -> Any:
    return page.locator(f'[data-mask-id="00000000-0000-4000-8000-{number:012d}"]')


def expect_selected(page: Page, count: int) -> None:
    if count == 0:
        expect(page.get_by_test_id("selection-bar")).to_have_count(0)
    else:
        expect(page.get_by_test_id("selection-count")).to_have_attribute("data-count", str(count))


def expect_saved(page: Page) -> None:
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved", timeout=90_000)


def search(page: Page, text: str) -> None:
    """Types a search by the keyboard alone, and leaves the field."""
    page.keyboard.press("/")
    expect(page.get_by_test_id("object-search")).to_be_focused()
    page.get_by_test_id("object-search").fill(text)
    page.keyboard.press("Tab")


def test_masks_are_found_relabelled_in_bulk_and_taken_back_as_one_step(
    annotator: Annotator, crowded: Crowded
) -> None:
    page = annotator.page
    before = crowded.masks()
    cars = [mask["id"] for mask in before if mask["label"] == crowded.labels["car"]]
    assert len(before) == 300
    assert page.get_by_test_id("object-item").count() < 60, "rows out of sight are drawn"

    search(page, "label:car author:demo")
    expect(page.get_by_role("grid", name="Saved masks")).to_have_attribute("aria-rowcount", str(len(cars)))
    page.keyboard.press("Control+a")
    expect_selected(page, len(cars))
    page.keyboard.press("3")
    expect(page.get_by_text("No mask fits this search.")).to_be_visible()
    expect_saved(page)
    after = crowded.masks()
    assert {mask["label"] for mask in after} == {crowded.labels["tree"]}
    assert [mask["revision"] for mask in after] == [2 if mask["id"] in cars else 1 for mask in after]

    page.keyboard.press("Control+z")
    expect(page.get_by_role("grid", name="Saved masks")).to_have_attribute("aria-rowcount", str(len(cars)))
    expect_saved(page)
    assert [mask["label"] for mask in crowded.masks()] == [mask["label"] for mask in before]


def test_ctrl_shift_and_the_arrow_keys_select_and_delete_takes_them_all(
    annotator: Annotator, crowded: Crowded
) -> None:
    page = annotator.page
    for number, modifier in ((1, None), (3, "Control"), (2, "Control"), (3, "Control")):
        row(page, number).locator("[data-row-button]").click(modifiers=[modifier] if modifier else [])
    expect_selected(page, 2)
    row(page, 5).locator("[data-row-button]").click(modifiers=["Shift"])
    expect_selected(page, 5)
    page.keyboard.press("Escape")
    expect_selected(page, 0)

    # Without any key, as on a tablet.
    page.get_by_test_id("list-menu").click()
    page.get_by_test_id("select-several").click()
    for number in (1, 3, 2, 3):
        row(page, number).locator("[data-row-button]").click()
    expect_selected(page, 2)
    page.get_by_test_id("list-menu").click()
    page.get_by_test_id("select-several").click()
    row(page, 1).locator("[data-row-button]").click()
    expect_selected(page, 1)
    row(page, 1).locator("[data-row-button]").click()
    expect_selected(page, 0)

    # By the keyboard alone: Tab from the search into the list, which is one stop.
    search(page, "label:tree")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(row(page, 1).locator("[data-row-button]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect_selected(page, 1)
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    expect_selected(page, 4)
    page.keyboard.press("End")
    expect(row(page, SMALL).locator("[data-row-button]")).to_be_focused()
    page.keyboard.press("Delete")
    expect_saved(page)
    assert len(crowded.masks()) == 296
    page.keyboard.press("Control+z")
    expect_saved(page)
    assert len(crowded.masks()) == 300


def test_what_lies_over_what_is_drawn_and_saved(annotator: Annotator, crowded: Crowded) -> None:
    page = annotator.page
    below = annotator.overlay_rgba(180, 370)[:3]
    over = annotator.overlay_rgba(120, 340)[:3]
    search(page, f"{LARGE:012d}")
    row(page, LARGE).locator("[data-row-button]").click()
    page.keyboard.press("Home")
    expect(row(page, LARGE)).to_have_attribute("data-z", "1")
    expect_saved(page)
    by_id = {mask["id"]: mask for mask in crowded.masks()}
    assert by_id[f"00000000-0000-4000-8000-{LARGE:012d}"]["z"] == 1
    page.keyboard.press("Escape")
    annotator.page.mouse.move(5, 5)
    now = annotator.overlay_rgba(120, 340)[:3]
    # Both colours show through; the upper one counts for more.
    assert sum(abs(a - b) for a, b in zip(now, below, strict=True)) < sum(
        abs(a - b) for a, b in zip(over, below, strict=True)
    )
    page.keyboard.press("Control+z")
    expect(row(page, LARGE)).to_have_attribute("data-z", "0")
    expect_saved(page)


def test_hiding_solo_and_locks_are_ones_own_and_remembered(annotator: Annotator, crowded: Crowded) -> None:
    page = annotator.page
    revisions = [mask["revision"] for mask in crowded.masks()]
    shown = annotator.shown_mask()
    assert shown[10, 10]
    assert shown[10, 30]

    row(page, 0).get_by_test_id("mask-hide").click()
    row(page, 1).get_by_test_id("mask-lock").click()
    annotator.leave()
    shown = annotator.shown_mask()
    assert not shown[10, 10]
    assert shown[10, 30]

    # A locked mask is neither selected nor deleted, one beside it is.
    page.keyboard.down("Shift")
    annotator.click(30, 10)
    page.keyboard.up("Shift")
    expect_selected(page, 0)
    page.keyboard.down("Shift")
    annotator.click(50, 10)
    page.keyboard.up("Shift")
    expect_selected(page, 1)
    expect(row(page, 2)).to_have_attribute("aria-selected", "true")

    page.keyboard.press("q")
    annotator.leave()
    assert annotator.shown_mask().sum() == 16 * 16
    page.keyboard.press("q")
    annotator.leave()
    assert annotator.shown_mask().sum() == shown.sum()

    page.reload()
    expect(row(page, 0)).to_have_attribute("data-hidden", "true")
    expect(row(page, 1)).to_have_attribute("data-locked", "true")
    page.keyboard.press("Shift+h")
    page.keyboard.press("l")
    expect(row(page, 0)).to_have_attribute("data-hidden", "false")
    expect(row(page, 1)).to_have_attribute("data-locked", "false")
    assert [mask["revision"] for mask in crowded.masks()] == revisions


def test_pointing_marks_the_row_and_the_row_marks_the_mask(annotator: Annotator, crowded: Crowded) -> None:
    page = annotator.page
    page.mouse.move(*annotator.page_point(210, 170))  # the ninth row of masks, far down the list
    number = 170 // CELL * COLUMNS + 210 // CELL
    expect(row(page, number)).to_have_attribute("data-hovered", "true")
    expect(row(page, number)).to_be_in_viewport()
    x, y = 2 + 8, 2 + 8
    annotator.leave()
    page.get_by_test_id("object-list").evaluate("list => list.scrollTo(0, 0)")
    expect(row(page, 0)).to_be_visible()
    plain = annotator.overlay_rgba(x, y)
    row(page, 0).hover()
    expect(row(page, 0)).to_have_attribute("data-hovered", "true")
    assert annotator.overlay_rgba(x, y)[3] > plain[3]


def test_attributes_and_a_missing_label_are_said_of_many_at_once(
    annotator: Annotator, crowded: Crowded
) -> None:
    page = annotator.page
    search(page, "label:car")
    page.keyboard.press("Control+a")
    field = page.get_by_test_id("attributes").get_by_role("combobox", name="colour")
    expect(field).to_have_value("red")
    field.click()
    page.get_by_role("option", name="blue").click()
    expect_saved(page)
    cars = [mask for mask in crowded.masks() if mask["label"] == crowded.labels["car"]]
    assert {tuple(mask["attributes"].values()) for mask in cars} == {("blue",)}

    annotator.stage.focus()
    page.keyboard.press("`")
    expect(page.get_by_test_id("find-unlabelled")).to_have_text(f"{len(cars)} without label")
    expect_saved(page)
    refused = crowded.request.get(f"/api/v1/projects/{crowded.project}/export/coco/")
    assert (refused.status, refused.json()["extra"]) == (409, {"mask_count": len(cars)})
    for _ in range(2):
        page.keyboard.press("Control+z")
    expect_saved(page)
    back = [mask for mask in crowded.masks() if mask["label"] == crowded.labels["car"]]
    assert {tuple(mask["attributes"].values()) for mask in back} == {("red",)}
