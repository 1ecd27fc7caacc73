"""What opening an image costs: nothing that was fetched before, no memory that stays, whatever the photograph's size."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pycocotools import mask as coco_mask

from tests.e2e.annotator import Annotator, log_in, open_demo_project

pytestmark = pytest.mark.e2e

ROCKET = (427, 640)  # of rocket.jpg, (height, width); astronaut.png is before it
MEGABYTE = 2**20


@pytest.fixture
def project(page: Page) -> str:
    """The demo project's page, all its images ready."""
    log_in(page)
    open_demo_project(page)
    expect(page.locator('[data-testid="image-card"][data-state="ready"]')).to_have_count(8, timeout=120_000)
    return page.url


@contextmanager
def requests(page: Page) -> Iterator[list[str]]:
    """The urls asked for meanwhile."""
    urls: list[str] = []

    def note(request: Any) -> None:
        urls.append(request.url)

    page.on("request", note)
    yield urls
    page.remove_listener("request", note)


def heavy(urls: list[str]) -> list[str]:
    """Those of embeddings and photographs."""
    return [url for url in urls if "/embedding/" in url or "/file/" in url]


def open_and_wait_for_what_is_next(page: Page, file_name: str) -> None:
    """Opens a photograph from the project's page; returns when the images around it are there too."""
    page.locator(f'[data-testid="image-card"][data-file-name="{file_name}"]').click()
    expect(page.get_by_test_id("annotator")).to_have_attribute("data-prefetched", "true", timeout=60_000)


def test_the_next_image_opens_without_asking_for_its_photograph_or_embedding(
    page: Page, project: str
) -> None:
    open_and_wait_for_what_is_next(page, "astronaut.png")
    with requests(page) as urls:
        page.get_by_test_id("next-image").click()
        expect(page.get_by_test_id("file-name")).to_contain_text("rocket.jpg")
        annotator = Annotator(page, ROCKET)
        annotator.wait_until_usable()
        annotator.hover(320, 200)
        expect(annotator.root).to_have_attribute("data-has-preview", "true")
        image_id = page.url.rpartition("/")[2]
        assert [url for url in heavy(urls) if f"/images/{image_id}/" in url] == []
        changes = f"/images/{image_id}/masks/changes/"
        assert [url for url in urls if changes in url], "what colleagues changed meanwhile is asked for"
    shown = page.evaluate("document.querySelector('.stage img').complete")
    assert shown is True


def test_the_next_image_previews_what_the_mouse_rests_on_and_buttons_say_what_they_are(
    page: Page, project: str
) -> None:
    open_and_wait_for_what_is_next(page, "astronaut.png")
    Annotator(page, ROCKET).wait_until_usable()
    page.get_by_test_id("tool-brush").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("Brush (B)")
    page.mouse.move(700, 450)
    expect(page.get_by_role("tooltip")).to_have_count(0)
    # Not moved any more: the next image comes under it.
    page.keyboard.press("n")
    expect(page.get_by_test_id("file-name")).to_contain_text("rocket.jpg")
    expect(page.get_by_test_id("annotator")).to_have_attribute("data-has-preview", "true")


def test_a_reload_takes_the_embedding_from_this_browser_and_logging_out_empties_it(
    page: Page, project: str
) -> None:
    open_and_wait_for_what_is_next(page, "astronaut.png")
    with requests(page) as urls:
        page.reload()
        annotator = Annotator(page, (512, 512))
        annotator.wait_until_usable()
        annotator.hover(220, 130)
        expect(annotator.root).to_have_attribute("data-has-preview", "true")
        assert [url for url in urls if "/embedding/" in url] == []
    assert len(page.evaluate("caches.keys()")) == 1
    page.goto("/")
    page.get_by_role("button", name="Account of").click()
    page.get_by_test_id("logout").click()
    expect(page.get_by_test_id("login-submit")).to_be_visible()
    assert page.evaluate("caches.keys()") == []


def test_memory_does_not_grow_with_the_images_opened(page: Page, project: str) -> None:
    page.locator('[data-testid="image-card"]').first.click()
    root = page.get_by_test_id("annotator")
    step, position, sizes = 1, 1, {}
    for opened in range(1, 31):
        expect(root).to_have_attribute("data-decoder", "ready", timeout=60_000)
        page.mouse.move(500 + opened, 400)
        if opened in (10, 30):
            sizes[opened] = heap_bytes(page)
        if position + step not in range(1, 9):
            step = -step
        position += step
        page.get_by_test_id("next-image" if step == 1 else "previous-image").click()
        expect(page.get_by_test_id("image-position")).to_contain_text(f"{position}", timeout=60_000)
    assert sizes[30] - sizes[10] < 50 * MEGABYTE, sizes


