"""The desk, partners and health with something in them, as axe-core judges them, and on a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.console.browsing import opened
from tests.console.judging import AXE, judge
from tests.console.sending import Partner, partner

_PHONE: Any = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    with partner(sqlite_template, tmp_path_factory.mktemp("judged")) as made:
        made.tenant.api("PATCH", "/tenant", {"policy": {"warehouse_deadline": 3600, "mail_from": "shop@example.com"}})
        made.webhook("/old", topics=["order.created"])
        made.asked(customer={"name": "Ada Byron", "email": "ada@example.com"})
        made.asked(behaviour="silent")
        made.got(1, "/old")
        yield made


def _each(page: Page, shop: Partner) -> Iterator[str]:
    """Every part, with what can be opened in it opened."""
    page.get_by_role("link", name="Warehouse desk").click()
    expect(page.get_by_label("Message").first).to_be_visible()
    yield "desk"
    page.get_by_role("button", name="Accept").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "asked whether one is sure"
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Partners").click()
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Every dialect").uncheck()
    yield "a new key"
    page.get_by_role("button", name="Make the key").click()
    page.get_by_role("button", name="I have it").wait_for()
    yield "the key"
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("button", name="New webhook").click()
    page.get_by_label("Every topic").uncheck()
    yield "a new webhook"
    page.get_by_role("link", name="See what failed").click()
    page.locator(".log summary").first.click()
    yield "what a webhook was sent"
    page.get_by_role("link", name="Mail").click()
    page.get_by_label("Order", exact=True).fill("Ada Byron")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Cancellation of").click()
    page.locator("iframe").wait_for()
    yield "mail"
    page.get_by_role("link", name="Orders", exact=True).click()
    page.get_by_role("link", name="Import").click()
    orders = b'{"number":"1","currency":"EUR","lines":[{"sku":"MUG-RED","quantity":2,"unit_price":1}]}\n{"lines":'
    file = FilePayload(name="orders.ndjson", mimeType="application/x-ndjson", buffer=orders)
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Import 1 order").wait_for()
    yield "import"
    page.get_by_role("link", name="Health").click()
    expect(page.get_by_role("heading", name="Health")).to_be_visible()
    yield "health"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_to_say(browser: Browser, shop: Partner, scheme: Any):
    with opened(browser, shop.tenant, color_scheme=scheme, reduced_motion="reduce") as page:
        for _ in _each(page, shop):
            page.wait_for_timeout(200)
            if AXE.exists():
                judge(page)


def test_on_a_phone_nothing_is_out_of_sight(browser: Browser, shop: Partner):
    with opened(browser, shop.tenant, **_PHONE) as page:
        for part in _each(page, shop):
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, part
