"""What a person does in the annotator, as a page object; what they see, as arrays."""

import numpy as np
from playwright.sync_api import Locator, Page, expect

READ_OVERLAY = """
([height, width]) => {
  const canvas = document.querySelector('[data-testid="mask-overlay"]');
  const stage = document.querySelector('[data-testid="image-canvas"]');
  const left = Number(stage.dataset.left), top = Number(stage.dataset.top);
  const pixels = canvas.getContext("2d").getImageData(left, top, width, height).data;
  let shown = "";
  for (let i = 3; i < pixels.length; i += 4) shown += pixels[i] > 0 ? "1" : "0";
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


def open_demo(page: Page, file_name: str, size: tuple[int, int]) -> "Annotator":
    """Logs in, opens a photograph of the demo project and waits until masks can be made on it."""
    log_in(page)
    open_demo_project(page)
    card = page.locator(f'[data-testid="image-card"][data-file-name="{file_name}"]')
    expect(card).to_have_attribute("data-state", "ready", timeout=120_000)
    card.click()
    annotator = Annotator(page, size)
    annotator.wait_until_usable()
    return annotator


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
        self.page.keyboard.press("0")
        expect(self.stage).to_have_attribute("data-scale", "1")

    def page_point(self, x: float, y: float) -> tuple[float, float]:
        """Where image pixel (x, y) lies on the page, at its centre."""
        box = self.stage.bounding_box()
        assert box
        left = float(self.stage.get_attribute("data-left") or 0)
        top = float(self.stage.get_attribute("data-top") or 0)
        return box["x"] + left + x + 0.5, box["y"] + top + y + 0.5

    def hover(self, x: float, y: float) -> None:
        self.page.mouse.move(*self.page_point(x, y), steps=4)

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.page_point(x, y))

    def leave(self) -> None:
        """Takes the pointer off the image, so that no preview lies over what is saved."""
        self.page.mouse.move(5, 5)
        expect(self.root).to_have_attribute("data-has-preview", "false")

    def shown_mask(self) -> np.ndarray:
        """Boolean [H, W]: the pixels covered by any mask drawn now."""
        expect(self.page.get_by_test_id("mask-overlay")).to_have_attribute("data-complete", "true")
        text = self.page.evaluate(READ_OVERLAY, list(self.size))
        return np.frombuffer(text.encode(), np.uint8).reshape(self.size) == ord("1")

    def save(self) -> None:
        """Enter, and the server's word that it has it."""
        objects = object_count(self.page)
        self.page.keyboard.press("Enter")
        expect_objects(self.page, objects + 1)
        expect(self.page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
