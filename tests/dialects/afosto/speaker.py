"""Afosto's words for what everybody may want of an order."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

from app.core.ledger import Ledger
from tests.dialects.graphql_reading import everything
from tests.dialects.intents import Outcome, Seen, Speaker
from tests.dialects.server import Wire
from tests.dialects.telling import adjustments
from tests.dialects.tenants import Tenant


class Afosto(Speaker):
    """It names single items, so how many of a line go is no question to it; its reasons are tokens. All the steps go
    in one document: ids of contra items are the client's."""

    name = "afosto"
    inside = ("data", "order")
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

    def show(self, order_id: str) -> Wire:
        return everything(self.name, order_id)

    def agrees(self, ledger: Ledger, order: Any, seen: Any) -> None:
        assert seen["total"] == order["due"]
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


SPEAKER = Afosto()
