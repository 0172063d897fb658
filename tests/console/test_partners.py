"""Partners and the warehouse desk, piece by piece, as a person uses them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.browsing import opened
from tests.console.sending import Partner, partner
from tests.dialects.tenants import Tenant

_LOCAL = "%Y-%m-%dT%H:%M"


@pytest.fixture(scope="module")
def shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    with partner(sqlite_template, tmp_path_factory.mktemp("partners")) as made:
        yield made


def _sure(page: Page, answer: str, *told: str) -> None:
    dialog = page.get_by_role("dialog")
    for text in (*told, "This cannot be undone."):
        expect(dialog).to_contain_text(text)
    dialog.get_by_role("button", name=answer, exact=True).click()
    expect(dialog).to_have_count(0)


def test_keys_of_every_kind_and_their_end(browser: Browser, tenant: Tenant):
    tenant.add_key(expires_at=datetime.now(UTC) - timedelta(hours=1))
    with opened(browser, tenant, "/partners", timezone_id="Europe/Amsterdam") as page:
        expect(page.get_by_text("expired", exact=True)).to_be_visible()
        page.get_by_role("button", name="New key").click()
        page.get_by_label("Name").fill("Dock 4")
        page.get_by_label("Party").select_option("warehouse")
        expect(page.get_by_label("fulfil_orders")).to_be_checked()
        expect(page.get_by_label("admin")).not_to_be_checked()
        page.get_by_label("Every dialect").uncheck()
        page.get_by_label("happycolis").check()
        page.get_by_label("Expires").fill("2099-07-01T12:30")
        page.get_by_role("button", name="Make the key").dblclick()
        page.get_by_role("button", name="I have it").click()
        row = page.get_by_role("listitem").filter(has_text="Dock 4")
        expect(row).to_contain_text("happycolis")
        (made,) = [each for each in tenant.api("GET", "/credentials")["credentials"] if each["name"] == "Dock 4"]
        assert (made["party"], made["scopes"]) == ("warehouse", ["read_orders", "fulfil_orders"])
        assert (made["dialects"], made["expires_at"]) == (["happycolis"], "2099-07-01T10:30:00.000Z")
        row.get_by_role("button", name="Revoke Dock 4").click()
        page.get_by_role("dialog").get_by_role("button", name="No, go back").click()
        expect(row).not_to_contain_text("revoked")
        row.get_by_role("button", name="Revoke Dock 4").click()
        _sure(page, "Revoke", "Revoke Dock 4?")
        expect(row).to_contain_text("revoked")
        page.get_by_role("listitem").filter(has_text="this session").get_by_role("button").click()
        _sure(page, "Revoke", "you are signed out")
        expect(page.get_by_label("API key")).to_be_visible()


def test_what_a_key_may_not_is_said(browser: Browser, tenant: Tenant):
    tenant.key = tenant.add_key(scopes=["read_orders"])
    with opened(browser, tenant, "/partners") as page:
        for link, scope in (("Keys", "admin"), ("Webhooks", "manage_webhooks")):
            page.get_by_role("link", name=link).click()
            expect(page.get_by_role("main")).to_contain_text(f"This needs a key with {scope}.")
        page.get_by_role("link", name="Health").click()
        expect(page.get_by_role("alert")).to_contain_text("scope_missing")


def test_a_webhook_from_its_wrong_url_to_its_end(browser: Browser, shop: Partner):
    held = shop.webhook("/busy", topics=["order.created"])
    order = shop.tenant.create()
    with opened(browser, shop.tenant, f"/partners?tab=webhooks&webhook={held['id']}") as page:
        log = page.get_by_role("region", name="What it was sent")
        expect(log.get_by_role("listitem")).to_contain_text("answered 503")
        expect(page.get_by_role("main")).to_contain_text("failing since")
        entry = log.get_by_role("listitem").first
        entry.locator("summary").click()
        expect(entry.get_by_role("link", name="the order")).to_have_attribute("href", f"/console/orders/{order['id']}")
        before = len(shop.receiver.requests)
        entry.get_by_role("button", name="Resend").click()
        shop.got(before + 1, "/busy")
        entry.get_by_role("button", name="Give up").click()
        expect(entry.locator("summary")).to_contain_text("failed")
        page.get_by_label("URL").fill("nonsense:")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("url")
        page.get_by_label("URL").fill(f"{shop.receiver.url}/new")
        page.get_by_text("Topics: order.created").click()
        page.get_by_label("order.fulfilled").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name=f"{shop.receiver.url}/new")).to_be_visible()
        assert shop.tenant.api("GET", f"/webhooks/{held['id']}")["topics"] == ["order.created", "order.fulfilled"]
        page.get_by_role("button", name="Send a test").click()
        expect(log.get_by_role("listitem").first).to_contain_text("test")
        (sent,) = shop.got(1, "/new")
        assert sent.headers["x-dragoman-test"] == "true"
        since = datetime.now().astimezone() - timedelta(minutes=5)
        page.get_by_label("Send again all since").fill(since.strftime(_LOCAL))
        page.get_by_role("button", name="Replay").click()
        assert order["id"].encode() in shop.got(2, "/new")[1].body
        page.get_by_role("button", name="New secret").click()
        _sure(page, "Make a new one", "24 hours")
        expect(page.get_by_text("whsec_")).not_to_have_text(held["secret"])
        page.get_by_role("button", name="Delete").click()
        _sure(page, "Delete", f"{shop.receiver.url}/new")
        expect(page.get_by_text("No webhooks.")).to_be_visible()
        assert shop.tenant.api("GET", "/webhooks") == {"webhooks": []}


def test_what_failed_is_found_while_it_is_tried_again(browser: Browser, shop: Partner):
    own = replace(shop, tenant=Tenant.add(shop.tenant.server))
    own.webhook("/busy", topics=["order.created"], blocking=True)
    first, second = own.tenant.create(), own.tenant.create()
    with opened(browser, own.tenant, "/partners?tab=webhooks") as page:
        page.get_by_role("link", name="See what failed").click()
        entry = page.locator(".log > li")
        expect(entry).to_have_count(1)
        expect(entry).to_contain_text("failed, to be tried again")
        expect(entry).to_contain_text("answered 503")
        entry.locator("summary").click()
        expect(entry.get_by_label("Body as sent")).to_contain_text(first["id"])
        expect(entry.get_by_label("Answer", exact=True).first).to_have_text("Come back later")
        page.get_by_role("link", name="On their way").click()
        expect(entry).to_have_count(2)
        expect(entry.first).to_contain_text("not tried yet")
        entry.first.locator("summary").click()
        expect(entry.first.get_by_role("link", name="the order")).to_have_attribute(
            "href", f"/console/orders/{second['id']}"
        )
        page.get_by_role("link", name="Failed").click()
        expect(entry).to_have_count(1)
        entry.get_by_role("button", name="Give up").click()
        expect(entry.filter(has_text=first["id"]).locator("summary")).not_to_contain_text("tried again")


@pytest.fixture
def asked(shop: Partner) -> Any:
    return shop.asked(customer={"name": "Ada Byron", "email": "ada@example.com"})


def test_the_desk_refuses_with_a_message(browser: Browser, shop: Partner, asked: Any):
    order, _, request = asked
    shop.asked()
    with opened(browser, shop.tenant, "/warehouse") as page:
        waiting = page.get_by_role("listitem").filter(has_text="Cancel all of")
        expect(waiting).to_have_count(2)
        expect(waiting.first).to_contain_text(order["number"])
        expect(waiting.first).to_contain_text("no deadline")
        waiting.first.get_by_label("Message").fill("Already packed")
        waiting.first.get_by_role("button", name="Refuse").click()
        _sure(page, "Refuse", "Refuse to cancel 7 units", "Already packed")
        expect(waiting).to_have_count(1)
        done = shop.tenant.api("GET", f"/requests/{request['id']}")
        assert (done["state"], done["message"]) == ("REJECTED", "Already packed")
        # Somebody else was quicker: what is shown is what counts.
        shop.tenant.api("POST", f"/requests/{shop.tenant.api('GET', '/requests')['requests'][0]['id']}/accept", {})
        expect(page.get_by_text("Nothing waits.")).to_be_visible()


def test_how_warehouses_are_simulated(browser: Browser, shop: Partner):
    order, location, request = shop.asked(behaviour="silent")
    with opened(browser, shop.tenant, "/warehouse") as page:
        page.get_by_role("listitem").filter(has_text=order["number"]).first.wait_for()
        form = page.get_by_role("form", name="Rotterdam")
        form.get_by_label("Behaviour").select_option("refuse")
        form.get_by_label("Message").fill("Not today")
        form.get_by_role("button", name="Save").click()
        expect(page.get_by_text("behaves as you said")).to_be_visible()
        kept = shop.tenant.api("GET", f"/locations/{location['id']}")["connector"]
        assert (kept["behaviour"], kept["message"]) == ("refuse", "Not today")
        own = page.get_by_role("form", name="For one order")
        for which, told in (("nobody", "No order is called so"), (order["number"], "The simulator does so")):
            own.get_by_label("Order (number or id)").fill(which)
            own.get_by_label("Behaviour").select_option("accept")
            own.get_by_label("Delay").fill("2.5")
            own.get_by_role("button", name="Save").click()
            expect(page.get_by_text(told)).to_be_visible()
        held = shop.tenant.api("GET", f"/orders/{order['id']}")["metadata"]
        assert held == {"simulate": {"behaviour": "accept", "delay": 2.5}}
    shop.tenant.api("POST", f"/requests/{request['id']}/accept", {})


def test_mail_is_seen_before_it_is_sent(browser: Browser, shop: Partner, asked: Any):
    order, _, request = asked
    shop.tenant.api("PATCH", "/tenant", {"policy": {"mail_from": "Mugs <shop@example.com>"}})
    shop.tenant.api("POST", f"/requests/{request['id']}/accept", {})
    with opened(browser, shop.tenant, "/partners?tab=mail") as page:
        page.get_by_label("Order", exact=True).fill(order["number"])
        page.get_by_role("button", name="Find").click()
        page.get_by_role("button", name=f"Cancellation of {order['number']}").click()
        expect(page.get_by_role("region", name="What it says")).to_contain_text("ada@example.com")
        frame = page.frame_locator("iframe")
        expect(frame.get_by_text("Red mug").first).to_be_visible()
        assert frame.locator("body").evaluate("e => getComputedStyle(e).margin") == "0px", "its own style counts"
        page.get_by_label("Language").first.fill("de")
        page.keyboard.press("Tab")
        expect(frame.locator("html")).to_have_attribute("lang", "de")
        page.get_by_label("Subject").fill("{{ order.number }} is off")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("The next mail says it so.")).to_be_visible()
        preview = shop.tenant.api("GET", f"/requests/{request['id']}/mail?language=en")
        assert preview["subject"] == f"{order['number']} is off"
        page.get_by_role("button", name="Back to ours").click()
        _sure(page, "Go back")
        expect(page.get_by_role("button", name="Back to ours")).to_have_count(0)
        adjustments = [each["id"] for each in request["adjustments"]]
        shop.tenant.api("POST", f"/orders/{order['id']}/mail", {"kind": "cancel", "adjustments": adjustments})
        expect(page.get_by_role("button", name=f"Mail about {order['number']}")).to_be_visible()
