"""What has to be true of an order after anything: the ledger, the money, the stock, and what every dialect shows of it.
No test and no fixture is here."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from app.core import units as u
from app.core.finding import Ref
from app.core.ledger import Ledger, imbalances
from tests.dialects.faces import read_all
from tests.dialects.telling import adjustments
from tests.dialects.tenants import Tenant

_SETTLED = {"approved", "restocked", "finished"}


def check(tenant: Tenant, order_id: str) -> Any:
    """Of one order, in every dialect. The order as the native API shows it."""
    ledger = stored(tenant, order_id)
    assert list(imbalances(ledger)) == []
    faces = read_all(tenant, order_id)
    order = faces["native"]
    _check_money(order, faces)
    _check_convictional(order, faces["convictional"])
    _check_happycolis(order, faces["happycolis"])
    _check_shopline(ledger, faces["shopline"])
    _check_afosto(order, faces["afosto"])
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


def _check_money(order: Any, faces: Any) -> None:
    credited = Counter[str]()
    for credit in order["fee_credits"]:
        credited[credit["fee_id"]] += credit["amount"]
    for fee in order["fees"]:
        assert credited[fee["id"]] == fee["credited"] <= max(0, fee["amount"])
    settled = sum(a["amount"] for a in adjustments(order) if a["step"] in _SETTLED)
    assert order["due"] == order["total"] - settled - sum(credited.values())
    refunded = sum(refund["amount"] for refund in order["refunds"])
    assert refunded == order["refunded"] <= order["paid"]
    assert faces["afosto"]["total"] == order["due"]
    assert round(100 * sum(refund["amount"] for refund in faces["convictional"]["refunds"])) == refunded
    assert _cents(faces["shopline"]["total_refund_price"]) == refunded
    assert _cents(faces["shopline"]["total_price"]) == order["total"]


def _cents(text: str) -> int:
    return int(text.replace(".", ""))


def _check_convictional(order: Any, seen: Any) -> None:
    standing = Counter[str]()
    for item in seen["items"]:
        standing[item["sellerVariantCode"]] += 0 if item["cancelled"] else item["quantity"]
    assert standing == {line["sku"]: line["quantity"] - line["cancelled"] for line in order["lines"]}
    assert seen["hasCancellations"] == any(line["cancelled"] for line in order["lines"])
    assert len(seen["fulfillments"]) == sum(each["state"] != "void" for each in order["fulfillments"])


def _check_happycolis(order: Any, seen: Any) -> None:
    alive = {line["sku"]: line["quantity"] * (line["status"] != "CANCELED") for line in seen["lines"]}
    assert alive == {line["sku"]: line["quantity"] - line["cancelled"] for line in order["lines"]}
    assert (seen["state"] == "COMPLETED") == (order["state"] == "completed")
    shipped = {line["sku"]: line["fulfilledQuantity"] for line in seen["lines"]}
    assert shipped == {line["sku"]: line["fulfilled"] for line in order["lines"]}


def _check_shopline(ledger: Ledger, seen: Any) -> None:
    for line, held in zip(seen["line_items"], ledger.positions.values(), strict=True):
        gone = u.union_all((held.cancelled, held.returned, held.refunded))
        assert line["refund_quantity"] == u.count(gone)
        assert line["quantity"] == held.line.quantity
    assert (seen["status"] == "cancelled") == ledger.cancelled
    assert (seen["status"] == "closed") == (ledger.order.archived_at is not None)


def _check_afosto(order: Any, seen: Any) -> None:
    sold = [row for row in seen["items"] if not row["is_contra"] and "RETURN" not in row["type"]]
    gone = [sum(detail["is_cancelled"] for detail in row["details"]) for row in sold]
    assert gone == [line["cancelled"] for line in order["lines"]]
    assert seen["is_cancelled"] == order["cancelled"]
    steps = Counter[str]()
    for entry in adjustments(order):
        steps[entry["step"]] += entry["quantity"]
    offered = {entry["action"]: len(entry["items"]) for entry in seen["actions"]}
    going = steps["approved"] + steps["received"]
    restock = going if order["track_inventory"] else 0
    wanted = {
        "HANDLE_APPROVAL": steps["awaiting_approval"],
        "HANDLE_RESTOCK": restock,
        "HANDLE_FINISH": steps["restocked"] + going - restock,
    }
    assert offered == {action: count for action, count in wanted.items() if count}
    assert ("CANCEL" in seen["processing"]) == bool(steps["requested"])
    over = order["state"] == "completed" and sum(steps.values()) == steps["finished"] + steps["rejected"]
    assert seen["status"] == ("CLOSED" if over else "OPEN")
