"""The orders that are measured: 3 lines each unless told, with ids that any client can work out from a number."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from app.core import messages as m
from app.core import model
from app.core.policy import Policy
from app.core.ports import Tenant
from app.service.access import SCOPES, Caller, Keys
from app.service.clock import Clock
from app.service.importing import BATCH, Importer
from app.store import migrate, open_store

TENANT = "bench"
_PREFIX = "01a1fc59-0000-7000-8000-"


class Counting(Clock):
    """Ids of orders count up from 1, so that pgbench can name an order with arithmetic alone."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0

    def new_order_id(self, at: datetime) -> str:
        self._next += 1
        return order_id(self._next)


def order_id(n: int) -> str:
    return f"{_PREFIX}{n:07x}00000"


ORDER_ID_SQL = f"('{_PREFIX}' || lpad(to_hex(:n::int), 7, '0') || '00000')::uuid"
"""The same in pgbench's script, from its variable `n`."""


def command(lines: int = 3, quantity: int = 5) -> m.CreateOrder:
    return m.CreateOrder(
        currency="EUR",
        customer=model.Customer(name="Ada Byron", email="ada@example.com", phone="+31201234567"),
        shipping_address=model.Address(name="Ada Byron", address1="Keizersgracht 1", city="Amsterdam", zip="1015 CC"),
        lines=tuple(
            m.NewLine(sku=f"SKU-{n}", title=f"Thing number {n}", quantity=quantity, unit_price=1000 + n)
            for n in range(lines)
        ),
        fees=(m.NewFee(kind=model.FeeKind.SHIPPING, title="Parcel", amount=595),),
        payment=model.Payment(status=model.PaymentStatus.PAID, method="credit_card"),
    )


@dataclass(frozen=True)
class Loaded:
    url: str
    key: str
    orders: int


def load(url: str, orders: int) -> Loaded:
    return load_these(url, [command()] * orders)


def load_these(url: str, orders: Sequence[m.CreateOrder]) -> Loaded:
    """Numbered from 1 in their order."""
    migrate(url)
    return asyncio.run(_load(url, orders))


async def _load(url: str, orders: Sequence[m.CreateOrder]) -> Loaded:
    store, clock = await open_store(url), Counting()
    await store.add_tenant(Tenant(id=TENANT, name="Bench", active=True, policy=Policy(), created_at=clock.now()))
    credential, key = await Keys(store, clock).add(TENANT)
    caller = Caller(TENANT, credential.id, model.Party.SELLER, frozenset(SCOPES), None, None)
    importer = Importer(store, clock)
    for first in range(0, len(orders), BATCH):
        await importer.add(caller, "native", orders[first : first + BATCH])
    await store.close()
    return Loaded(url, key, len(orders))


async def settle(url: str) -> None:
    """What a PostgreSQL does by itself in the minutes after a bulk load, done before anything is measured."""
    connection = await asyncpg.connect(url)
    for text in ("VACUUM ANALYZE", "CHECKPOINT"):
        await connection.execute(text)
    await connection.close()


def cancel_request(loaded: Loaded, n: int) -> dict[str, Any]:
    """Cancel two of five units of the first line, under an idempotency key."""
    order = order_id(n)
    return {
        "method": "POST",
        "path": f"/api/orders/{order}/cancellations",
        "headers": {"Authorization": f"Bearer {loaded.key}", "Idempotency-Key": order},
        "body": {"lines": [{"line_id": order[:-1] + "1", "quantity": 2}], "reason": "Sold out"},
    }


def order_cancel_request(loaded: Loaded, n: int) -> dict[str, Any]:
    """HappyColis' mutation, which cancels the whole order, under an idempotency key."""
    order = order_id(n)
    document = "mutation Cancel($id: String!) { orderCancel(id: $id) { id type state message } }"
    return {
        "method": "POST",
        "path": "/happycolis/graphql",
        "headers": {"Authorization": f"Bearer {loaded.key}", "Idempotency-Key": order},
        "body": {"query": document, "variables": {"id": order}},
    }


def read_request(loaded: Loaded, n: int) -> dict[str, Any]:
    return {
        "method": "GET",
        "path": f"/api/orders/{order_id(n)}",
        "headers": {"Authorization": f"Bearer {loaded.key}"},
        "body": None,
    }
