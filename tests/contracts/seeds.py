"""Real ids in every interesting state, so that generated requests reach what lies behind a path.

`fuzz.json` among a dialect's tests says which of them a parameter or field of the dialect wants, by the names here.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any

from app.web.dialect import discover
from tests.dialects.tenants import Tenant

_numbers = count(1)
_OPEN = 12


class Seeds:
    """`values` has a list of ids for each name; `<dialect>_order`, `<dialect>_line`: keys of that dialect."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.values: dict[str, list[str]] = {}
        self._location = tenant.api("POST", "/locations", {"name": "R", "connector": {"kind": "manual"}})["id"]
        self._add("location", self._location)
        for _ in range(_OPEN):
            self.order()
        self._shipped(self.order())
        self._returned(self.order(fees=[{"kind": "shipping", "amount": 595}]))
        self._stepwise(self.order(fees=[{"kind": "shipping", "amount": 595}]))
        self._cancelled(self.order())
        self._waiting(self.order())
        self._waiting(self.order())
        draft = self.order(state="draft")
        self._add("draft", draft["id"])
        self._add("credential", tenant.add_key().split(".")[1])
        self._add("sku", "MUG-RED")
        for dialect in discover():
            if dialect.hooks is not None:
                self._webhook(dialect.name)

    def order(self, **more: Any) -> Any:
        """An open order that every dialect has an id of its own for, and so has its first line."""
        n = next(_numbers)
        keys = {dialect.name: f"{n:024x}" for dialect in discover()}
        line_keys = {dialect.name: f"{n + (1 << 80):024x}" for dialect in discover()}
        lines = [
            {"sku": "MUG-RED", "quantity": 5, "unit_price": 1250, "tax_rate": 0.21, "keys": line_keys},
            {"sku": "TEA-GREEN", "quantity": 2, "unit_price": 800, "tax_rate": 0.09},
        ]
        order = self.tenant.create(keys=keys, lines=lines, payment={"status": "paid"}, **more)
        self._add("order", order["id"])
        self._add("number", order["number"])
        for line in order["lines"]:
            self._add("line", line["id"])
        for fee in order["fees"]:
            self._add("fee", fee["id"])
        for name, key in keys.items():
            self._add(f"{name}_order", key)
        for name, key in line_keys.items():
            self._add(f"{name}_line", key)
        return order

    def _shipped(self, order: Mapping[str, Any]) -> None:
        line = {"line_id": order["lines"][0]["id"], "quantity": 2}
        body = {"lines": [line], "carrier": "DHL", "tracking_code": "JD1"}
        self._add("fulfillment", self.tenant.api("POST", f"/orders/{order['id']}/fulfillments", body)["id"])

    def _returned(self, order: Mapping[str, Any]) -> None:
        """One line announced, the other here already."""
        self.tenant.api("POST", f"/orders/{order['id']}/fulfillments", {})
        for line, received in zip(order["lines"], (False, True), strict=True):
            body = {"lines": [{"line_id": line["id"]}], "received": received}
            self._asked(self.tenant.api("POST", f"/orders/{order['id']}/returns", body)["request"])

    def _stepwise(self, order: Mapping[str, Any]) -> None:
        """One line to be approved, the other approved."""
        done = self.tenant.api("POST", f"/orders/{order['id']}/cancellations", {"stepwise": True})
        self._asked(done["request"])
        approved = [done["request"]["adjustments"][1]["id"]]
        self.tenant.api("POST", f"/orders/{order['id']}/approve", {"adjustments": approved})

    def _asked(self, request: Mapping[str, Any]) -> None:
        self._add("request", request["id"])
        for adjustment in request["adjustments"]:
            self._add("adjustment", adjustment["id"])

    def _cancelled(self, order: Mapping[str, Any]) -> None:
        done = self.tenant.api("POST", f"/orders/{order['id']}/cancellations", {"reason": "late"})
        self._add("request", done["request"]["id"])

    def _waiting(self, order: Mapping[str, Any]) -> None:
        body = {"location_id": self._location, "stage": "picking"}
        self._add("allocation", self.tenant.api("POST", f"/orders/{order['id']}/allocations", body)["id"])
        done = self.tenant.api("POST", f"/orders/{order['id']}/cancellations", {"reason": "late"})
        self._add("request", done["request"]["id"])

    def _webhook(self, dialect: str) -> None:
        """One to a host that no name server knows."""
        made = self.tenant.api("POST", "/webhooks", {"url": f"https://{dialect}.invalid/hook", "dialect": dialect})
        self._add("webhook", made["id"])
        self._add(f"{dialect}_webhook", made["id"])
        if dialect == "native":
            self._add("delivery", self.tenant.api("POST", f"/webhooks/{made['id']}/test")["id"])

    def _add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)