def heap_bytes(page: Page) -> int:
    """What the page holds after a garbage collection."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    used: int = devtools.send("Runtime.getHeapUsage")["usedSize"]
    devtools.detach()
    return used


def photograph(height: int, width: int) -> bytes:
    """Discs of several sizes on a slope of colours, finely striped at the lower right, as JPEG."""
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    shade = 40 + 60 * xs / width + 40 * ys / height
    pixels = np.stack([shade, shade * 0.9, shade * 1.1], axis=-1).astype(np.uint8)
    for x, y, radius, color in (
        (0.3, 0.4, 0.15, (220, 60, 50)),
        (0.7, 0.6, 0.2, (60, 180, 220)),
        (0.8, 0.15, 0.05, (240, 220, 90)),
    ):
        inside = (xs - x * width) ** 2 + (ys - y * height) ** 2 < (radius * height) ** 2
        pixels[inside] = color
    # Lines two pixels wide: a reduced copy would show them grey.
    pixels[height // 2 :, width // 2 :: 4] = 30
    pixels[height // 2 :, width // 2 + 1 :: 4] = 30
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.fixture
def large_image(page: Page, project: str) -> Iterator[dict[str, Any]]:
    """A photograph of 48 megapixels in a project of its own, which goes with it."""
    headers = {"X-CSRFToken": next(c["value"] for c in page.context.cookies() if c["name"] == "csrftoken")}
    made = page.request.post("/api/v1/projects/", data={"name": "Large"}, headers=headers).json()
    address = f"/api/v1/projects/{made['id']}/"
    page.request.post(address + "labels/", data={"name": "disc", "color": "#0072b2"}, headers=headers)
    content = photograph(6000, 8000)
    file = {"name": "large.jpg", "mimeType": "image/jpeg", "buffer": content}
    uploaded = page.request.post(
        address + "images/", multipart={"files": file}, headers=headers, timeout=120_000
    )
    yield {**uploaded.json()["created"][0], "file": content}
    page.request.delete(address, headers=headers)


def test_a_photograph_of_48_megapixels_is_annotated_with_a_box(
    page: Page, large_image: dict[str, Any]
) -> None:
    page.goto(f"/images/{large_image['id']}")
    root = page.get_by_test_id("annotator")
    expect(root).to_have_attribute("data-decoder", "ready", timeout=120_000)
    stage = page.get_by_test_id("image-canvas")
    box = stage.bounding_box()
    assert box
    scale, left, top = (float(stage.get_attribute(f"data-{name}") or 0) for name in ("scale", "left", "top"))

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + left + x * 8000 * scale, box["y"] + top + y * 6000 * scale

    page.mouse.move(*at(0.18, 0.24))
    page.mouse.down()
    page.mouse.move(*at(0.42, 0.56), steps=5)
    page.mouse.up()
    expect(root).to_have_attribute("data-has-current", "true", timeout=60_000)
    Annotator(page, (6000, 8000)).save()

    # At first a preview; at one image pixel per canvas pixel the photograph itself, sharp.
    assert page.evaluate("document.querySelector('.stage img').naturalWidth") == 2048
    assert page.get_by_test_id("photograph-tiles").count() == 0
    page.mouse.move(5, 5)
    page.keyboard.press("0")
    expect(stage).to_have_attribute("data-scale", "1")
    expect(page.get_by_test_id("photograph-tiles")).to_have_attribute("data-complete", "true", timeout=60_000)
    shown = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    left, top = (round(float(stage.get_attribute(f"data-{name}") or 0)) for name in ("left", "top"))
    # A square in the middle, away from what lies over the image's edges.
    column, row = int(box["width"]) // 2, int(box["height"]) // 2
    seen = shown[int(box["y"]) + row :, int(box["x"]) + column :][:200, :200]
    expected = np.asarray(Image.open(io.BytesIO(large_image["file"])))[row - top :, column - left :]
    assert np.abs(seen - expected[:200, :200]).mean() < 2

    [mask] = page.request.get(f"/api/v1/images/{large_image['id']}/masks/").json()
    assert mask["segmentation"]["size"] == [6000, 8000]
    saved = coco_mask.decode(mask["segmentation"]).astype(bool)
    assert int(saved.sum()) == mask["area"]
    ys, xs = np.ogrid[0:6000, 0:8000]
    disc = (xs - 2400) ** 2 + (ys - 2400) ** 2 < 900**2
    assert (saved & disc).sum() > 0.75 * (saved | disc).sum(), "the mask is not the disc that was boxed"
