"""What is in the database, written and read past the command: no process to start. No test and no fixture is here."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

from app import demo
from app.core.model import Order
from app.core.policy import Policy
from app.core.ports import Query, Store, Tenant
from app.service.access import Keys
from app.service.clock import Clock
from app.settings import Settings
from app.store import open_store

_T = TypeVar("_T")


def new_tenant(database_url: str) -> str:
    """Its id."""
    id_ = uuid4().hex[:12]
    tenant = Tenant(id=id_, name=f"Acme {id_}", active=True, policy=Policy(), created_at=Clock().now())
    with_store(database_url, lambda store: store.add_tenant(tenant))
    return id_


def new_key(database_url: str, tenant_id: str) -> str:
    return with_store(database_url, lambda store: Keys(store, Clock()).add(tenant_id))[1]


def demo_orders(database_url: str) -> dict[str, str]:
    """Ids of the demo's orders, by what the demo says of them."""
    told = with_store(database_url, lambda store: demo.add(store, "http://127.0.0.1", None, Settings()))
    return {about: id_ for id_, about in re.findall(r"^  DEMO-\d+  (\S+)  (.+)$", told, re.MULTILINE)}


def orders(database_url: str, tenant_id: str) -> list[Order]:
    """The first of a tenant's orders, oldest first."""
    return with_store(database_url, lambda store: store.find(tenant_id, Query(limit=250)))


def count(database_url: str, tenant_id: str) -> int:
    return with_store(database_url, lambda store: store.count(tenant_id, Query()))


def with_store(database_url: str, work: Callable[[Store], Awaitable[_T]]) -> _T:
    async def run() -> _T:
        store = await open_store(database_url, pool_size=1)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())
