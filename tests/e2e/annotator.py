"""What a person does in the annotator, as a page object; what they see, as arrays."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.stored import create_masks, delete_masks, masks_of

# Opacities of a canvas over the image, one character each.
READ_CANVAS = """
([name, height, width]) => {
  const canvas = document.querySelector(`[data-testid="${name}"]`);
  const stage = document.querySelector('[data-testid="image-canvas"]');
  const left = Number(stage.dataset.left), top = Number(stage.dataset.top);
  const pixels = canvas.getContext("2d").getImageData(left, top, width, height).data;
  let shown = "";
  for (let i = 3; i < pixels.length; i += 4) shown += String.fromCharCode(pixels[i]);
  return shown;
}
"""


def fill_login_form(page: Page, user: str = "demo", password: str = "demo") -> None:
    """In the form that is there: the log-in page's, or the one over the annotator."""
    page.get_by_test_id("login-username").fill(user)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("login-submit")).to_be_hidden()


def log_in(page: Page, user: str = "demo", password: str = "demo") -> None:
    """Ends on the list of projects."""
    page.goto("/login")
    fill_login_form(page, user, password)
    expect(page.get_by_test_id("project-card").first).to_be_visible()


def open_demo_project(page: Page) -> None:
    """From the list of projects to the demo's page with its eight photographs."""
    page.get_by_test_id("project-card").filter(has_text="Demo photographs").first.click()
    expect(page.get_by_test_id("image-card")).to_have_count(8)


def without_decoder(context: BrowserContext) -> None:
    """For what needs no model, as starting one in every tab would slow the machine. The server decodes instead."""
    context.route("**/*.wasm", lambda route: route.abort())
    context.route("**/*.onnx", lambda route: route.abort())


@contextmanager
def opened_without_masks(
    page: Page, file_name: str, size: tuple[int, int], *, uses_decoder: bool = True
) -> Iterator["Annotator"]:
    """A photograph of the demo project, without masks before and after: other tests count those they find."""
    if not uses_decoder:
        without_decoder(page.context)
    log_in(page)
    open_demo_project(page)
    card = page.locator(f'[data-testid="image-card"][data-file-name="{file_name}"]')
    expect(card).to_have_attribute("data-state", "ready", timeout=120_000)
    image = card.get_attribute("data-image-id")
    assert image
    delete_masks(page, image)
    card.click()
    annotator = Annotator(page, size)
    annotator.wait_until_usable()
    yield annotator
    delete_masks(page, image)


def object_list(page: Page) -> Locator:
    """The list of saved masks. It draws only the rows in sight, and knows how many there are."""
    return page.get_by_role("grid", name="Saved masks")


def object_count(page: Page) -> int:
    """How many masks the list has."""
    rows = object_list(page)
    return int(rows.get_attribute("aria-rowcount") or 0) if rows.count() else 0


def expect_objects(page: Page, count: int) -> None:
    """Waits until the list has so many masks, at least one."""
    expect(object_list(page)).to_have_attribute("aria-rowcount", str(count))


def expect_state(page: Page, state: str, waiting: int) -> None:
    """Waits until the state of saving is this one, and so many masks wait to be sent."""
    status = page.get_by_test_id("save-state")
    expect(status).to_have_attribute("data-state", state, timeout=45_000)
    expect(status).to_have_attribute("data-waiting", str(waiting))


