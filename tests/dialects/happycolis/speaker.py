"""HappyColis' words for what everybody may want of an order."""

from collections.abc import Mapping
from typing import Any

import httpx

from app.core.ledger import Ledger
from tests.dialects.graphql_reading import everything
from tests.dialects.intents import Outcome, Seen, Speaker
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant


class HappyColis(Speaker):
    """It cancels what is left of an order, for no reason, and ships nothing: locations do."""

    name = "happycolis"
    inside = ("data", "order")
    says_why = False

    def outcome(self, tenant: Tenant, answer: httpx.Response) -> tuple[Outcome, str]:
        """The answer of a cancellation is PENDING in any case: what became of it is another question."""
        told = answer.json()
        if "errors" in told:
            return Outcome.REFUSED, ""
        [value] = told["data"].values()
        if value.get("type") != "CANCEL":
            return Outcome.DONE, ""
        if value["state"] == "PENDING":
            document = "query ($id: String!) { dispatchableRequest(id: $id) { state } }"
            value = {**value, **tenant.send(self._ask(document, value["id"])).json()["data"]["dispatchableRequest"]}
        states = {"PENDING": Outcome.WAITS, "ACCEPTED": Outcome.DONE, "REJECTED": Outcome.REFUSED}
        return states[value["state"]], value["id"]

    def read(self, order: Mapping[str, Any]) -> Wire:
        document = "query ($id: String) { order(id: $id) { id state lines { sku quantity status } } }"
        return self._ask(document, order["id"])

    def see(self, body: Any) -> Seen:
        order = body["data"]["order"]
        alive = {line["sku"]: line["quantity"] * (line["status"] != "CANCELED") for line in order["lines"]}
        return Seen(alive, order["state"] == "COMPLETED" and not any(alive.values()))

    def cancel_part(self, order: Mapping[str, Any], body: Any, line: int, units: int, reason: str) -> None:
        return None

    def cancel_rest(self, order: Mapping[str, Any], body: Any, reason: str | None) -> Wire:
        return self._ask("mutation ($id: String!) { orderCancel(id: $id) { id type state } }", order["id"])

    def cancel_whole(self, order: Mapping[str, Any], reason: str) -> None:
        return None

    def ship(self, order: Mapping[str, Any], line: int, units: int) -> None:
        return None

    def _ask(self, document: str, id_: str) -> Wire:
        return Wire("POST", "/happycolis/graphql", {"query": document, "variables": {"id": id_}})

    def show(self, order_id: str) -> Wire:
        return everything(self.name, order_id)

    def agrees(self, ledger: Ledger, order: Any, seen: Any) -> None:
        alive = {line["sku"]: line["quantity"] * (line["status"] != "CANCELED") for line in seen["lines"]}
        assert alive == {line["sku"]: line["quantity"] - line["cancelled"] for line in order["lines"]}
        assert (seen["state"] == "COMPLETED") == (order["state"] == "completed")
        shipped = {line["sku"]: line["fulfilledQuantity"] for line in seen["lines"]}
        assert shipped == {line["sku"]: line["fulfilled"] for line in order["lines"]}


SPEAKER = HappyColis()
