"""Convictional's words for what everybody may want of an order."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from app.core.ledger import Ledger
from tests.dialects.intents import SKUS, Seen, Speaker
from tests.dialects.server import Wire


class Convictional(Speaker):
    """A line cancelled in part is a chain of items; its last one is what is left."""

    name = "convictional"

    def read(self, order: Mapping[str, Any]) -> Wire:
        return Wire("GET", f"/convictional/orders/{order['id']}")

    def see(self, body: Any) -> Seen:
        alive = {
            sku: sum(x["quantity"] for x in body["items"] if x["sellerVariantCode"] == sku and not x["cancelled"])
            for sku in {item["sellerVariantCode"] for item in body["items"]}
        }
        return Seen(alive, all(item["cancelled"] for item in body["items"]))

    def cancel_part(self, order: Mapping[str, Any], body: Any, line: int, units: int, reason: str) -> Wire:
        chain = [item for item in body["items"] if item["sellerVariantCode"] == SKUS[line]]
        last = next((item for item in chain if not item["cancelled"]), chain[-1])
        told = {"newQuantity": last["quantity"] - units, "reason": reason}
        return Wire("POST", f"/convictional/orders/{order['id']}/items/{last['_id']}/cancel", told)

    def cancel_rest(self, order: Mapping[str, Any], body: Any, reason: str | None) -> Wire:
        return self._cancel(order, unfulfilledOnly=True, reason=reason)

    def cancel_whole(self, order: Mapping[str, Any], reason: str) -> Wire:
        return self._cancel(order, reason=reason)

    def ship(self, order: Mapping[str, Any], line: int, units: int) -> Wire:
        items = [{"sku": SKUS[line], "quantity": units}]
        return Wire("POST", f"/convictional/orders/{order['id']}/fulfillments", {"items": items})

    def _cancel(self, order: Mapping[str, Any], **body: Any) -> Wire:
        return Wire("POST", f"/convictional/orders/{order['id']}/cancel", body)

    def agrees(self, ledger: Ledger, order: Any, seen: Any) -> None:
        standing = Counter[str]()
        for item in seen["items"]:
            standing[item["sellerVariantCode"]] += 0 if item["cancelled"] else item["quantity"]
        assert standing == {line["sku"]: line["quantity"] - line["cancelled"] for line in order["lines"]}
        assert seen["hasCancellations"] == any(line["cancelled"] for line in order["lines"])
        assert len(seen["fulfillments"]) == sum(each["state"] != "void" for each in order["fulfillments"])
        assert round(100 * sum(refund["amount"] for refund in seen["refunds"])) == order["refunded"]


SPEAKER = Convictional()
