"""One's own tokens and password: made, used by a script, revoked; and a session elsewhere that ends."""

from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.e2e.annotator import fill_login_form, log_in
from tests.e2e.conftest import RunningSystem
from tests.e2e.people import make_member, make_person
from tests.e2e.test_accessibility import violations

pytestmark = pytest.mark.e2e

OLD, NEW = "erna-secret-1", "another-secret-2"


def ask(system: RunningSystem, secret: str, **body: str) -> tuple[int, Any]:
    """A script that lists projects, or makes one."""
    answer = requests.request(
        "POST" if body else "GET",
        f"{system.url}/api/v1/projects/",
        json=body or None,
        headers={"Authorization": f"Token {secret}"},
        timeout=30,
    )
    return answer.status_code, answer.json()


def open_account(page: Page) -> None:
    page.get_by_role("button", name="Account of erna").click()
    page.get_by_test_id("account-open").click()
    expect(page.get_by_test_id("account-title")).to_be_visible()


def test_a_token_is_made_used_and_revoked_and_a_changed_password_ends_sessions_elsewhere(
    page: Page, anymask: RunningSystem, browser: Browser
) -> None:
    make_person(anymask, "erna", OLD)
    make_member(anymask, 1, "erna", "annotator")
    log_in(page, "erna", OLD)
    open_account(page)
    expect(page.get_by_test_id("tokens-none")).to_be_visible()

    page.get_by_test_id("token-name").fill("Nightly export")
    page.get_by_test_id("token-make").click()
    secret = page.get_by_test_id("token-secret").inner_text()
    expect(page.get_by_test_id("token-example")).to_contain_text(f"Token {secret}")
    assert violations(page) == []
    status, listed = ask(anymask, secret)
    assert (status, listed["results"][0]["role"]) == (200, "annotator")
    status, refusal = ask(anymask, secret, name="By a script")
    assert (status, refusal["code"]) == (403, "auth.token_scope")

    page.reload()
    token = page.locator('[data-testid="token"][data-name="Nightly export"]')
    expect(token).to_contain_text("last used just now")
    expect(page.get_by_text(secret)).to_have_count(0)
    token.get_by_role("button", name="Revoke Nightly export").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_test_id("tokens-none")).to_be_visible()
    status, refusal = ask(anymask, secret)
    assert (status, refusal["code"]) == (401, "auth.token_invalid")

    context = browser.new_context(base_url=anymask.url)
    elsewhere = context.new_page()
    log_in(elsewhere, "erna", OLD)
    page.get_by_test_id("password-present").fill(OLD)
    page.get_by_test_id("password-new").fill("1234")
    page.get_by_test_id("password-change").click()
    expect(page.get_by_test_id("error-notice")).to_contain_text("too short")
    page.get_by_test_id("password-new").fill(NEW)
    page.get_by_test_id("password-change").click()
    expect(page.get_by_test_id("password-present")).to_have_value("")
    elsewhere.reload()
    expect(elsewhere.get_by_test_id("login-submit")).to_be_visible()
    fill_login_form(elsewhere, "erna", NEW)
    page.reload()
    expect(page.get_by_test_id("account-title")).to_be_visible()
    context.close()


def test_a_link_that_is_not_whole_says_so_and_a_server_without_mail_offers_none(page: Page) -> None:
    page.goto("/login")
    expect(page.get_by_test_id("login-submit")).to_be_visible()
    expect(page.get_by_test_id("login-forgot")).to_have_count(0)
    page.goto("/reset/MQ/nonsense")
    page.get_by_test_id("reset-password").fill(NEW)
    assert violations(page) == []
    page.get_by_test_id("reset-confirm").click()
    expect(page.get_by_test_id("error-notice")).to_contain_text("auth.reset_invalid")
    page.goto("/forgot")
    page.get_by_test_id("reset-email").fill("erna@example.org")
    page.get_by_test_id("reset-ask").click()
    expect(page.get_by_test_id("error-notice")).to_contain_text("auth.no_email")
