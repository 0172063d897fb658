"""Lists and counts of orders (contract 1.4 and 4.4): a filter finds exactly the orders that show its word."""

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

STATUSES = ("opened", "placed", "finished", "cancelled", "closed")
FINANCIAL = (
    "waiting",
    "paying",
    "paid",
    "cancelled",
    "failed",
    "refunding",
    "refund_failed",
    "refunded",
    "partially_refunded",
)
FULFILLMENT = (
    "initialled",
    "waiting",
    "partially_shipped",
    "shipped",
    "partially_finished",
    "finished",
    "cancelled",
    "returning",
    "returned",
    "partially_returned",
)
BASE = "/shopline/openapi/2022-01/orders"


def listed(tenant: Tenant, **asked: Any) -> list[dict[str, Any]]:
    answer = tenant.send(Wire("GET", f"{BASE}?{urlencode(asked)}"))
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"orders"}
    return list(answer.json()["orders"])


def counted(tenant: Tenant, **asked: Any) -> int:
    answer = tenant.send(Wire("GET", f"{BASE}/count?{urlencode(asked)}"))
    assert answer.status_code == 200, answer.text
    return int(answer.json()["count"])


def numbers(orders: list[dict[str, Any]]) -> list[str]:
    return [order["number"] for order in orders]


def _make(tenant: Tenant) -> None:
    """Orders in every state that this face tells apart."""
    tenant.create(state="draft")
    tenant.api("POST", f"/orders/{tenant.create(state='draft')['id']}/cancellations", {})
    for status in ("waiting", "paying", "authorized", "paid", "partially_refunded", "refunded", "failed"):
        tenant.create(payment={"status": status})
        cancelled = tenant.create(payment={"status": status})
        tenant.api("POST", f"/orders/{cancelled['id']}/cancellations", {})
    partly = tenant.create(payment={"status": "paid"})
    ship_two = {"lines": [{"line_id": partly["lines"][0]["id"], "quantity": 2}]}
    tenant.api("POST", f"/orders/{partly['id']}/fulfillments", ship_two)
    shipped = tenant.create(payment={"status": "paid"})
    tenant.api("POST", f"/orders/{shipped['id']}/fulfillments")
    mixed = tenant.create()
    tenant.api("POST", f"/orders/{mixed['id']}/cancellations", {"lines": [{"line_id": mixed["lines"][0]["id"]}]})
    tenant.api("POST", f"/orders/{mixed['id']}/fulfillments")
    by_lines = tenant.create()
    for line in by_lines["lines"]:
        tenant.api("POST", f"/orders/{by_lines['id']}/cancellations", {"lines": [{"line_id": line["id"]}]})
    waiting = tenant.create(payment={"status": "paid"})
    location = tenant.api("POST", "/locations", {"name": "R", "connector": {"kind": "manual"}})
    held = {"location_id": location["id"], "stage": "picking"}
    tenant.api("POST", f"/orders/{waiting['id']}/allocations", held)
    tenant.api("POST", f"/orders/{waiting['id']}/cancellations", {})
    tenant.create(lines=[])
    for sent_back, done in ((0, ()), (0, ("complete",)), (2, ("complete",)), (7, ("complete", "close"))):
        _shipped(tenant, sent_back, done)
    _shipped(tenant, 0, ("close",))
    _shipped(tenant, 0, ("complete",), whole=True)


def _shipped(tenant: Tenant, sent_back: int, done: tuple[str, ...], *, whole: bool = False) -> None:
    """Paid and shipped, perhaps in two parcels of which the first arrives; and refunded for what came back."""
    order = tenant.create(payment={"status": "paid"})
    path = f"{BASE}/{order['id']}"
    mugs, teas = (line["id"] for line in order["lines"])
    parcel = tenant.send(Wire("POST", f"{path}/fulfillments", {} if whole else {"line_item_ids": [mugs]}))
    tenant.send(Wire("POST", f"{path}/fulfillments"))
    tails = {"complete": f"/fulfillments/{parcel.json()['fulfillment']['id']}/complete", "close": "/close"}
    if sent_back:
        items = [{"id": mugs, "quantity": min(sent_back, 5)}, {"id": teas, "quantity": sent_back - 5}]
        body = {"is_return": True, "line_items": [item for item in items if item["quantity"] > 0]}
        assert tenant.send(Wire("POST", f"{path}/partial_refund", body)).status_code == 200
    for what in done:
        assert tenant.send(Wire("POST", path + tails[what])).status_code == 200


