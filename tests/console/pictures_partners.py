"""What the pictures of the desk, of partners and of health show: partners at work. No test is here."""

import asyncio
import itertools
import time
from types import SimpleNamespace
from typing import Any

import httpx

from app.console import figures

_QUICK = 0.04
"""Seconds that stand for ten, so that an hour of traffic is there in a quarter of a minute."""
_PATHS = (
    "/api/orders?limit=2",
    "/shopline/orders/SP-9001",
    "/convictional/orders",
    "/api/orders/nobody",
    "/shopline/orders/0",
)
_GOODS = (("MUG-RED", "Red mug", 1250), ("TEA-GREEN", "Green tea", 800), ("CUP-BLUE", "Blue cup", 450))


class _Clock:
    """Ten seconds go by from look to look; an hour of them ends about now."""

    def __init__(self) -> None:
        self._began = time.time()
        self.looks = 0

    def monotonic(self) -> float:
        self.looks += 1
        return float(self.looks * figures.STEP)

    def time(self) -> float:
        return self._began + (self.looks - figures.KEPT) * figures.STEP


class Partners:
    """The native API with the demo's key."""

    def __init__(self, base: str, key: str, receiver: str) -> None:
        self.base = base.removesuffix("/console")
        self._receiver = receiver
        self._client = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=20)
        self._key = key

    def api(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(method, f"{self.base}/api{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def fill(self) -> None:
        policy = {"warehouse_deadline": 5400, "mail_from": "Mugs & Co <shop@example.com>"}
        self.api("PATCH", "/tenant", {"policy": policy})
        buyer = {"name": "Teahouse", "party": "buyer", "dialects": ["convictional"]}
        self.api("POST", "/credentials", {**buyer, "scopes": ["read_orders", "write_orders"]})
        dock = {"name": "Dock 4", "party": "warehouse", "scopes": ["read_orders", "fulfil_orders"]}
        self.api("POST", "/credentials", {**dock, "expires_at": "2030-01-31T18:00:00Z"})
        old = self.api("POST", "/credentials", {"name": "Intern", "scopes": ["read_orders"]})
        self.api("DELETE", f"/credentials/{old['id']}")
        self.api("POST", "/webhooks", {"url": f"{self._receiver}/orders"})
        topics = ["cancellation.requested", "cancellation.accepted", "cancellation.rejected"]
        self.api("POST", "/webhooks", {"url": f"{self._receiver}/old", "topics": topics})
        for n, (reason, lines) in enumerate((("Ordered twice", 2), ("Too late for the party", 1))):
            self._asked(f"SP-{9001 + n}", reason, _GOODS[n : n + lines])

    def _asked(self, number: str, reason: str, goods: Any) -> None:
        order = self.api(
            "POST",
            "/orders",
            {
                "number": number,
                "currency": "EUR",
                "keys": {"shopline": number},
                "customer": {"name": "Grace Murray", "email": "grace@example.com"},
                "lines": [
                    {"sku": sku, "title": title, "quantity": 2, "unit_price": price} for sku, title, price in goods
                ],
            },
        )
        (place,) = [each for each in self.api("GET", "/locations")["locations"] if each["name"] == "Rotterdam"]
        self.api("POST", f"/orders/{order['id']}/allocations", {"location_id": place["id"], "stage": "picking"})
        self._client.post(f"{self.base}/shopline/orders/{number}/cancel", json={"reason": reason})

    def an_hour(self, clock: _Clock) -> None:
        """Of traffic, uneven as it is."""
        for n in itertools.count():
            if clock.looks > figures.KEPT:
                return
            path = _PATHS[(n * n + n // 90) % len(_PATHS)]
            headers = {"Authorization": self._key} if path.startswith("/convictional") else {}
            self._client.get(self.base + path, headers=headers)
            time.sleep(0.004 * (n // 60 % 4))


def hurry() -> _Clock:
    """From now on the server's looks are those of ten seconds each, and come much sooner."""
    clock = _Clock()
    figures.time = clock  # type: ignore[assignment, attr-defined]
    figures.asyncio = SimpleNamespace(  # type: ignore[assignment, attr-defined]
        sleep=lambda _: asyncio.sleep(_QUICK if clock.looks <= figures.KEPT else 3600), to_thread=asyncio.to_thread
    )
    return clock
