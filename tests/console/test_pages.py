"""Orders, one order and what can be done with it, as a person does it in a browser."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.browsing import opened, stranger
from tests.dialects.server import Server, Wire
from tests.dialects.tenants import Tenant

_LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def order(tenant: Tenant) -> Any:
    return tenant.create(customer={"name": "Ada Byron", "email": "ada@example.com"}, keys={"shopline": "s-1"})


def _numbers(page: Page) -> list[str]:
    return page.locator(".row-number").all_inner_texts()


def _to(page: Page, path: str) -> None:
    page.evaluate("p => { history.pushState(null, '', p); dispatchEvent(new PopStateEvent('popstate')) }", path)


def test_signing_in_and_out(browser: Browser, tenant: Tenant):
    with stranger(browser, tenant) as page:
        field = page.get_by_label("API key")
        expect(field).to_be_focused()
        field.fill("drg_nonsense")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("unauthenticated")
        expect(page.get_by_role("alert")).to_contain_text("malformed")
        field.fill(tenant.key)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Orders")).to_be_visible()
        expect(page.get_by_text("No orders yet.")).to_be_visible()
        assert page.evaluate("document.cookie") == ""
        assert page.evaluate("JSON.stringify([localStorage, sessionStorage])") == "[{},{}]"
        page.reload()
        expect(page.get_by_role("heading", name="Orders")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("API key")).to_be_visible()
        page.reload()
        expect(page.get_by_label("API key")).to_be_visible()


def test_searching_and_filtering(browser: Browser, tenant: Tenant, order: Any):
    other = tenant.create(customer={"name": "Zoë Ångström"}, state="draft", number=f"X-{order['number']}")
    with opened(browser, tenant) as page:
        expect(page.locator(".row")).to_have_count(2)
        search = page.get_by_role("searchbox", name="Search orders")
        for text, numbers in (
            ("s-1", [order["number"]]),
            ("ada@example.com", [order["number"]]),
            ("Ångström", [other["number"]]),
            ("mug", [other["number"], order["number"]]),
            (order["lines"][1]["id"], [order["number"]]),
        ):
            search.fill(text)
            expect(page.locator(".row")).to_have_count(len(numbers))
            expect(page.locator(".row-number").first).to_have_text(numbers[0])
            assert _numbers(page) == numbers
        search.fill("nothing like it")
        expect(page.get_by_text("Nothing is called “nothing like it”.")).to_be_visible()
        page.reload()
        expect(search).to_have_value("nothing like it")
        search.fill("")
        expect(page.get_by_text("2 orders shown")).to_be_attached()
        page.get_by_role("button", name="Drafts").click()
        expect(page.get_by_text("1 order shown")).to_be_attached()
        expect(page.locator(".row")).to_have_count(1)
        assert _numbers(page) == [other["number"]]
        page.get_by_role("button", name="Waiting").click()
        expect(page.get_by_text("No order is so at the moment.")).to_be_visible()


def test_orders_change_before_ones_eyes(browser: Browser, tenant: Tenant, order: Any):
    with opened(browser, tenant) as page:
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        tenant.api("POST", f"/orders/{order['id']}/cancellations", {})
        expect(page.locator(".row.fresh")).to_contain_text("cancelled")
        made = tenant.create()
        expect(page.locator(".row")).to_have_count(2)
        expect(page.locator(".row-number").first).to_have_text(made["number"])
        page.locator(".row").last.click()
        expect(page.get_by_role("heading", name=order["number"])).to_be_visible()
        expect(page.get_by_role("main")).to_be_focused()
        page.go_back()
        expect(page.locator(".row")).to_have_count(2)


def _one_mug(page: Page) -> None:
    page.get_by_role("button", name="Cancel …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Red mug").fill("1")
    dialog.get_by_label("Green tea").fill("0")
    dialog.get_by_label("Reason, in words").fill("Broken")
    dialog.get_by_role("button", name="See what would happen").click()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_cancellation_from_the_order_to_every_dialect(browser: Browser, engine: str, request: pytest.FixtureRequest):
    server: Server = request.getfixturevalue(f"{engine}_console")
    tenant = Tenant.add(server)
    order = tenant.create()
    with opened(browser, tenant, f"/orders/{order['id']}") as page:
        expect(page.get_by_role("img", name="5 × MUG-RED: 5 open")).to_be_visible()
        _one_mug(page)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("cancelled 0 → 1")
        expect(dialog).to_contain_text("€12.50")
        expect(dialog).to_contain_text("This cannot be undone.")
        assert tenant.api("GET", f"/orders/{order['id']}")["version"] == 1, "so far nothing was done"
        dialog.get_by_role("button", name="Cancel 1 unit").dblclick()
        expect(page.get_by_role("img", name="5 × MUG-RED: 4 open, 1 cancelled")).to_be_visible()
        assert [each["type"] for each in tenant.events(order["id"])] == ["order.created", "cancellation.accepted"]
        newest = page.locator(".event").first
        expect(newest).to_contain_text("Cancellation accepted")
        expect(newest).to_contain_text("open 5 → 4, cancelled 0 → 1")
        expect(newest).to_contain_text("Broken")
        newest.get_by_role("button", name="Show the event").click()
        expect(newest.locator(".json")).to_contain_text('"type": "cancellation.accepted"')
        page.get_by_role("link", name="Rosetta").click()
        for name in ("afosto", "convictional", "happycolis", "native", "shopline", "shopline_admin"):
            look = page.get_by_role("article", name=name, exact=True)
            expect(look.locator(".changes")).to_contain_text("changed")
            expect(look.locator(".changed, .added").first).to_be_visible()
        mark = page.get_by_role("article", name="happycolis", exact=True).locator(".changed")
        expect(mark).to_contain_text('"quantity": 4')
        expect(mark.locator("s")).to_have_text("5")


def test_said_in_every_dialect_with_the_key_on_request(browser: Browser, tenant: Tenant, order: Any):
    with opened(browser, tenant, f"/orders/{order['id']}?view=rosetta") as page:
        calls = page.locator(".calls")
        expect(calls).to_contain_text("/shopline/openapi/2022-01/orders/s-1/cancel")
        expect(calls).to_contain_text("YOUR_API_KEY")
        calls.get_by_role("button", name="JavaScript").click()
        expect(calls).to_contain_text("await fetch(")
        assert tenant.key not in page.content()
        calls.get_by_role("button", name="Fill in my key").click()
        expect(calls).to_contain_text(tenant.key)
        expect(calls).to_contain_text("whoever has them can do what you can")
        calls.get_by_role("button", name="Take my key out").click()
        expect(calls).not_to_contain_text(tenant.key)
        calls.get_by_role("button", name="Return", exact=True).click()
        expect(calls.locator(".said", has_text="convictional")).to_contain_text("Has no words for this.")


def test_shipping_returning_allocating(browser: Browser, tenant: Tenant, order: Any):
    shelf = tenant.api("POST", "/locations", {"name": "Shelf"})
    with opened(browser, tenant, f"/orders/{order['id']}") as page:
        expect(page.get_by_role("button", name="Return …")).to_be_disabled()
        dialog = page.get_by_role("dialog")
        page.get_by_role("button", name="Allocate …").click()
        dialog.get_by_label("Stage").select_option("opened")
        dialog.get_by_role("button", name="Review").click()
        dialog.get_by_role("button", name="Allocate 7 units").click()
        expect(page.get_by_role("region", name="Allocations")).to_contain_text("Shelf")
        page.get_by_role("button", name="Fulfil …").click()
        dialog.get_by_label("Tracking code").fill("JD01")
        dialog.get_by_role("button", name="Review").click()
        dialog.get_by_role("button", name="Ship 7 units").click()
        expect(page.get_by_role("region", name="Shipments")).to_contain_text("JD01")
        page.get_by_role("button", name="Return …").click()
        dialog.get_by_label("Green tea").fill("0")
        dialog.get_by_label("The goods are here already").check()
        dialog.get_by_role("button", name="Review").click()
        expect(dialog).to_contain_text("This cannot be undone, unless it waits for approval")
        dialog.get_by_role("button", name="Take back 5 units").click()
        expect(page.get_by_role("img", name="5 × MUG-RED: 5 returned")).to_be_visible()
        page.get_by_role("button", name="Return …").click()
        expect(dialog.get_by_label("Red mug")).to_have_count(0)
        expect(dialog.get_by_label("Reason code")).to_have_attribute("placeholder", "UNWANTED")
        dialog.get_by_role("button", name="Review").click()
        expect(dialog).not_to_contain_text("cannot be undone")
        expect(dialog).to_contain_text("It can be withdrawn through the API (/withdraw) until the goods are here")
        dialog.get_by_role("button", name="Announce 2 units").click()
        expect(page.get_by_role("button", name="Return …")).to_be_disabled()
    after = tenant.api("GET", f"/orders/{order['id']}")
    assert after["allocations"][0]["location_id"] == shelf["id"]
    assert after["state"] == "completed"


def test_errors_are_shown_as_they_are(browser: Browser, tenant: Tenant, order: Any):
    """Somebody else is faster: what was reviewed stays, the core refuses, and the page says how."""
    with opened(browser, tenant, f"/orders/{order['id']}") as page:
        _one_mug(page)
        tenant.api("POST", f"/orders/{order['id']}/cancellations", {})
        page.get_by_role("dialog").get_by_role("button", name="Cancel 1 unit").click()
        alert = page.get_by_role("dialog").get_by_role("alert")
        expect(alert).to_contain_text("already_cancelled")
        expect(alert).to_contain_text("Everything that was named is cancelled already.")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        _to(page, "/console/orders/01a1fc9b-4fa8-7505-9853-1bd037900000")
        expect(page.get_by_role("alert")).to_contain_text("order_not_found")
        _to(page, "/console/nowhere")
        expect(page.get_by_role("heading", name="Not found")).to_be_visible()


def test_a_revoked_key_is_out_at_once(browser: Browser, tenant: Tenant):
    made = tenant.api("POST", "/credentials", {"name": "console"})
    key, tenant.key = tenant.key, made["key"]
    with opened(browser, tenant) as page:
        tenant.key = key
        tenant.api("DELETE", f"/credentials/{made['id']}")
        expect(page.get_by_label("API key")).to_be_visible()


def test_with_less_of_a_key_there_is_less_to_do(browser: Browser, tenant: Tenant, order: Any):
    tenant.key = tenant.add_key(scopes=["read_orders"], dialects=["native"])
    with opened(browser, tenant, f"/orders/{order['id']}?view=rosetta") as page:
        cancel = page.get_by_role("button", name="Cancel …")
        expect(cancel).to_be_disabled()
        expect(cancel).to_have_attribute("title", "The key lacks the scope write_orders.")
        expect(page.get_by_role("article", name="afosto", exact=True)).to_contain_text(
            "This key may not use this dialect."
        )


def test_long_lists_are_shown_bit_by_bit(browser: Browser, tenant: Tenant):
    line = {"sku": "A", "quantity": 100, "unit_price": 1}
    body = "\n".join(json.dumps({"number": f"L-{n:03}", "currency": "EUR", "lines": [line]}) for n in range(260))
    answer = tenant.send(Wire("POST", "/api/orders/import", raw=body.encode(), headers=_LINES))
    assert answer.text.count('"created"') == 260
    with opened(browser, tenant) as page:
        expect(page.locator(".row")).to_have_count(50)
        for count in (100, 150, 200, 250):
            page.get_by_role("button", name="Show more").click()
            expect(page.locator(".row")).to_have_count(count)
        expect(page.get_by_text("There are more: search for them, or filter.")).to_be_visible()
        page.get_by_role("searchbox").fill("L-25")
        expect(page.locator(".row")).to_have_count(10)
        page.get_by_role("link", name="L-259").click()
        expect(page.locator(".lines .shares")).to_have_attribute("aria-label", "100 × A: 100 open")
