"""Shopline's words for what everybody may want of an order."""

from collections.abc import Mapping
from typing import Any

from app.core import units as u
from app.core.ledger import Ledger
from tests.dialects.intents import Seen, Speaker
from tests.dialects.server import Wire


class Shopline(Speaker):
    """It cancels orders only, and of one that was partly shipped what is left."""

    name = "shopline"
    inside = ("order",)

    def read(self, order: Mapping[str, Any]) -> Wire:
        return Wire("GET", f"/shopline/orders/{order['id']}")

    def see(self, body: Any) -> Seen:
        lines = body["order"]["line_items"]
        alive = {line["sku"]: line["quantity"] - line["refund_quantity"] for line in lines}
        return Seen(alive, body["order"]["status"] == "cancelled")

    def cancel_part(self, order: Mapping[str, Any], body: Any, line: int, units: int, reason: str) -> None:
        return None

    def cancel_rest(self, order: Mapping[str, Any], body: Any, reason: str | None) -> Wire:
        return Wire("POST", f"/shopline/orders/{order['id']}/cancel", {"reason": reason})

    def cancel_whole(self, order: Mapping[str, Any], reason: str) -> None:
        return None

    def ship(self, order: Mapping[str, Any], line: int, units: int) -> Wire:
        items = [{"id": order["lines"][line]["id"], "ship_quantity": units}]
        return Wire("POST", f"/shopline/openapi/2022-01/orders/{order['id']}/fulfillments", {"line_items": items})

    def agrees(self, ledger: Ledger, order: Any, seen: Any) -> None:
        for line, held in zip(seen["line_items"], ledger.positions.values(), strict=True):
            gone = u.union_all((held.cancelled, held.returned, held.refunded))
            assert line["refund_quantity"] == u.count(gone)
            assert line["quantity"] == held.line.quantity
        assert (seen["status"] == "cancelled") == ledger.cancelled
        assert (seen["status"] == "closed") == (ledger.order.archived_at is not None)
        assert _cents(seen["total_refund_price"]) == order["refunded"]
        assert _cents(seen["total_price"]) == order["total"]


SPEAKER = Shopline()


def _cents(text: str) -> int:
    return int(text.replace(".", ""))
