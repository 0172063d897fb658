"""From nothing to a partner that is connected, with a browser: what somebody does in the first afternoon."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.console.browsing import opened
from tests.console.sending import Partner, partner
from tests.dialects.server import PATIENCE


@pytest.fixture(scope="module")
def shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    with partner(sqlite_template, tmp_path_factory.mktemp("story")) as made:
        yield made


class Caller:
    """Whoever was given the key that the page showed."""

    def __init__(self, base: str, key: str) -> None:
        self._base, self._key = base, key

    def send(self, path: str, scheme: str = "Bearer ", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"{scheme}{self._key}", **more.pop("headers", {})}
        answer = httpx.post(self._base + path, headers=headers, timeout=PATIENCE, **more)
        assert answer.is_success, answer.text
        return answer


def test_the_first_afternoon(browser: Browser, shop: Partner):
    base = shop.tenant.server.base
    with opened(browser, shop.tenant, "/partners") as page:
        caller = Caller(base, _make_key(page))
        order_id = _imported(page, shop)
        _make_webhook(page, f"{shop.receiver.url}/old")
        page.get_by_role("link", name="Warehouse desk").click()
        expect(page.get_by_text("Nothing waits.")).to_be_visible()
        expect(page.get_by_role("main").get_by_text("Live", exact=True)).to_be_visible()

        # A partner cancels in its own dialect; it is here without anybody asking.
        caller.send("/shopline/orders/s-7/cancel", json={"reason": "Too late"})
        request = page.get_by_role("listitem").filter(has_text="Cancel all of")
        expect(request).to_contain_text("shopline")
        expect(request).to_contain_text("Too late")
        expect(request).to_contain_text("left")
        request.get_by_label("Message").fill("Put back on the shelf")
        request.get_by_role("button", name="Accept").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Accept to cancel 7 units of 7001?")
        expect(dialog).to_contain_text("This cannot be undone.")
        expect(dialog).to_contain_text("Put back on the shelf")
        dialog.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Nothing waits.")).to_be_visible()
        order = shop.tenant.api("GET", f"/orders/{order_id}")
        assert (order["cancelled"], order["cases"][0]["message"]) == (True, "Put back on the shelf")

        _mend_webhook(page, shop)
        assert [each.path for each in shop.receiver.requests if each.path == "/new"]


def _make_key(page: Page) -> str:
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill("Mugs & Co")
    page.get_by_label("write_orders").check()
    page.get_by_role("button", name="Make the key").click()
    shown = page.get_by_role("status").filter(has_text="It is shown this once")
    key = shown.locator("code").inner_text()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == key
    shown.get_by_role("button", name="I have it").click()
    expect(page.get_by_text("Mugs & Co")).to_be_visible()
    assert key not in page.content()
    return key


_SHEET = """number,currency,keys.shopline,customer.name,line.sku,line.title,line.quantity,line.unit_price
7001,EUR,s-7,Ada Byron,MUG-RED,Red mug,4,1250
7001,EUR,s-7,Ada Byron,TEA-GREEN,Green tea,3,800
7002,EUR,s-8,Bob,MUG-RED,Red mug,many,1250
"""


def _file(text: str) -> FilePayload:
    return FilePayload(name="orders.csv", mimeType="text/csv", buffer=text.encode())


def _imported(page: Page, shop: Partner) -> str:
    """Of a sheet in which one order is wrong; the goods of the other are then picked."""
    page.get_by_role("link", name="Orders", exact=True).click()
    page.get_by_role("link", name="Import").click()
    page.get_by_label("File").set_input_files(_file(_SHEET))
    expect(page.get_by_text("row 4, line.quantity")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("4 × MUG-RED, 3 × TEA-GREEN")
    assert shop.tenant.api("GET", "/orders")["orders"] == []
    page.get_by_role("button", name="Import 1 order").dblclick()
    expect(page.get_by_text("1 created, 0 there already, 0 rejected.")).to_be_visible()
    (order,) = shop.tenant.api("GET", "/orders")["orders"]
    page.get_by_label("File").set_input_files(_file("number,colour\n1,red\n"))
    expect(page.get_by_role("alert")).to_contain_text("there is no column 'colour'")
    shop.tenant.api("PATCH", "/tenant", {"policy": {"warehouse_deadline": 3600}})
    place = shop.tenant.api("POST", "/locations", {"name": "Rotterdam", "connector": {"kind": "manual"}})
    body = {"location_id": place["id"], "stage": "picking"}
    shop.tenant.api("POST", f"/orders/{order['id']}/allocations", body)
    return str(order["id"])


def _make_webhook(page: Page, url: str) -> None:
    page.get_by_role("link", name="Partners").click()
    page.get_by_role("link", name="Webhooks").click()
    expect(page.get_by_text("No webhooks.")).to_be_visible()
    page.get_by_role("button", name="New webhook").click()
    page.get_by_label("URL").fill(url)
    page.get_by_label("Every topic").uncheck()
    for topic in ("cancellation.requested", "cancellation.accepted"):
        page.get_by_label(topic, exact=True).check()
    page.get_by_role("button", name="Make the webhook").click()
    expect(page.get_by_text("whsec_")).to_be_visible()
    page.get_by_role("button", name="I have it").click()
    expect(page.get_by_text("whsec_")).to_have_count(0)


def _mend_webhook(page: Page, shop: Partner) -> None:
    """Found by what failed; then its URL is mended, and what was lost sent again."""
    shop.got(1, "/old")
    page.get_by_role("link", name="Partners").click()
    page.get_by_role("link", name="Webhooks").click()
    expect(page.get_by_text("disabled")).to_be_visible()
    page.get_by_role("link", name="See what failed").click()
    log = page.get_by_role("region", name="What it was sent")
    failed = log.get_by_role("listitem").filter(has_text="cancellation.requested")
    failed.locator("summary").click()
    expect(failed).to_contain_text("answered 410")
    expect(failed.get_by_label("Answer", exact=True)).to_have_text("Moved away")
    expect(failed.get_by_label("Body as sent")).to_contain_text('"type": "cancellation.requested"')
    expect(failed.get_by_role("button", name="Resend")).to_be_disabled()
    page.get_by_label("URL").fill(f"{shop.receiver.url}/new")
    page.get_by_label("Active").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("going again")).to_be_visible()
    failed.get_by_role("button", name="Resend").click()
    (sent,) = shop.got(1, "/new")
    assert b'"type":"cancellation.requested"' in sent.body.replace(b'": "', b'":"')
    page.get_by_role("link", name="Delivered").click()
    expect(log.get_by_role("listitem").filter(has_text="cancellation.requested")).to_contain_text("answered 200")
