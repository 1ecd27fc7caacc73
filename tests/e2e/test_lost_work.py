"""Nothing is lost and nobody is overwritten: servers killed, sessions ended, tabs closed, two people on one mask."""

import os
import signal
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.annotator import (
    Annotator,
    expect_objects,
    expect_state,
    fill_login_form,
    log_in,
    open_demo_project,
    without_decoder,
)
from tests.e2e.conftest import RunningSystem, start_system, stop
from tests.e2e.stored import masks_of

pytestmark = pytest.mark.e2e

PHOTOGRAPH, SIZE = "photographer.png", (512, 512)


@pytest.fixture(autouse=True)
def no_decoder(request: pytest.FixtureRequest) -> None:
    if "page" in request.fixturenames:
        without_decoder(request.getfixturevalue("context"))


def open_photograph(page: Page, name: str = PHOTOGRAPH) -> Annotator:
    page.locator(f'[data-testid="image-card"][data-file-name="{name}"]').click()
    annotator = Annotator(page, SIZE)
    annotator.show_pixel_by_pixel()
    return annotator


def make_masks(annotator: Annotator, first: int, last: int) -> None:
    """Rectangles, each in a place of its own, by the rectangle tool: they need no model."""
    page = annotator.page
    page.keyboard.press("r")
    for number in range(first, last + 1):
        x, y = 70 + 60 * (number % 6), 20 + 60 * (number // 6)
        annotator.drag((x, y), (x + 30, y + 30))
        page.keyboard.press("Enter")
        expect_objects(page, number)


def open_project(page: Page, user: str = "demo", password: str = "demo") -> None:
    log_in(page, user, password)
    open_demo_project(page)


def postpone_login(page: Page) -> None:
    """The log-in comes over the image by itself, as the feed of changes is refused; work goes on before it is given."""
    expect(page.get_by_test_id("relogin")).to_be_visible(timeout=30_000)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("relogin")).to_be_hidden()


def end_sessions(data_dir: Path) -> None:
    with sqlite3.connect(data_dir / "anymask.sqlite3", timeout=20) as database:
        database.execute("DELETE FROM django_session")


def test_twenty_masks_survive_killed_servers_an_ended_session_and_a_closed_tab(
    browser: Browser, tmp_path: Path
) -> None:
    systems = [start_system(tmp_path / "data")]
    context = browser.new_context(base_url=systems[0].url, viewport={"width": 1440, "height": 900})
    without_decoder(context)
    try:
        lost_work_drill(context, systems)
    finally:
        context.close()
        stop(systems[-1].process)


def close_as_a_person(page: Page) -> None:
    """Closes the tab. While it asks to be left open, as something is not written down yet, it is left open."""
    page.on("dialog", lambda dialog: dialog.dismiss())
    while not page.is_closed():
        page.close(run_before_unload=True)
        with suppress(PlaywrightError):
            page.wait_for_timeout(200)


def lost_work_drill(context: BrowserContext, systems: list[RunningSystem]) -> None:
    """Adds the system that it starts anew to `systems`, so that it is stopped however the drill ends."""
    [system] = systems
    page = context.new_page()
    open_project(page)
    annotator = open_photograph(page)
    image = page.url.rpartition("/")[2]
    make_masks(annotator, 1, 4)
    expect_state(page, "saved", 0)

    # The web server dies and its supervisor brings it back, as after any crash.
    os.kill(system.child_pids("gunicorn")[0], signal.SIGKILL)
    for worker in system.child_pids("gunicorn"):
        os.kill(worker, signal.SIGKILL)
    make_masks(annotator, 5, 7)
    expect_state(page, "saved", 0)

    # The whole machine goes down.
    os.killpg(system.process.pid, signal.SIGKILL)
    system.process.wait(30)
    make_masks(annotator, 8, 11)
    expect_state(page, "offline", 4)
    system = start_system(system.data_dir, port=int(system.url.rpartition(":")[2]))
    systems.append(system)
    expect_state(page, "saved", 0)
    assert len(masks_of(page, image)) == 11

    end_sessions(system.data_dir)
    postpone_login(page)
    make_masks(annotator, 12, 16)
    expect_state(page, "login", 5)
    page.get_by_test_id("save-login").click()
    fill_login_form(page)
    expect_state(page, "saved", 0)
    expect_objects(page, 16)
    assert len(masks_of(page, image)) == 16

    # The tab is closed with masks that nobody has; any page of the same browser sends them after the next log-in.
    end_sessions(system.data_dir)
    postpone_login(page)
    make_masks(annotator, 17, 20)
    expect_state(page, "login", 4)
    close_as_a_person(page)
    page = context.new_page()
    page.goto("/")
    fill_login_form(page)
    # The state is not shown before the page knows that something waits: no state yet is not yet "all sent".
    deadline = time.monotonic() + 90
    while len(masks_of(page, image)) < 20 and time.monotonic() < deadline:
        page.wait_for_timeout(250)
    expect(page.get_by_test_id("save-state")).to_have_count(0, timeout=30_000)
    saved = masks_of(page, image)
    assert len(saved) == 20
    assert len({(mask["bbox"][0], mask["bbox"][1]) for mask in saved}) == 20, "each once"
    assert {mask["revision"] for mask in saved} == {1}


