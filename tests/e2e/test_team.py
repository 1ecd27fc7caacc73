"""A manager, an annotator and a reviewer at once: from the invitation to ten accepted images."""

import io
import re
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from backend.demo.photographs import PHOTOGRAPHS
from tests.e2e.annotator import Annotator, expect_objects, fill_login_form, log_in, without_decoder
from tests.e2e.conftest import RunningSystem
from tests.e2e.people import make_person
from tests.e2e.stored import send

pytestmark = pytest.mark.e2e

IMAGES = 10
# All photographs as large as this, so that a drag lands alike in each.
SIZE = (300, 400)
FLAWS = {3: "The tail is missing", 7: "A wrong label"}


@pytest.fixture
def person(browser: Browser, anymask: RunningSystem) -> Iterator[Callable[[str, str], Page]]:
    """Somebody in a browser of their own who opens a link, logs in and is where it leads."""
    contexts = []

    def make(name: str, link: str) -> Page:
        make_person(anymask, name, f"{name}-secret-1")
        context = browser.new_context(base_url=anymask.url, viewport={"width": 1440, "height": 900})
        context.set_default_timeout(30_000)
        contexts.append(context)
        without_decoder(context)
        page = context.new_page()
        page.goto(link)
        fill_login_form(page, name, f"{name}-secret-1")
        return page

    yield make
    for context in contexts:
        context.close()


