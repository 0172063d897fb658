"""What has to be true of an order after anything: the ledger, the money, the stock, and what every dialect shows of it.
No test and no fixture is here."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from app.core.finding import Ref
from app.core.ledger import Ledger, imbalances
from tests.dialects.faces import read_all
from tests.dialects.speakers import SPEAKERS
from tests.dialects.telling import adjustments
from tests.dialects.tenants import Tenant

_SETTLED = {"approved", "restocked", "finished"}


def check(tenant: Tenant, order_id: str) -> Any:
    """Of one order, in every dialect. The order as the native API shows it."""
    ledger = stored(tenant, order_id)
    assert list(imbalances(ledger)) == []
    faces = read_all(tenant, order_id)
    order = faces["native"]
    _check_money(order)
    for name, speaker in SPEAKERS.items():
        speaker.agrees(ledger, order, faces[name])
    return order


def stored(tenant: Tenant, order_id: str) -> Ledger:
    found = tenant.server.run(tenant.server.store.load, tenant.id, Ref.to_order("native", order_id), None)
    return Ledger(found.order)


def check_stock(tenant: Tenant, orders: Iterable[Any]) -> None:
    """Nothing but these orders moved any: what was restocked of them is there, and no more."""
    expected = Counter[str]()
    for order in orders:
        skus = {line["id"]: line["sku"] for line in order["lines"]}
        for entry in adjustments(order):
            if any(step["step"] == "restocked" for step in entry["steps"]):
                assert order["track_inventory"]
                expected[skus.get(entry["line_id"], entry["sku"])] += entry["quantity"]
    levels = Counter[str]()
    for level in tenant.api("GET", "/stock")["levels"]:
        levels[level["sku"]] += level["level"]
    assert levels == expected


def _check_money(order: Any) -> None:
    credited = Counter[str]()
    for credit in order["fee_credits"]:
        credited[credit["fee_id"]] += credit["amount"]
    for fee in order["fees"]:
        assert credited[fee["id"]] == fee["credited"] <= max(0, fee["amount"])
    settled = sum(a["amount"] for a in adjustments(order) if a["step"] in _SETTLED)
    assert order["due"] == order["total"] - settled - sum(credited.values())
    refunded = sum(refund["amount"] for refund in order["refunds"])
    assert refunded == order["refunded"] <= order["paid"]
