"""A program of one's own is told by a signed request, and the page shows what became of it."""

import pytest
from playwright.sync_api import Page, expect

from tests.backend.webhooks.receiver import running_receiver
from tests.e2e.annotator import log_in, open_demo_project

pytestmark = pytest.mark.e2e


def test_a_manager_makes_a_webhook_and_its_ping_arrives_signed(page: Page) -> None:
    log_in(page)
    open_demo_project(page)
    page.get_by_test_id("webhooks-open").click()
    page.get_by_test_id("webhook-new").click()
    with running_receiver() as receiver:
        page.get_by_test_id("webhook-url").fill("https://localhost/hook")
        page.get_by_label("An image is accepted").check()
        page.get_by_test_id("webhook-save").click()
        expect(page.get_by_test_id("error-notice")).to_contain_text("webhook.address")
        page.get_by_test_id("webhook-url").fill(receiver.url)
        page.get_by_test_id("webhook-save").click()
        secret = page.get_by_test_id("webhook-secret").inner_text()
        page.get_by_test_id("webhook-ping").click()
        expect(page.get_by_test_id("delivery")).to_have_attribute("data-state", "delivered")
    [request] = receiver.received
    assert request.is_signed_with(secret)
    assert request.json()["type"] == "ping"
    page.get_by_test_id("delivery-open").click()
    expect(page.get_by_test_id("delivery-details")).to_contain_text(request.message_id)
    page.get_by_test_id("webhook-back").click()
    page.get_by_test_id("webhook-more").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_test_id("webhooks-none")).to_be_visible()
