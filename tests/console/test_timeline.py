"""What happened to an order, told with its amounts, units and places."""

from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.console.browsing import opened
from tests.dialects.tenants import Tenant

_FEES = [{"kind": "shipping", "title": "Parcel", "amount": 495}]


def _told(page: Page, *entries: tuple[str, str]) -> None:
    """Newest first: what each entry is called, and what it says has changed."""
    shown = page.locator(".event")
    expect(shown).to_have_count(len(entries))
    for n, (title, change) in enumerate(entries):
        expect(shown.nth(n).locator("strong").first).to_have_text(title)
        expect(shown.nth(n)).to_contain_text(change)


def test_goods_that_come_back(browser: Browser, tenant: Tenant):
    shelf = tenant.api("POST", "/locations", {"name": "Shelf"})
    order = tenant.create(fees=_FEES, payment={"status": "paid"})
    path, (mug, tea) = f"/orders/{order['id']}", [line["id"] for line in order["lines"]]

    def step(verb: str, **more: Any) -> Any:
        return tenant.api("POST", f"{path}/{verb}", more)

    step("fulfillments", lines=[{"line_id": mug, "quantity": 3}, {"line_id": tea, "quantity": 2}])
    lines = [{"line_id": mug, "quantity": 2}, {"line_id": tea, "quantity": 1}]
    request = step("returns", lines=lines, reason_code="DAMAGED")["request"]
    mugs, teas = (each["id"] for each in request["adjustments"])
    step("receive", adjustments=[f"{mugs}.1"])
    step("withdraw", adjustments=[teas])
    step("approve", adjustments=[f"{mugs}.1"])
    step("restock", adjustments=[f"{mugs}.1"], location_id=shelf["id"])
    step("credit-fees", adjustments=[f"{mugs}.1"], fees=[{"fee_id": order["fees"][0]["id"], "amount": 300}])
    step("finish", adjustments=[f"{mugs}.1"])
    with opened(browser, tenant, path) as page:
        _told(
            page,
            ("Return finished", "1 × MUG-RED finished"),
            ("Fees credited", "Parcel: €3.00 credited"),
            ("Return restocked", "1 × MUG-RED restocked"),
            ("Return approved", "1 × MUG-RED approved"),
            ("Return rejected", "1 × TEA-GREEN rejected"),
            ("Return received", "1 × MUG-RED received"),
            ("Return announced", "2 × MUG-RED, 1 × TEA-GREEN announced"),
            ("Order fulfilled", "MUG-RED: open 5 → 2, fulfilled 0 → 3"),
            ("Order created", "MUG-RED: open 0 → 5"),
        )
        expect(page.locator(".event").nth(6)).to_contain_text("Reason DAMAGED")


def test_a_cancellation_step_by_step(browser: Browser, tenant: Tenant):
    shelf = tenant.api("POST", "/locations", {"name": "Shelf"})
    order = tenant.create(track_inventory=True)
    path, mug = f"/orders/{order['id']}", order["lines"][0]["id"]
    body = {"lines": [{"line_id": mug, "quantity": 3}], "stepwise": True}
    [entry] = tenant.api("POST", f"{path}/cancellations", body)["request"]["adjustments"]
    units = {"adjustments": [f"{entry['id']}.{n}" for n in (3, 4)]}
    tenant.api("POST", f"{path}/approve", units)
    tenant.api("POST", f"{path}/restock", {**units, "location_id": shelf["id"]})
    with opened(browser, tenant, path) as page:
        _told(
            page,
            ("Cancel restocked", "2 × MUG-RED restocked"),
            ("Cancel approved", "2 × MUG-RED approved"),
            ("Cancellation requested", "MUG-RED: open 5 → 2, pending 0 → 3"),
            ("Order created", "MUG-RED: open 0 → 5"),
        )


def test_places_parcels_and_money(browser: Browser, tenant: Tenant):
    shelf = tenant.api("POST", "/locations", {"name": "Shelf"})
    order = tenant.create(payment={"status": "paid"})
    path, (mug, tea) = f"/orders/{order['id']}", [line["id"] for line in order["lines"]]
    body = {"location_id": shelf["id"], "lines": [{"line_id": mug, "quantity": 3}]}
    held = tenant.api("POST", f"{path}/allocations", {**body, "stage": "planned"})
    tenant.api("PATCH", f"{path}/allocations/{held['id']}", {"stage": "picking"})
    parcel = {"lines": [{"line_id": tea, "quantity": 2}], "carrier": "Post", "tracking_code": "JD01"}
    sent = tenant.api("POST", f"{path}/fulfillments", parcel)
    tenant.api("PATCH", f"{path}/fulfillments/{sent['id']}", {"state": "delivered"})
    tenant.api("POST", f"{path}/refunds", {"amount": 500, "reason": "A dent"})
    goods = [{"line_id": mug, "quantity": 1}, {"line_id": tea, "quantity": 1}]
    tenant.api("POST", f"{path}/refunds", {"lines": goods, "cancel": True, "receive": True})
    with opened(browser, tenant, path) as page:
        _told(
            page,
            ("Order refunded", "€20.50 given back for 1 × MUG-RED, 1 × TEA-GREEN"),
            ("Order refunded", "€5.00 given back"),
            ("Fulfillment delivered", "2 × TEA-GREEN by Post JD01"),
            ("Order fulfilled", "TEA-GREEN: open 2 → 0"),
            ("Allocation updated", "3 × MUG-RED at Shelf: picking"),
            ("Order allocated", "3 × MUG-RED at Shelf"),
            ("Order created", "MUG-RED: open 0 → 5"),
        )
        expect(page.locator(".event").nth(0)).to_contain_text("1 × TEA-GREEN finished")
        expect(page.locator(".event").nth(1)).to_contain_text("Reason A dent")


def test_a_return_in_progress_is_seen_on_the_order_and_in_the_list(browser: Browser, tenant: Tenant):
    order = tenant.create()
    path, mug = f"/orders/{order['id']}", order["lines"][0]["id"]
    tenant.api("PATCH", "/tenant", {"policy": {"approve_returns": True}})
    tenant.api("POST", f"{path}/fulfillments", {"lines": [{"line_id": each["id"]} for each in order["lines"]]})
    body = {"lines": [{"line_id": mug, "quantity": 2}]}
    [entry] = tenant.api("POST", f"{path}/returns", body)["request"]["adjustments"]
    with opened(browser, tenant) as page:
        row = page.locator(".row")
        expect(row).to_contain_text("2 coming back")
        row.click()
        expect(page.get_by_role("img", name="5 × MUG-RED: 3 fulfilled, 2 coming back")).to_be_visible()
        expect(page.locator(".states")).to_have_text("shipped2 coming back")
        expect(page.locator(".legend")).to_contain_text("2 coming back")
        tenant.api("POST", f"{path}/receive", {"adjustments": [f"{entry['id']}.1"]})
        expect(page.get_by_role("img", name="5 × MUG-RED: 3 fulfilled, 1 coming back, 1 returned")).to_be_visible()
        expect(page.locator(".states")).to_have_text("shipped1 coming back1 to approve1 returned")