def test_work_of_one_person_is_never_sent_under_the_name_of_another(
    page: Page, anymask: RunningSystem, colleague: Page
) -> None:
    open_project(page)
    annotator = open_photograph(page, "coins.png")
    image = page.url.rpartition("/")[2]
    before = len(masks_of(page, image))
    page.context.clear_cookies()
    postpone_login(page)
    page.keyboard.press("r")
    annotator.drag((100, 100), (140, 140))
    page.keyboard.press("Enter")
    expect_state(page, "login", 1)
    page.get_by_test_id("save-login").click()
    fill_login_form(page, "bob", "bob-secret-1")
    expect(page.get_by_test_id("save-others")).to_contain_text("Demo")
    assert len(masks_of(page, image)) == before
    page.get_by_role("button", name="Account of bob").click()
    page.get_by_test_id("logout").click()
    fill_login_form(page)
    expect(page.get_by_test_id("project-card")).to_be_visible()
    expect(page.get_by_test_id("save-state")).to_have_count(0, timeout=30_000)
    after = masks_of(page, image)
    assert len(after) == before + 1
    assert after[-1]["author"] == "Demo"


def test_two_people_see_each_other_and_a_conflict_keeps_both_versions(page: Page, colleague: Page) -> None:
    open_project(page)
    mine = open_photograph(page)
    image = page.url.rpartition("/")[2]
    open_project(colleague, "bob", "bob-secret-1")
    colleague.goto(f"/images/{image}")
    theirs = Annotator(colleague, SIZE)
    theirs.show_pixel_by_pixel()

    page.keyboard.press("r")
    mine.drag((100, 100), (200, 200))
    page.keyboard.press("Enter")
    expect_state(page, "saved", 0)
    row = page.get_by_test_id("object-item").last
    mask_id = row.get_attribute("data-mask-id")
    seen = colleague.locator(f'[data-testid="object-item"][data-mask-id="{mask_id}"]')
    expect(seen).to_be_visible(timeout=6_000)

    # Both change it: mine while the network is away, theirs first.
    page.context.set_offline(True)
    row.locator("button").first.click()
    mine.drag((200, 100), (250, 200))
    expect_state(page, "offline", 1)
    seen.locator("button").first.click()
    colleague.keyboard.press("r")
    theirs.drag((100, 200), (200, 260))
    expect_state(colleague, "saved", 0)
    page.context.set_offline(False)
    conflict = page.get_by_test_id("conflict-item")
    expect(conflict).to_contain_text("bob changed this mask")
    expect_state(page, "conflict", 0)

    # It is still there after a reload, and theirs is what the server has.
    page.reload()
    expect(conflict).to_be_visible()
    [stored] = [mask for mask in masks_of(page, image) if mask["id"] == mask_id]
    assert (stored["revision"], stored["updated_by"]) == (2, "bob")
    expect(page.get_by_test_id("image-canvas")).to_be_visible()
    page.keyboard.press("Shift+B")
    expect(conflict).to_have_count(0)
    expect_state(page, "saved", 0)
    boxes = [mask["bbox"] for mask in masks_of(page, image)]
    wide, high = [101, 101, 150, 100], [101, 101, 100, 160]
    assert wide in boxes
    assert high in boxes
    expect(colleague.get_by_test_id("conflict-item")).to_have_count(0)


def test_undo_survives_a_reload_but_not_a_colleagues_change(page: Page, colleague: Page) -> None:
    open_project(page)
    annotator = open_photograph(page, "tissue.png")
    image = page.url.rpartition("/")[2]
    page.keyboard.press("r")
    for corner in (50, 150):
        annotator.drag((corner, 300), (corner + 50, 350))
        page.keyboard.press("Enter")
    expect_state(page, "saved", 0)
    made = masks_of(page, image)[-2:]

    page.reload()
    expect(page.get_by_test_id("undo")).to_be_enabled()
    page.keyboard.press("Control+z")
    expect(page.locator(f'[data-mask-id="{made[1]["id"]}"]')).to_have_count(0)
    expect_state(page, "saved", 0)
    page.reload()
    expect(page.get_by_test_id("redo")).to_be_enabled()
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator(f'[data-mask-id="{made[1]["id"]}"]')).to_be_visible()
    expect_state(page, "saved", 0)
    assert {mask["id"] for mask in made} <= {mask["id"] for mask in masks_of(page, image)}

    # Bob deletes the second one: undoing its making is skipped, the step before it is undone.
    open_project(colleague, "bob", "bob-secret-1")
    colleague.goto(f"/images/{image}")
    theirs = colleague.locator(f'[data-testid="object-item"][data-mask-id="{made[1]["id"]}"]')
    theirs.get_by_test_id("mask-delete").click()
    expect_state(colleague, "saved", 0)
    expect(page.locator(f'[data-mask-id="{made[1]["id"]}"]')).to_have_count(0, timeout=20_000)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("A step was skipped")).to_be_visible()
    expect(page.locator(f'[data-mask-id="{made[0]["id"]}"]')).to_have_count(0)
    expect_state(page, "saved", 0)
