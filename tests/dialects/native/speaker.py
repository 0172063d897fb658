"""The native API's words for what everybody may want of an order."""

from collections.abc import Mapping
from typing import Any

from tests.dialects.intents import Seen, Speaker
from tests.dialects.server import Wire


class Native(Speaker):
    name = "native"

    def read(self, order: Mapping[str, Any]) -> Wire:
        return Wire("GET", f"/api/orders/{order['id']}")

    def see(self, body: Any) -> Seen:
        return Seen({line["sku"]: line["quantity"] - line["cancelled"] for line in body["lines"]}, body["cancelled"])

    def cancel_part(self, order: Mapping[str, Any], body: Any, line: int, units: int, reason: str) -> Wire:
        lines = [{"line_id": order["lines"][line]["id"], "quantity": units}]
        return self._cancel(order, lines=lines, reason=reason)

    def cancel_rest(self, order: Mapping[str, Any], body: Any, reason: str | None) -> Wire:
        return self._cancel(order, unfulfilled_only=True, reason=reason)

    def cancel_whole(self, order: Mapping[str, Any], reason: str) -> Wire:
        return self._cancel(order, reason=reason)

    def ship(self, order: Mapping[str, Any], line: int, units: int) -> Wire:
        lines = [{"line_id": order["lines"][line]["id"], "quantity": units}]
        return Wire("POST", f"/api/orders/{order['id']}/fulfillments", {"lines": lines})

    def _cancel(self, order: Mapping[str, Any], **body: Any) -> Wire:
        return Wire("POST", f"/api/orders/{order['id']}/cancellations", body)


SPEAKER = Native()
