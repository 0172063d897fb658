"""Calls to paste into a shell, and those that walk the demo's orders step by step through the native API."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core import model


def curl(method: str, url: str, headers: Mapping[str, str], body: Any = None) -> str:
    parts = ["curl", "-s", "-X", method, url]
    for name, value in headers.items():
        parts += ["-H", f"{name}: {value}"]
    if body is not None:
        parts += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    return shlex.join(parts)


@dataclass(frozen=True, slots=True)
class Walks:
    """Orders to cancel, to return, and with a return half way; `shelf` is the location where goods go."""

    cancel: model.Order
    back: model.Order
    half: model.Order
    shelf: str

    def told(self, url: str, key: str) -> str:
        text = "\nStep by step, through the native API (an answer names the adjustments for the next step):\n"
        for about, order, name, body in self._calls():
            call = curl("POST", f"{url}/api/orders/{order.id}/{name}", {"Authorization": f"Bearer {key}"}, body)
            text += f"\n# {about}\n{call}\n"
        stock = curl("GET", f"{url}/api/stock?location_id={self.shelf}", {"Authorization": f"Bearer {key}"})
        return f"{text}\n# see what is in stock\n{stock}\n"

    def _calls(self) -> list[tuple[str, model.Order, str, Any]]:
        mug = self.back.lines[0]
        bundle = next(line for line in self.back.lines if line.type is model.LineType.ASSEMBLE_BUNDLE)
        parts = [{"line_id": line.id} for line in self.back.lines if line.parent_id == bundle.id]
        half = [adjustment.id for adjustment in self.half.adjustments]
        return [
            (
                "begin to cancel one mug",
                self.cancel,
                "cancellations",
                {"lines": [{"line_id": self.cancel.lines[0].id, "quantity": 1}], "stepwise": True},
            ),
            (
                "begin to return a mug and the set with its parts",
                self.back,
                "returns",
                {
                    "lines": [{"line_id": mug.id, "quantity": 1}, {"line_id": bundle.id}, *parts],
                    "reason_code": "UNWANTED",
                },
            ),
            ("approve the mug that is here", self.half, "approve", {"adjustments": half}),
            ("put it back in stock", self.half, "restock", {"adjustments": half, "location_id": self.shelf}),
            ("finish its return", self.half, "finish", {"adjustments": half}),
            ("tell the customer", self.half, "mail", {"kind": "return", "adjustments": half}),
        ]