def _filters() -> Iterator[dict[str, str]]:
    for status, fulfillment in product(STATUSES, FULFILLMENT):
        yield {"status": status}
        yield {"status": status, "fulfillment_status": fulfillment}
    for financial, fulfillment in product(FINANCIAL, FULFILLMENT):
        yield {"financial_status": financial}
        yield {"fulfillment_status": fulfillment}
        yield {"financial_status": financial, "fulfillment_status": fulfillment}
        yield {"financial_status": financial, "fulfillment_status": fulfillment, "status": "cancelled"}


def test_a_filter_finds_what_shows_its_words(tenant: Tenant) -> None:
    _make(tenant)
    orders = listed(tenant, limit=250)
    shown = [{order[name] for order in orders} for name in ("status", "financial_status", "fulfillment_status")]
    assert shown == [
        {"opened", "placed", "finished", "cancelled", "closed"},
        {"waiting", "paying", "paid", "cancelled", "failed", "refunded", "partially_refunded"},
        {"initialled", "waiting", "partially_shipped", "shipped", "cancelled", "partially_finished"}
        | {"finished", "returned", "partially_returned"},
    ]
    for asked in {tuple(sorted(asked.items())): asked for asked in _filters()}.values():
        matching = [order for order in orders if all(order[name] == word for name, word in asked.items())]
        assert numbers(listed(tenant, limit=250, **asked)) == numbers(matching), asked
        assert counted(tenant, **asked) == len(matching), asked


def _cancelled_after_a_part_was_shipped(tenant: Tenant) -> Any:
    order = tenant.create()
    ship_two = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 2}]}
    tenant.api("POST", f"/orders/{order['id']}/fulfillments", ship_two)
    return tenant.send(Wire("POST", f"{BASE}/{order['id']}/cancel")).json()["order"]


def test_a_cancelled_order_of_which_a_part_was_shipped_is_not_listed_as_shipped(tenant: Tenant) -> None:
    order = _cancelled_after_a_part_was_shipped(tenant)
    assert (order["status"], order["fulfillment_status"]) == ("cancelled", "partially_shipped")
    assert numbers(listed(tenant, status="cancelled")) == [order["number"]]
    assert listed(tenant, fulfillment_status="shipped") == []


def test_a_cancelled_order_of_which_a_part_was_shipped_is_listed_as_partially_shipped(tenant: Tenant) -> None:
    order = _cancelled_after_a_part_was_shipped(tenant)
    assert numbers(listed(tenant, fulfillment_status="partially_shipped")) == [order["number"]]


def test_other_filters_match_what_is_shown(tenant: Tenant) -> None:
    tenant.create(number="N-1")
    assert numbers(listed(tenant, recovery_status="waiting")) == ["N-1"]
    for word in ("sending", "recalling", "failed", "success"):
        assert listed(tenant, recovery_status=word) == []
    assert listed(tenant, location_id="01a1fc59-875e-7ca2-9952-db974c600000") == []
    assert numbers(listed(tenant, location_id="", ids="", unknown="x")) == ["N-1"]


def test_newest_first_page_by_page(tenant: Tenant) -> None:
    made = [tenant.create()["number"] for _ in range(12)]
    newest = made[::-1]
    assert numbers(listed(tenant)) == newest[:10]
    assert numbers(listed(tenant, page=2)) == newest[10:]
    assert numbers(listed(tenant, limit=5, page=2)) == newest[5:10]
    assert numbers(listed(tenant, limit=250)) == newest
    assert listed(tenant, limit=5, page=4) == []
    assert counted(tenant) == counted(tenant, limit=5, page=4) == 12


