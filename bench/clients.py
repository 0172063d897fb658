"""What clients of each dialect send, about the order of a number."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from zlib import crc32

from app.core.ids import child
from bench.data import Loaded, cancel_request, order_id, read_request

Ask = Callable[[int], dict[str, Any]]


class Client:
    """Requests about the order of a number, all under a key of their own to retry with. Afosto's are about two items
    of its first line, as the guides write them: variables, and the actions are read with each answer."""

    def __init__(self, loaded: Loaded, lines: int, quantity: int, location: str = "") -> None:
        self._loaded = loaded
        self._lines = lines
        self._quantity = quantity
        self._location = location

    def cancel(self, n: int) -> dict[str, Any]:
        return self._mutation(n, "cancelOrderItems", items=self._begun(n, (1, 2), "OUT_OF_STOCK"))

    def announce(self, n: int) -> dict[str, Any]:
        return self._mutation(n, "returnOrderItems", items=self._begun(n, (3, 4), "DAMAGED"))

    def receive(self, n: int) -> dict[str, Any]:
        return self._mutation(n, "receiveOrderItems", items=[{"item_id": contra(n, unit)} for unit in (3, 4)])

    def approve(self, n: int, units: Sequence[int] = (1, 2)) -> dict[str, Any]:
        return self._mutation(n, "approveOrderItems", items=[contra(n, unit) for unit in units])

    def credit(self, n: int) -> dict[str, Any]:
        fees = [{"fee_id": child(order_id(n), self._lines + 1), "amount": 295}]
        return self._mutation(n, "addContraFeesToOrderItems", item_ids=[contra(n, unit) for unit in (1, 2)], fees=fees)

    def restock(self, n: int) -> dict[str, Any]:
        items = [{"item_id": contra(n, unit), "location_id": self._location} for unit in (1, 2)]
        return self._mutation(n, "restockOrderItems", items=items)

    def finish(self, n: int, units: Sequence[int] = (1, 2)) -> dict[str, Any]:
        return self._mutation(n, "finishOrderItems", items=[contra(n, unit) for unit in units])

    def mail(self, n: int, units: Sequence[int] = (1, 2), name: str = "sendCancellationEmail") -> dict[str, Any]:
        return self._mutation(n, name, item_ids=[contra(n, unit) for unit in units])

    def ship(self, n: int) -> dict[str, Any]:
        return self._request(n, f"/api/orders/{order_id(n)}/fulfillments", {})

    def native(self, n: int) -> dict[str, Any]:
        return cancel_request(self._loaded, n)

    def shopline(self, n: int) -> dict[str, Any]:
        return self._request(n, f"/shopline/orders/{order_id(n)}/cancel", {"reason": "Sold out"})

    def convictional(self, n: int) -> dict[str, Any]:
        path = f"/convictional/orders/{order_id(n)}/items/{child(order_id(n), 1)}/cancel"
        return self._request(n, path, {"newQuantity": self._quantity - 2, "reason": "Sold out"})

    def happycolis(self, n: int) -> dict[str, Any]:
        document = "mutation Cancel($id: String!) { orderCancel(id: $id) { id type state message } }"
        body = {"query": document, "variables": {"id": order_id(n)}}
        return self._request(n, "/happycolis/graphql", body)

    def operations(self) -> list[tuple[str, str, Ask, bool]]:
        """Dialect, operation, its request, and whether it needs orders of its own, which it changes."""
        whole = "query Read($id: String!) { order(id: $id) { id state lines { id sku quantity status } } }"
        items = "query Read($id: String!) { order(id: $id) { id total actions { action items } items { ids sku } } }"
        page = "query Page { orders(first: 50) { edges { node { id number total } } } }"
        return [
            ("native", "create", self.create, False),
            ("native", "read", lambda n: read_request(self._loaded, n), False),
            ("native", "list of 50", lambda n: self._get("/api/orders?limit=50"), False),
            ("native", "line cancel", self.native, True),
            ("native", "ship", self.ship, True),
            ("Convictional", "read", lambda n: self._get(f"/convictional/orders/{order_id(n)}"), False),
            ("Convictional", "list of 50", lambda n: self._get("/convictional/orders?limit=50"), False),
            ("Convictional", "line cancel", self.convictional, True),
            ("Shopline", "read", lambda n: self._get(f"/shopline/orders/{order_id(n)}"), False),
            ("Shopline", "list of 50", lambda n: self._get("/shopline/orders?limit=50"), False),
            ("Shopline", "cancel", self.shopline, True),
            ("HappyColis", "order", lambda n: self._query("happycolis", whole, id=order_id(n)), False),
            ("HappyColis", "orderCancel", self.happycolis, True),
            ("Afosto", "order", lambda n: self._query("afosto", items, id=order_id(n)), False),
            ("Afosto", "orders, 50", lambda n: self._query("afosto", page), False),
            ("Afosto", "cancelOrderItems", self.cancel, True),
        ]

    def create(self, n: int) -> dict[str, Any]:
        lines = [
            {"sku": f"SKU-{place}", "title": f"Thing number {place}", "quantity": 5, "unit_price": 1000 + place}
            for place in range(self._lines)
        ]
        body = {"currency": "EUR", "customer": {"name": "Ada Byron", "email": "ada@example.com"}, "lines": lines}
        return self._request(n, "/api/orders", body)

    def _get(self, path: str) -> dict[str, Any]:
        return {"method": "GET", "path": path, "headers": self._headers(), "body": None}

    def _query(self, dialect: str, document: str, **variables: Any) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        return {"method": "POST", "path": f"/{dialect}/graphql", "headers": self._headers(), "body": body}

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._loaded.key}"}

    def _begun(self, n: int, units: Iterable[int], reason: str) -> list[dict[str, str]]:
        line = child(order_id(n), 1)
        return [{"item_id": f"{line}.{unit}", "contra_item_id": contra(n, unit), "reason": reason} for unit in units]

    def _mutation(self, n: int, name: str, **given: Any) -> dict[str, Any]:
        title = name[0].upper() + name[1:]
        fees = name == "addContraFeesToOrderItems"
        told = "items { id }" if fees else "order { id actions { action items } }"
        document = f"mutation {title}($input: {title}Input!) {{ {name}(input: $input) {{ {told} }} }}"
        variables = {"input": given if fees else {"order_id": order_id(n), **given}}
        return self._request(n, "/afosto/graphql", {"query": document, "variables": variables})

    def _request(self, n: int, path: str, body: Any) -> dict[str, Any]:
        key = f"{order_id(n)}-{crc32(json.dumps(body).encode()):x}"
        headers = {**self._headers(), "Idempotency-Key": key}
        return {"method": "POST", "path": path, "headers": headers, "body": body}


def contra(n: int, unit: int) -> str:
    """The id that the client gives to a contra item."""
    return f"{n:08x}-0000-4000-8000-{unit:012x}"
