"""Shopline Admin's words for what everybody may want of an order."""

from collections.abc import Mapping
from typing import Any

from app.core.ledger import Ledger
from tests.dialects.intents import Seen, Speaker
from tests.dialects.server import Wire


class ShoplineAdmin(Speaker):
    """It cancels what is left of an order; it has no words for a part of it, and none for a shipment."""

    name = "shopline_admin"

    def read(self, order: Mapping[str, Any]) -> Wire:
        return Wire("GET", f"/shopline-admin/orders/{order['id']}")

    def see(self, body: Any) -> Seen:
        alive = {line["sku"]: line["quantity"] - line["cancelled"] for line in body["lines"]}
        return Seen(alive, body["status"] == "cancelled")

    def cancel_part(self, order: Mapping[str, Any], body: Any, line: int, units: int, reason: str) -> None:
        return None

    def cancel_rest(self, order: Mapping[str, Any], body: Any, reason: str | None) -> Wire:
        return Wire("POST", f"/shopline-admin/orders/{order['id']}/cancel", {"reason": reason})

    def cancel_whole(self, order: Mapping[str, Any], reason: str) -> None:
        return None

    def ship(self, order: Mapping[str, Any], line: int, units: int) -> None:
        return None

    def agrees(self, ledger: Ledger, order: Any, seen: Any) -> None:
        assert (seen["status"] == "cancelled") == ledger.cancelled
        assert [line["cancelled"] for line in seen["lines"]] == [line["cancelled"] for line in order["lines"]]


SPEAKER = ShoplineAdmin()
