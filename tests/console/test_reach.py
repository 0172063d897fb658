"""For everybody: on a phone, with a keyboard alone, in the dark, and as axe-core judges it."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.browsing import opened
from tests.console.judging import AXE, judge
from tests.dialects.tenants import Tenant

# Pages of which axe-core is asked, where it could be installed.
_JUDGED = (
    {
        "light": ["", "/orders/{id}", "/orders/{id}?view=rosetta", "/warehouse", "/partners", "/health"],
        "dark": ["", "/orders/{id}"],
    }
    if AXE.exists()
    else {}
)


@pytest.fixture
def order(tenant: Tenant) -> Any:
    """One with something in every place."""
    place = tenant.api("POST", "/locations", {"name": "Rotterdam", "connector": {"kind": "manual"}})
    made = tenant.create(customer={"name": "Ada Byron"}, fees=[{"kind": "shipping", "title": "Parcel", "amount": 595}])
    path, mug = f"/orders/{made['id']}", made["lines"][0]["id"]
    tenant.api("POST", f"{path}/cancellations", {"lines": [{"line_id": mug, "quantity": 1}], "reason": "Broken"})
    tenant.api("POST", f"{path}/fulfillments", {"lines": [{"line_id": mug, "quantity": 2}], "carrier": "DHL"})
    tenant.api("POST", f"{path}/returns", {"lines": [{"line_id": mug, "quantity": 1}], "received": True})
    tenant.api("POST", f"{path}/allocations", {"location_id": place["id"], "stage": "picking"})
    tenant.api("POST", f"{path}/cancellations", {"unfulfilled_only": True, "reason": "Changed my mind"})
    return made


def _settled(page: Page) -> None:
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("domcontentloaded")
    page.wait_for_timeout(150)


@pytest.mark.parametrize("scheme", _JUDGED)
def test_axe_has_nothing_to_say(browser: Browser, tenant: Tenant, order: Any, scheme: str):
    with opened(browser, tenant, color_scheme=scheme) as page:
        for path in _JUDGED[scheme]:
            page.goto(f"{tenant.server.base}/console{path.format(id=order['id'])}")
            _settled(page)
            judge(page)


def test_axe_on_what_is_opened(browser: Browser, tenant: Tenant, order: Any):
    with opened(browser, tenant, f"/orders/{tenant.create()['id']}") as page:
        page.get_by_role("button", name="Cancel …").click()
        for step in ("See what would happen", None):
            _settled(page)
            if AXE.exists():
                judge(page)
            if step:
                page.get_by_role("button", name=step).click()
                page.get_by_role("dialog").get_by_role("table").wait_for()


def test_on_a_phone_nothing_is_out_of_sight(browser: Browser, tenant: Tenant, order: Any):
    phone: Any = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    with opened(browser, tenant, **phone) as page:
        for path in (
            "",
            f"/orders/{order['id']}",
            f"/orders/{order['id']}?view=rosetta",
            "/warehouse",
            "/partners",
            "/health",
        ):
            page.goto(f"{tenant.server.base}/console{path}")
            _settled(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
            expect(page.get_by_role("navigation", name="Pages")).to_be_in_viewport()
        page.goto(f"{tenant.server.base}/console/orders/{tenant.create()['id']}")
        page.get_by_role("button", name="Cancel …").tap()
        expect(page.get_by_role("button", name="See what would happen")).to_be_in_viewport()
        assert page.evaluate("document.querySelector('dialog').scrollWidth") <= 360


def test_with_a_keyboard_alone(browser: Browser, tenant: Tenant):
    order = tenant.create()
    with opened(browser, tenant) as page:
        page.get_by_role("link", name=order["number"]).wait_for()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        _tab_to(page, f"/console/orders/{order['id']}")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", (
            "the focus is not seen"
        )
        page.keyboard.press("Enter")
        cancel = page.get_by_role("button", name="Cancel …")
        cancel.wait_for()
        for _ in range(10):
            page.keyboard.press("Tab")
            if cancel.evaluate("e => e === document.activeElement"):
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(cancel).to_be_focused()


def _tab_to(page: Page, href: str) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == href:
            return
    raise AssertionError(f"{href} cannot be reached")
