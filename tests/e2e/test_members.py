"""Inviting somebody by a link, what the invited may do, and taking them out again."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.annotator import fill_login_form, log_in, open_demo_project
from tests.e2e.conftest import RunningSystem
from tests.e2e.people import make_person

pytestmark = pytest.mark.e2e

PASSWORD = "carla-secret-1"


def test_an_invited_annotator_sees_the_project_and_only_what_her_role_allows(
    page: Page, anymask: RunningSystem, browser: Browser
) -> None:
    make_person(anymask, "carla", PASSWORD)
    log_in(page)
    open_demo_project(page)
    project = page.url
    page.get_by_test_id("members-open").click()
    page.get_by_label("For whom").fill("Carla")
    page.get_by_test_id("invitation-make").click()
    link = page.get_by_test_id("invitation-url").inner_text()
    expect(page.get_by_test_id("open-invitation")).to_contain_text("Carla")

    context = browser.new_context(base_url=anymask.url, viewport={"width": 1440, "height": 900})
    theirs = context.new_page()
    theirs.goto(link)
    fill_login_form(theirs, "carla", PASSWORD)
    expect(theirs).to_have_url(project)
    expect(theirs.get_by_test_id("image-card").first).to_be_visible()
    expect(theirs.get_by_test_id("upload-button")).to_have_count(0)
    theirs.get_by_test_id("members-open").click()
    expect(theirs.get_by_test_id("member-list")).to_contain_text("carla")
    expect(theirs.get_by_test_id("invitation-make")).to_have_count(0)

    page.reload()
    page.get_by_test_id("members-open").click()
    expect(page.get_by_test_id("open-invitation")).to_have_count(0)
    carla = page.locator('[data-testid="member"][data-username="carla"]')
    carla.get_by_label("Role of carla").first.click()
    page.get_by_role("option", name="Manager").click()
    theirs.reload()
    expect(theirs.get_by_test_id("upload-button")).to_be_visible()
    carla.get_by_role("button", name="Take carla out of the project").click()
    page.get_by_role("button", name="Take out", exact=True).click()
    expect(carla).to_have_count(0)
    theirs.reload()
    expect(theirs.get_by_test_id("project-title")).to_have_count(0)
    theirs.goto(link)
    expect(theirs.get_by_test_id("error-notice")).to_contain_text("invitation.used")
    context.close()
