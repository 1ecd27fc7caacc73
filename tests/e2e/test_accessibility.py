"""Every page in both themes under axe, and the annotator by the keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.launch.layout import FRONTEND
from tests.e2e.annotator import log_in, open_demo_project

pytestmark = pytest.mark.e2e

AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html.slice(0, 160)) }));
}"""


# Of the labels only the chosen one is a stop.
LABEL_STOPS = {"label-item", "label-none"}

SETTLE = """() => Promise.allSettled(
  document.getAnimations().filter(one => one.effect.getComputedTiming().endTime !== Infinity).map(one => one.finished)
)"""


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds that is serious or critical. The page's policy allows no script of ours, the debugger does."""
    page.evaluate(AXE.read_text())
    page.evaluate(SETTLE)  # half faded in, every colour lacks contrast
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return [entry for entry in found if entry["impact"] in ("serious", "critical")]


def set_theme(page: Page, theme: str) -> None:
    page.evaluate("theme => localStorage.setItem('mantine-color-scheme-value', theme)", theme)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)


def open_coins(page: Page) -> None:
    open_demo_project(page)
    page.locator('[data-testid="image-card"][data-file-name="coins.png"]').click()
    expect(page.get_by_test_id("annotator")).to_have_attribute("data-decoder", "ready", timeout=120_000)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_serious_on_any_page(page: Page, theme: str) -> None:
    page.goto("/")
    expect(page.get_by_test_id("login-submit")).to_be_visible()
    set_theme(page, theme)
    expect(page.get_by_test_id("login-submit")).to_be_visible()
    found = {"login": violations(page)}
    log_in(page)
    found["projects"] = violations(page)
    open_demo_project(page)
    found["project"] = violations(page)
    page.get_by_test_id("labels-open").click()
    page.get_by_test_id("label-attributes").first.click()
    page.get_by_test_id("attribute-add").click()
    found["labels"] = violations(page)
    page.keyboard.press("Escape")
    page.goto("/")
    open_coins(page)
    page.keyboard.press("r")
    box = page.get_by_test_id("image-canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2 + 40)
    page.mouse.up()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("object-item")).to_have_count(1)
    page.get_by_test_id("object-item").locator("[data-row-button]").click()
    found["annotator"] = violations(page)
    page.keyboard.press("v")
    expect(page.get_by_test_id("view-options")).to_be_visible()
    found["view options"] = violations(page)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("view-options")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_test_id("keyboard-map")).to_be_visible()
    found["keys"] = violations(page)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("keyboard-map")).to_be_hidden()
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("object-item")).to_have_count(0)
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    assert found == {name: [] for name in found}


def test_tab_leads_through_the_annotator_and_keys_can_be_changed(page: Page) -> None:
    page.goto("/")
    log_in(page)
    open_coins(page)
    seen = set()
    page.evaluate("document.activeElement?.blur()")
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                "() => document.activeElement?.dataset.testid ?? document.activeElement?.ariaLabel ?? ''"
            )
        )
        if "image-canvas" in seen and seen & LABEL_STOPS:
            break
    assert {"tool-brush", "image-canvas", "view-open", "show-keys"} <= seen
    assert seen & LABEL_STOPS

    # The arrows walk through the labels there, and not through the images.
    position = page.get_by_test_id("image-position").inner_text()
    labels = page.locator("[role=radiogroup] [role=radio]")
    labels.first.focus()
    page.keyboard.press("ArrowUp")
    expect(labels.last).to_be_focused()
    expect(labels.last).to_have_attribute("aria-checked", "true")
    page.keyboard.press("ArrowRight")
    expect(labels.first).to_have_attribute("aria-checked", "true")
    expect(page.get_by_test_id("image-position")).to_have_text(position)

    page.get_by_test_id("image-canvas").focus()
    page.keyboard.press("?")
    brush = page.locator('[data-command="tool.brush"]')
    brush.get_by_test_id("key").click()
    page.keyboard.press("F2")
    expect(brush.get_by_test_id("key")).to_have_text("F2")
    # A key that means something already is given only when one says so.
    eraser = page.locator('[data-command="tool.eraser"]')
    eraser.get_by_test_id("key").click()
    page.keyboard.press("F2")
    expect(eraser.get_by_test_id("key-conflict")).to_contain_text("Brush")
    expect(eraser.get_by_test_id("key")).to_have_text("E")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(eraser.get_by_test_id("key-conflict")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("keyboard-map")).to_be_hidden()
    page.keyboard.press("F2")
    expect(page.get_by_test_id("tool-brush")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("tool-brush")).to_have_attribute("aria-label", "Brush (F2)")
    page.reload()
    expect(page.get_by_test_id("tool-brush")).to_have_attribute("aria-label", "Brush (F2)")
    page.keyboard.press("?")
    page.get_by_test_id("keys-reset").click()
    expect(brush.get_by_test_id("key")).to_have_text("B")


def test_masks_are_made_and_the_image_is_moved_by_keys_alone(page: Page) -> None:
    page.goto("/")
    log_in(page)
    open_coins(page)
    canvas = page.get_by_test_id("image-canvas")
    left = int(canvas.get_attribute("data-left") or "0")
    page.keyboard.press("Control+Shift+ArrowRight")
    expect(canvas).not_to_have_attribute("data-left", str(left))
    assert int(canvas.get_attribute("data-left") or "0") < left
    page.keyboard.press("f")
    expect(canvas).to_have_attribute("data-left", str(left))

    # The first key shows the pointer, the next clicks there.
    page.keyboard.press("j")
    expect(page.get_by_test_id("keyboard-pointer")).to_be_visible()
    expect(page.get_by_test_id("annotator")).to_have_attribute("data-has-current", "false")
    page.keyboard.press("j")
    expect(page.get_by_test_id("annotator")).to_have_attribute("data-has-current", "true", timeout=30_000)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("annotator")).to_have_attribute("data-has-current", "false")

    page.keyboard.press("t")
    for key in ("ArrowRight", "ArrowDown"):
        for _ in range(4):
            page.keyboard.press(f"Alt+Shift+{key}")
    page.keyboard.press("t")
    expect(page.get_by_test_id("annotator")).to_have_attribute("data-has-current", "true", timeout=30_000)
    page.keyboard.press("Escape")
    page.mouse.move(400, 400)
    expect(page.get_by_test_id("keyboard-pointer")).to_have_count(0)
