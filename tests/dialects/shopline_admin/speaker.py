"""SHOPLINE's words for what everybody may want of an order."""

from collections.abc import Mapping
from typing import Any

from app.core.ledger import Ledger
from tests.dialects.intents import Seen, Speaker
from tests.dialects.server import Wire

_PATH = "/shopline-admin/admin/openapi/v20260901/orders"


class ShoplineAdmin(Speaker):
    """It cancels orders only, and none of which anything was shipped. What stands of a line is what was shipped of it,
    and what may still be."""

    name = "shopline_admin"
    inside = ("order",)
    rest = False

    def read(self, order: Mapping[str, Any]) -> Wire:
        return Wire("GET", f"{_PATH}/{order['id']}.json")

    def see(self, body: Any) -> Seen:
        order = body["order"]
        alive = {line["sku"]: _standing(order, line) for line in order["line_items"]}
        return Seen(alive, order["status"] == "canceled")

    def cancel_part(self, order: Mapping[str, Any], body: Any, line: int, units: int, reason: str) -> None:
        return None

    def cancel_rest(self, order: Mapping[str, Any], body: Any, reason: str | None) -> Wire:
        return Wire("POST", f"{_PATH}/{order['id']}/cancel.json", {"cancel_reason": reason})

    def cancel_whole(self, order: Mapping[str, Any], reason: str) -> Wire:
        return self.cancel_rest(order, None, reason)

    def ship(self, order: Mapping[str, Any], line: int, units: int) -> Wire:
        items = [{"id": order["lines"][line]["id"], "quantity": units}]
        return Wire("POST", f"{_PATH}/{order['id']}/fulfillments.json", {"fulfillment": {"line_items": items}})

    def agrees(self, ledger: Ledger, order: Any, seen: Any) -> None:
        assert (seen["status"] == "canceled") == ledger.cancelled
        assert seen["hidden_order"] == (ledger.order.archived_at is not None)
        for shown, line in zip(seen["line_items"], order["lines"], strict=True):
            assert shown["quantity"] == line["quantity"]
            assert _standing(seen, shown) == line["quantity"] - line["cancelled"]
            assert shown["fulfillable_quantity"] == line["open"] + line["pending"]
        refunded = sum(_cents(moved["amount"]) for refund in seen["refunds"] for moved in refund["transactions"])
        assert refunded == order["refunded"]
        assert _cents(seen["current_total_price"]) == order["total"]


SPEAKER = ShoplineAdmin()


def _standing(order: Any, line: Any) -> int:
    shipped = [
        int(item["quantity"])
        for parcel in order["fulfillments"]
        for item in parcel["line_items"]
        if parcel["status"] == "success" and item["id"] == line["id"]
    ]
    return int(line["fulfillable_quantity"]) + sum(shipped)


def _cents(text: str) -> int:
    return int(text.replace(".", ""))