def photographs() -> list[dict[str, object]]:
    """Ten different files of SIZE, made of the demo's photographs."""
    files: list[dict[str, object]] = []
    for number in range(IMAGES):
        picture = Image.open(PHOTOGRAPHS[number % len(PHOTOGRAPHS)].path()).convert("RGB")
        picture = picture.resize((SIZE[1], SIZE[0])).rotate(180 * (number // len(PHOTOGRAPHS)))
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=92)
        files.append({"name": f"{number:02}.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()})
    return files


def invite(page: Page, whom: str, role: str) -> str:
    """The link for somebody with a role, from the members' dialogue, which is open."""
    page.get_by_label("For whom").fill(whom)
    page.get_by_label("As", exact=True).first.click()
    page.get_by_role("option", name=role, exact=True).click()
    page.get_by_test_id("invitation-make").click()
    expect(page.get_by_test_id("open-invitation").filter(has_text=whom)).to_be_visible()
    return page.get_by_test_id("invitation-url").inner_text()


def number_of(page: Page) -> int:
    return int(page.get_by_test_id("file-name").inner_text().removesuffix(".jpg"))


def pin(page: Page, text: str) -> None:
    """A comment on the rectangle that `draw(page, 40)` made."""
    page.keyboard.press("k")
    annotator = Annotator(page, SIZE)
    annotator.show_pixel_by_pixel()
    annotator.click(120, 70)
    page.get_by_test_id("comment-text").fill(text)
    page.get_by_test_id("comment-send").click()
    expect(page.get_by_test_id("pin")).to_have_text("1")
    page.get_by_test_id("thread-close").click()


def figure(page: Page, name: str) -> Locator:
    """A number on top of the dashboard."""
    return page.get_by_test_id(f"figure-{name}").locator(".key-figure-value")


def draw(page: Page, top: int) -> None:
    """A rectangle over the image, saved."""
    annotator = Annotator(page, SIZE)
    annotator.show_pixel_by_pixel()
    page.keyboard.press("r")
    annotator.drag((60, top), (180, top + 60))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")


def test_ten_images_from_the_invitation_to_the_last_accept(
    page: Page, person: Callable[[str, str], Page]
) -> None:
    log_in(page)
    project = send(page, "POST", "/api/v1/projects/", {"name": "Ten images"}).json()["id"]
    home = f"/projects/{project}"
    page.goto(home)
    page.get_by_test_id("upload-input").set_input_files(photographs())  # type: ignore[arg-type]
    expect(page.get_by_test_id("work-count-ready")).to_have_text(f"Ready {IMAGES}", timeout=120_000)
    page.get_by_test_id("members-open").click()
    anna = person("anna", invite(page, "Anna", "Annotator"))
    rita = person("rita", invite(page, "Rita", "Reviewer"))
    page.keyboard.press("Escape")

    anna.get_by_test_id("label-next").click()
    for number in range(IMAGES):
        expect(anna.get_by_test_id("file-name")).to_have_text(f"{number:02}.jpg")
        expect(anna.get_by_test_id("work-status")).to_have_attribute("data-status", "in_progress")
        draw(anna, 40)
        expect_objects(anna, 1)
        anna.keyboard.press("Control+Enter")
    expect(anna).to_have_url(re.compile(f"{home}$"))
    expect(anna.get_by_text("There is no further image to label")).to_be_visible()
    expect(page.get_by_test_id("work-count-submitted")).to_have_text(f"Submitted {IMAGES}")

    page.get_by_test_id("dashboard-open").click()
    expect(figure(page, "Masks")).to_have_text(str(IMAGES))
    expect(figure(page, "Images submitted")).to_have_text(str(IMAGES))

    rita.reload()
    rita.get_by_test_id("review-next").click()
    for number in range(IMAGES):
        expect(rita.get_by_test_id("file-name")).to_have_text(f"{number:02}.jpg")
        expect_objects(rita, 1)
        if number in FLAWS:
            pin(rita, FLAWS[number])
            rita.keyboard.press("Shift+R")
            rita.get_by_test_id("reason").fill(FLAWS[number])
            rita.get_by_test_id("reason-send").click()
        else:
            rita.keyboard.press("Control+Enter")
    expect(rita.get_by_text("Nothing waits for a review")).to_be_visible()

    anna.get_by_test_id("label-next").click()
    for number, flaw in FLAWS.items():
        expect(anna.get_by_test_id("file-name")).to_have_text(f"{number:02}.jpg")
        expect(anna.get_by_test_id("work-notice")).to_have_text(f"Sent back by rita: {flaw}")
        anna.get_by_test_id("pin").click()
        expect(anna.get_by_test_id("thread-box").get_by_test_id("comment")).to_contain_text(flaw)
        anna.get_by_test_id("thread-resolve").click()
        expect(anna.get_by_test_id("pin")).to_have_attribute("data-state", "resolved")
        anna.get_by_test_id("thread-close").click()
        draw(anna, 160)
        expect_objects(anna, 2)
        anna.get_by_test_id("work-submit").click()
    expect(anna).to_have_url(re.compile(f"{home}$"))

    # What is accepted may be looked at: nothing that is drawn there is kept.
    anna.locator('[data-testid="image-card"][data-file-name="00.jpg"]').click()
    expect(anna.get_by_test_id("work-notice")).to_contain_text("This image is accepted")
    draw(anna, 160)
    expect_objects(anna, 1)

    rita.get_by_test_id("review-next").click()
    for number in FLAWS:
        expect(rita.get_by_test_id("file-name")).to_have_text(f"{number:02}.jpg")
        expect_objects(rita, 2)
        rita.get_by_test_id("work-accept").click()
    # The manager's figures are those of now: what was drawn again, whose work was sent back, what is done.
    page.reload()
    expect(figure(page, "Masks")).to_have_text(str(IMAGES + len(FLAWS)))
    reviews = page.request.get(f"/api/v1/projects/{project}/dashboard/reviews/?by=author").json()["rows"]
    [annas] = [row for row in reviews if row["name"] == "anna"]
    assert (annas["submitted"], annas["rejected"], annas["accepted"]) == (
        IMAGES + len(FLAWS),
        len(FLAWS),
        IMAGES,
    )
    expect(page.get_by_test_id("chart-reviews-author")).to_contain_text("anna")
    page.go_back()
    expect(rita).to_have_url(re.compile(f"{home}$"))
    expect(page.get_by_test_id("work-count-accepted")).to_have_text(f"Accepted {IMAGES}")
    expect(page.get_by_test_id("work-status")).to_have_count(IMAGES)
    page.request.delete(f"/api/v1/projects/{project}/")


def test_images_are_assigned_skipped_and_kept_from_others(
    page: Page, person: Callable[[str, str], Page]
) -> None:
    log_in(page)
    project = send(page, "POST", "/api/v1/projects/", {"name": "Dealt out"}).json()["id"]
    page.goto(f"/projects/{project}")
    page.get_by_test_id("upload-input").set_input_files(photographs()[:4])  # type: ignore[arg-type]
    expect(page.get_by_test_id("work-count-ready")).to_have_text("Ready 4", timeout=120_000)
    page.get_by_test_id("members-open").click()
    carl = person("carl", invite(page, "Carl", "Annotator"))
    frida = person("frida", invite(page, "Frida", "Annotator"))
    page.keyboard.press("Escape")

    page.reload()
    for name in ("02.jpg", "03.jpg"):
        page.get_by_label(f"Choose {name}").check()
    page.get_by_test_id("assign-open").click()
    page.get_by_test_id("assign-people").click()
    page.get_by_role("option", name="carl").click()
    page.get_by_text(
        "Those first that would be given out first"
    ).click()  # away from the list, which stays open
    page.get_by_test_id("assign-submit").click()
    card = page.locator('[data-testid="image-card"][data-file-name="02.jpg"]')
    expect(card.get_by_test_id("image-assignee")).to_have_text("carl")

    carl.get_by_test_id("label-next").click()
    expect(carl.get_by_test_id("file-name")).to_have_text("02.jpg")
    frida.get_by_test_id("label-next").click()
    expect(frida.get_by_test_id("file-name")).to_have_text("00.jpg")
    frida.keyboard.press("Shift+S")
    frida.get_by_test_id("reason").fill("Too dark")
    frida.get_by_test_id("reason-send").click()
    expect(frida.get_by_test_id("file-name")).to_have_text("01.jpg")

    frida.goto(carl.url)
    expect(frida.get_by_test_id("work-notice")).to_have_text("carl works on this image.")
    draw(frida, 40)
    expect(frida.get_by_text("carl works on this image.").last).to_be_visible()
    draw(carl, 40)
    expect_objects(carl, 1)
    expect_objects(frida, 1)
    page.request.delete(f"/api/v1/projects/{project}/")
