"""What somebody may want of an order, in each dialect's words, and what each dialect then shows of it.

A line is named by its place, from 0, with a sku of its own. No test and no fixture is here.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import uuid4

import httpx

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

SKUS = ("MUG-RED", "TEA-GREEN", "TRAY-OAK")
QUANTITIES = (5, 2, 1)


@dataclass(frozen=True)
class Seen:
    """`alive` is how much of each sku is not cancelled; `over` whether the order reads as cancelled."""

    alive: Mapping[str, int]
    over: bool


class Outcome(StrEnum):
    DONE = "done"
    WAITS = "waits"
    REFUSED = "refused"


class Speaker(ABC):
    """`None` where the dialect has no words for it."""

    name: str
    says_why: bool = True
    """Whether a cancellation has a reason."""

    def outcome(self, tenant: Tenant, answer: httpx.Response) -> tuple[Outcome, str]:
        """Of anything that was asked for, with the id of the request that waits for a warehouse."""
        if answer.status_code == 202:
            return Outcome.WAITS, answer.headers["Location"].rpartition("/")[2]
        return (Outcome.DONE if answer.is_success else Outcome.REFUSED), ""

    def go_on(self, tenant: Tenant, order: Mapping[str, Any]) -> None:
        """What is left to do for whoever cancelled, once the warehouse has answered."""
        return

    @abstractmethod
    def read(self, order: Mapping[str, Any]) -> Wire: ...

    @abstractmethod
    def see(self, body: Any) -> Seen: ...

    @abstractmethod
    def cancel_part(self, order: Mapping[str, Any], body: Any, line: int, units: int, reason: str) -> Wire | None:
        """`body` is what `read` was answered."""

    @abstractmethod
    def cancel_rest(self, order: Mapping[str, Any], body: Any, reason: str | None) -> Wire: ...

    @abstractmethod
    def cancel_whole(self, order: Mapping[str, Any], reason: str) -> Wire | None:
        """Refused once something was shipped."""

    @abstractmethod
    def ship(self, order: Mapping[str, Any], line: int, units: int) -> Wire | None: ...


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


class Shopline(Speaker):
    """It cancels orders only, and of one that was partly shipped what is left."""

    name = "shopline"

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


class Afosto(Speaker):
    """It names single items, so how many of a line go is no question to it; its reasons are tokens. All the steps go
    in one document: ids of contra items are the client's."""

    name = "afosto"
    says_why = False
    _PATH = "/afosto/graphql"
    _TOLD = "order { id actions { action items } }"

    def outcome(self, tenant: Tenant, answer: httpx.Response) -> tuple[Outcome, str]:
        """Begun and not approved: a warehouse has to agree first."""
        told = answer.json()
        if "errors" not in told:
            return Outcome.DONE, ""
        if not (told.get("data") or {}).get("begin"):
            return Outcome.REFUSED, ""
        cases = tenant.api("GET", f"/orders/{told['data']['begin']['order']['id']}")["cases"]
        return Outcome.WAITS, str(cases[-1]["id"])

    def go_on(self, tenant: Tenant, order: Mapping[str, Any]) -> None:
        body = tenant.send(self.read(order)).json()["data"]["order"]
        ids = [item for entry in body["actions"] for item in entry["items"]]
        if ids:
            document = (
                "mutation ($approve: ApproveOrderItemsInput!, $finish: FinishOrderItemsInput!)"
                " { approveOrderItems(input: $approve) { id } finishOrderItems(input: $finish) { id } }"
            )
            given = {"order_id": order["id"], "items": ids}
            assert "errors" not in tenant.send(self._ask(document, approve=given, finish=given)).json()

    def read(self, order: Mapping[str, Any]) -> Wire:
        details = "details { id contra_item_id is_cancelled inventory { is_deducted } }"
        document = (
            "query ($id: String!) { order(id: $id)"
            f" {{ id is_cancelled actions {{ items }} items {{ sku is_contra {details} }} }} }}"
        )
        return self._ask(document, id=order["id"])

    def see(self, body: Any) -> Seen:
        order = body["data"]["order"]
        alive = {
            row["sku"]: sum(not detail["is_cancelled"] for detail in row["details"])
            for row in order["items"]
            if not row["is_contra"]
        }
        return Seen(alive, order["is_cancelled"])

    def cancel_part(self, order: Mapping[str, Any], body: Any, line: int, units: int, reason: str) -> None:
        return None

    def cancel_rest(self, order: Mapping[str, Any], body: Any, reason: str | None) -> Wire:
        details = [
            detail for row in body["data"]["order"]["items"] if not row["is_contra"] for detail in row["details"]
        ]
        left = [x["id"] for x in details if not x["contra_item_id"] and not x["inventory"]["is_deducted"]]
        contras = [str(uuid4()) for _ in left]
        document = (
            "mutation ($begin: CancelOrderItemsInput!, $approve: ApproveOrderItemsInput!,"
            " $finish: FinishOrderItemsInput!)"
            f" {{ begin: cancelOrderItems(input: $begin) {{ {self._TOLD} }}"
            f" approve: approveOrderItems(input: $approve) {{ {self._TOLD} }}"
            f" finish: finishOrderItems(input: $finish) {{ {self._TOLD} }} }}"
        )
        items = [{"item_id": id_, "contra_item_id": contra} for id_, contra in zip(left, contras, strict=True)]
        later = {"order_id": order["id"], "items": contras}
        return self._ask(document, begin={**later, "items": items}, approve=later, finish=later)

    def cancel_whole(self, order: Mapping[str, Any], reason: str) -> None:
        return None

    def ship(self, order: Mapping[str, Any], line: int, units: int) -> None:
        return None

    def _ask(self, document: str, **variables: Any) -> Wire:
        return Wire("POST", self._PATH, {"query": document, "variables": variables})


class HappyColis(Speaker):
    """It cancels what is left of an order, for no reason, and ships nothing: locations do."""

    name = "happycolis"
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


SPEAKERS: Mapping[str, Speaker] = {
    speaker.name: speaker for speaker in (Afosto(), Convictional(), HappyColis(), Native(), Shopline())
}


def lines() -> list[dict[str, Any]]:
    """Of an order to talk about."""
    return [
        {"sku": sku, "quantity": quantity, "unit_price": 333 * (n + 1), "tax_rate": 0.21}
        for n, (sku, quantity) in enumerate(zip(SKUS, QUANTITIES, strict=True))
    ]
