"""Calls to paste into a shell, and those that walk the demo's orders step by step: Afosto's guides, the native API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from app.core import model
from app.web.snippets import curl

_ACTIONS = "order { total actions { action items } }"
Step = tuple[str, str]
"""What a call is for, and the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walks:
    """Orders to cancel, to return, and with a return half way; `shelf` is the location where goods go."""

    url: str
    key: str
    cancel: model.Order
    back: model.Order
    half: model.Order
    shelf: str

    def told(self) -> str:
        return (
            _listed("Afosto's guide to cancel order items, step by step", self._cancelling())
            + _listed("Afosto's guide to return order items; order.actions says what is next", self._returning())
            + _listed("A return through the native API", self._native())
        )

    def _cancelling(self) -> Sequence[Step]:
        order_id, contra = self.cancel.id, str(uuid4())
        item = {"item_id": f"{self.cancel.lines[0].id}.1", "contra_item_id": contra, "reason": "OUT_OF_STOCK"}
        fees = {"item_ids": [contra], "fees": [{"fee_id": self.cancel.fees[0].id, "amount": 295}]}
        place = {"item_id": contra, "location_id": self.shelf}
        return [
            ("cancel a mug", self._afosto("cancelOrderItems", {"order_id": order_id, "items": [item]})),
            ("approve that", self._afosto("approveOrderItems", {"order_id": order_id, "items": [contra]})),
            (
                "credit part of the shipping fee with it",
                self._afosto("addContraFeesToOrderItems", fees, "items { id fees { description total } }"),
            ),
            ("put the mug back in stock", self._afosto("restockOrderItems", {"order_id": order_id, "items": [place]})),
            ("finish", self._afosto("finishOrderItems", {"order_id": order_id, "items": [contra]})),
            ("send the mail", self._afosto("sendCancellationEmail", {"order_id": order_id, "item_ids": [contra]})),
        ]

    def _returning(self) -> Sequence[Step]:
        mug = self.back.lines[0]
        bundle = next(line for line in self.back.lines if line.type is model.LineType.ASSEMBLE_BUNDLE)
        parts = [line for line in self.back.lines if line.parent_id == bundle.id]
        named = [f"{line.id}.{n}" for line in (bundle, *parts) for n in range(1, line.quantity + 1)]
        items = [
            {"item_id": item, "contra_item_id": str(uuid4()), "reason": "UNSUITABLE"}
            for item in (f"{mug.id}.1", *named)
        ]
        arrived = [{"item_id": item["contra_item_id"]} for item in items]
        order_id = self.back.id
        return [
            (
                "announce a mug, and the set with its parts",
                self._afosto("returnOrderItems", {"order_id": order_id, "items": items}),
            ),
            ("they are here", self._afosto("receiveOrderItems", {"order_id": order_id, "items": arrived})),
        ]

    def _native(self) -> Sequence[Step]:
        half = [adjustment.id for adjustment in self.half.adjustments]
        path, headers = f"{self.url}/api/orders/{self.half.id}", {"Authorization": f"Bearer {self.key}"}
        calls: list[tuple[str, str, dict[str, Any]]] = [
            ("approve the mug that came back", "approve", {}),
            ("put it back in stock, too", "restock", {"location_id": self.shelf}),
            ("finish its return", "finish", {}),
            ("tell the customer", "mail", {"kind": "return"}),
        ]
        steps = [
            (about, curl("POST", f"{path}/{name}", headers, {"adjustments": half, **body}))
            for about, name, body in calls
        ]
        stock = curl("GET", f"{self.url}/api/stock?location_id={self.shelf}", headers)
        return [*steps, ("see what is in stock", stock)]

    def _afosto(self, name: str, given: Mapping[str, Any], shown: str = _ACTIONS) -> str:
        taken = f"{name[0].upper()}{name[1:]}Input"
        query = f"mutation ($input: {taken}!) {{ {name}(input: $input) {{ {shown} }} }}"
        headers = {"Authorization": f"Bearer {self.key}"}
        return curl("POST", f"{self.url}/afosto/graphql", headers, {"query": query, "variables": {"input": given}})


def _listed(about: str, steps: Sequence[Step]) -> str:
    return f"\n{about}:\n" + "".join(f"\n# {purpose}\n{call}\n" for purpose, call in steps)