class Annotator:
    """The annotator page with one image of `size` (height, width) shown pixel by pixel."""

    def __init__(self, page: Page, size: tuple[int, int]) -> None:
        self.page = page
        self.size = size
        self.root = page.get_by_test_id("annotator")
        self.stage = page.get_by_test_id("image-canvas")

    def wait_until_usable(self) -> None:
        """The decoder is loaded and the image shown at one image pixel per canvas pixel."""
        expect(self.root).to_have_attribute("data-decoder", "ready", timeout=60_000)
        self.show_pixel_by_pixel()

    def show_pixel_by_pixel(self) -> None:
        expect(self.stage).to_be_visible()
        self.page.keyboard.press("0")
        expect(self.stage).to_have_attribute("data-scale", "1")

    @property
    def image_id(self) -> str:
        return self.page.url.rpartition("/")[2]

    @property
    def scale(self) -> float:
        return float(self.stage.get_attribute("data-scale") or 0)

    @property
    def corner(self) -> tuple[int, int]:
        """Where the image's upper left corner lies on the stage, in pixels of the screen."""
        left, top = (self.stage.get_attribute(f"data-{name}") for name in ("left", "top"))
        return int(left or 0), int(top or 0)

    def page_point(self, x: float, y: float) -> tuple[float, float]:
        """Where image pixel (x, y) lies on the page, at its centre."""
        box = self.stage.bounding_box()
        assert box
        scale = self.scale
        left, top = self.corner
        return box["x"] + left + (x + 0.5) * scale, box["y"] + top + (y + 0.5) * scale

    def hover(self, x: float, y: float) -> None:
        self.page.mouse.move(*self.page_point(x, y), steps=4)

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.page_point(x, y))

    def drag(
        self,
        *path: tuple[float, float],
        modifier: str | None = None,
        button: Literal["left", "middle", "right"] = "left",
    ) -> None:
        """Presses at the first image pixel, moves through the others, lets go."""
        mouse, keyboard = self.page.mouse, self.page.keyboard
        if modifier:
            keyboard.down(modifier)
        mouse.move(*self.page_point(*path[0]))
        mouse.down(button=button)
        for point in path[1:]:
            mouse.move(*self.page_point(*point))
        mouse.up(button=button)
        if modifier:
            keyboard.up(modifier)

    def select(self, *rows: int) -> None:
        """Selects the rows of the list, the first one first, by clicks; the selection before is gone."""
        buttons = self.page.get_by_test_id("object-item").locator("[data-row-button]")
        self.page.keyboard.press("Escape")
        for count, row in enumerate(rows):
            buttons.nth(row).click(modifiers=["Control"] if count else [])

    def leave(self) -> None:
        """Takes the pointer off the image, so that no preview lies over what is saved."""
        self.page.mouse.move(5, 5)
        expect(self.root).to_have_attribute("data-has-preview", "false")

    def shown_mask(self) -> np.ndarray:
        """Boolean [H, W]: the pixels covered by any mask drawn now."""
        return self.mask_opacity() > 0

    def mask_opacity(self) -> np.ndarray:
        """[H, W], 0 to 255: of the masks drawn now."""
        expect(self.page.get_by_test_id("mask-overlay")).to_have_attribute("data-complete", "true")
        return self.canvas_opacity("mask-overlay")

    def canvas_opacity(self, name: str) -> np.ndarray:
        """[H, W], 0 to 255: of what is drawn over the image's pixels, shown one by one, on that canvas."""
        text = self.page.evaluate(READ_CANVAS, [name, *self.size])
        return np.frombuffer(text.encode("latin-1"), np.uint8).reshape(self.size)

    def overlay_rgba(self, x: int, y: int) -> list[int]:
        """What is drawn over an image pixel, shown as one pixel, by all masks together."""
        script = """([x, y]) => {
          const canvas = document.querySelector('[data-testid="mask-overlay"]');
          return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data];
        }"""
        left, top = self.corner
        rgba: list[int] = self.page.evaluate(script, [left + x, top + y])
        return rgba

    def seen(self) -> np.ndarray:
        """[h, w, 3] of the whole stage as it looks, one row and column per pixel of the screen."""
        box = self.stage.bounding_box()
        assert box
        shot = self.page.screenshot(clip=box, animations="disabled")
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))

    def saved_masks(self) -> list[dict[str, Any]]:
        """The masks the server holds, once it holds all."""
        expect(self.page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
        return masks_of(self.page, self.image_id)

    def add_masks(self, *masks: np.ndarray) -> list[dict[str, Any]]:
        """Masks as an import brings them, seen after a reload."""
        made = create_masks(self.page, self.image_id, *masks)
        self.page.reload()
        expect_objects(self.page, len(made))
        self.show_pixel_by_pixel()
        return made

    def save(self) -> None:
        """Enter, and the server's word that it has it."""
        objects = object_count(self.page)
        self.page.keyboard.press("Enter")
        expect_objects(self.page, objects + 1)
        expect(self.page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
