"""Texts that would run, were they ever taken for code, in every field that takes text and on every page that shows it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.annotator import log_in, without_decoder
from tests.e2e.hostile_text import MARK, PAYLOADS, REMOTE, plant, refuse

pytestmark = pytest.mark.e2e

# Runs before any script of a page, in every document of it.
WATCH = """
window.__blocked = [];
document.addEventListener("securitypolicyviolation", event =>
  window.__blocked.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""
FOUND = """mark => ({
  ran: window.__xss ?? null,
  blocked: window.__blocked,
  elements: [...document.querySelectorAll(`[${mark}]`)].map(one => one.outerHTML.slice(0, 200)),
  addresses: [...document.querySelectorAll("[href], [src], [action], [srcdoc]")]
    .flatMap(one => ["href", "src", "action", "srcdoc"].map(name => one.getAttribute(name) ?? ""))
    .filter(text => /^\\s*(javascript|vbscript|data:text)/i.test(text)),
  handlers: [...document.querySelectorAll("*")]
    .flatMap(one => one.getAttributeNames().filter(name => name.startsWith("on"))),
})"""
SHOWN = """text => document.body.innerText.includes(text)
  || [...document.querySelectorAll("input, textarea")].some(one => one.value.includes(text))"""
# Each with a text that it shows.
DIALOGS = {
    "guidelines": "window.__xss=6",
    "rules": "",
    "labels": PAYLOADS[0],
    "tags": PAYLOADS[1],
    "members": PAYLOADS[6],
    "privacy": "",
    "webhooks": "data-xss/src=x",
    "audit": "",
}
ROOMS = ("dashboard", "quality", "evaluations", "models", "proposals", "jobs")


@pytest.fixture
def dialogs(page: Page) -> list[str]:
    """What asked a person something, and was sent away."""
    seen: list[str] = []
    page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    return seen


def traces(page: Page) -> dict[str, Any]:
    """What of the texts became code on the page as it is; nothing where all is well."""
    found: dict[str, Any] = page.evaluate(FOUND, MARK)
    # A picture that a text asks for is the policy's to refuse.
    found["blocked"] = [one for one in found["blocked"] if not one.startswith(f"img-src {REMOTE}")]
    return {name: value for name, value in found.items() if value}


def shows(page: Page, text: str) -> bool:
    """Whether a person reads it, as text or in a field."""
    return bool(page.evaluate(SHOWN, text))


def test_texts_stay_texts_on_every_page(page: Page, dialogs: list[str]) -> None:
    page.add_init_script(WATCH)
    without_decoder(page.context)
    log_in(page)
    project, image = plant(page)
    assert {status for _, status in refuse(page, project)} == {400}
    found: dict[str, dict[str, Any]] = {}

    page.goto("/")
    expect(page.get_by_test_id("project-card").first).to_be_visible()
    found["projects"] = traces(page)
    assert shows(page, PAYLOADS[0])

    page.goto(f"/projects/{project}")
    expect(page.get_by_test_id("image-card").first).to_be_visible()
    found["project"] = traces(page)
    assert shows(page, PAYLOADS[1])
    for name, text in DIALOGS.items():
        page.get_by_test_id(f"{name}-open").click()
        dialog = page.get_by_role("dialog").first
        expect(dialog).to_be_visible()
        page.wait_for_load_state("networkidle")
        found[name] = traces(page)
        assert shows(page, text), name
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()

    for name in ROOMS:
        page.goto(f"/projects/{project}/{name}")
        expect(page.get_by_role("main")).to_be_visible()
        page.wait_for_load_state("networkidle")
        found[name] = traces(page)

    page.goto("/account")
    expect(page.get_by_text(PAYLOADS[0]).first).to_be_visible()
    found["account"] = traces(page)

    page.goto(f"/images/{image}")
    expect(page.get_by_test_id("image-canvas")).to_be_visible()
    page.get_by_test_id("threads-open").click()
    expect(page.get_by_test_id("thread-item").first).to_be_visible()
    found["threads"] = traces(page)
    page.get_by_test_id("thread-item").first.click()
    expect(page.get_by_test_id("comment").first).to_be_visible()
    found["annotator"] = traces(page)

    for address in (f"/login?refused={PAYLOADS[1]}&next=javascript:alert(1)", f"/{PAYLOADS[0]}", "/api/docs"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found[address] = traces(page)

    print(f"\n{len(found)} pages and dialogs with {len(PAYLOADS)} texts each")
    assert not {name: entry for name, entry in found.items() if entry}
    assert dialogs == []

    # What slips through would be seen here, and still not run.
    page.goto("/")
    expect(page.get_by_test_id("project-card").first).to_be_visible()
    markup = f"<img {MARK} src=x onerror='window.__xss=0'><a href='javascript:window.__xss=0'>a</a>"
    page.evaluate("markup => document.body.insertAdjacentHTML('beforeend', markup)", markup)
    page.locator("a", has_text=re.compile("^a$")).last.click()
    page.wait_for_function("window.__blocked.length >= 2")
    seen = traces(page)
    assert set(seen) == {"blocked", "elements", "addresses", "handlers"}, seen


def test_files_of_the_server_are_no_pages(page: Page) -> None:
    """A file whose name and content are markup is shown as a picture, and what an API answers is no page."""
    log_in(page)
    project, _ = plant(page)
    page.add_init_script(WATCH)
    for path in (f"projects/{project}/", f"projects/{project}/labels/", f"projects/{project}/images/"):
        answer = page.goto(f"/api/v1/{path}")
        assert answer
        assert re.match(r"application/(problem\+)?json", answer.headers["content-type"])
        assert answer.headers["x-content-type-options"] == "nosniff"
        found = page.evaluate(FOUND.replace("window.__blocked", "[]"), MARK)
        assert not any(found[name] for name in ("ran", "elements", "addresses", "handlers"))