def test_by_ids(tenant: Tenant) -> None:
    first = tenant.create(keys={"shopline": "633130-00000001"})
    second, _ = tenant.create(), tenant.create(keys={"convictional": "66aa00000000000000000001"})
    asked = f"633130-00000001, {second['id']},none,66aa00000000000000000001,{'x' * 300}"
    assert numbers(listed(tenant, ids=asked)) == [second["number"], first["number"]]
    assert numbers(listed(tenant, ids=first["id"])) == [first["number"]]
    assert listed(tenant, ids="none") == []
    assert listed(tenant, ids="633130-00000001", status="cancelled") == []
    many = tenant.send(Wire("GET", f"{BASE}?ids={'a,' * 250}"))
    assert (many.status_code, many.json()) == (422, {"errors": ["ids must be at most 250"]})


def test_by_times_as_they_are_shown(tenant: Tenant) -> None:
    tenant.create(number="N-1", placed_at="2026-01-31T11:59:59.999Z")
    tenant.create(number="N-2", placed_at="2026-01-31T12:00:00.500Z")
    tenant.create(number="N-3", placed_at="2026-01-31T13:00:01+01:00")
    tenant.create(number="N-4", placed_at="2026-01-31T12:00:00Z", state="draft")
    noon = "2026-01-31T12:00:00Z"
    assert numbers(listed(tenant, placed_at_min=noon)) == ["N-3", "N-2"]
    assert numbers(listed(tenant, placed_at_max=noon)) == ["N-2", "N-1"]
    assert numbers(listed(tenant, placed_at_min=noon, placed_at_max=noon)) == ["N-2"]
    assert numbers(listed(tenant, placed_at_min="2026-01-31T13:00:00.501+01:00")) == ["N-3"]
    assert numbers(listed(tenant, placed_at_min="2026-01-31T12:00:00.4999Z")) == ["N-3", "N-2"]
    assert numbers(listed(tenant, placed_at_max="2026-01-31T12:00:00.4999Z")) == ["N-1"]
    assert listed(tenant, placed_at_min=noon, status="opened") == []
    [draft] = listed(tenant, status="opened")
    assert draft["placed_at"] is None


@pytest.mark.parametrize("name", ["created_at", "updated_at"])
def test_a_shown_time_finds_its_order(tenant: Tenant, name: str) -> None:
    order = tenant.send(Wire("GET", f"{BASE}/{tenant.create()['id']}")).json()["order"]
    at = order[name]
    for asked in ({f"{name}_min": at}, {f"{name}_max": at}, {f"{name}_min": at, f"{name}_max": at}):
        assert numbers(listed(tenant, **asked)) == [order["number"]]
        assert counted(tenant, **asked) == 1
    for asked in ({f"{name}_max": "2016-01-18T23:41:00Z"}, {f"{name}_min": "9999-12-31T23:59:59.999999Z"}):
        assert listed(tenant, **asked) == []
        assert counted(tenant, **asked) == 0
    for early in ("0001-01-01T00:00:00Z", "0999-12-31T23:59:59Z"):
        assert counted(tenant, **{f"{name}_min": early}) == 1
        assert counted(tenant, **{f"{name}_max": early}) == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2016-01-18",
        "2016-01-18T23:41:00",
        "2016-13-18T23:41:00Z",
        "1453160460",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_what_is_no_time(tenant: Tenant, text: str) -> None:
    for path in (BASE, f"{BASE}/count", f"{BASE}/{tenant.create()['id']}/fulfillments"):
        answer = tenant.send(Wire("GET", f"{path}?{urlencode({'updated_at_max': text})}"))
        assert answer.status_code == 422
        assert answer.json() == {"errors": ["updated_at_max must be a time such as 2016-01-18T23:41:00Z"]}


def test_another_stores_orders_are_in_no_list(tenant: Tenant) -> None:
    other = Tenant.add(tenant.server)
    order = other.create(keys={"shopline": "633130-00000001"})
    assert listed(tenant) == listed(tenant, ids=f"633130-00000001,{order['id']}") == []
    assert counted(tenant) == 0
